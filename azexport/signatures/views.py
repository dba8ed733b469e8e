"""The signing page and the three doors that its script knocks at. The key stays in the browser."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from asn1crypto import cms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition
from azexport.kernel.http import SIGNED_IN, audience, wants_json
from azexport.signatures import actions, pades, queries
from azexport.signatures.errors import Refused
from azexport.signatures.lifecycle import OPEN
from azexport.signatures.models import SigningRequest
from azexport.signatures.states import RequestStatus, Verdict

LARGEST_BODY = 32 * 1024
_PDF_POLICY = (
    "default-src 'self'; style-src 'unsafe-inline'; object-src 'self'; base-uri 'none'; frame-ancestors 'self'"
)


@audience(SIGNED_IN)
@require_safe
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """What is to be signed, by whom, its digest, and the key."""
    signing = queries.for_signer(reference, _actor(request))
    if signing.status == RequestStatus.COMPLETED:
        return HttpResponseRedirect(signing.return_url)
    now = timezone.now()
    over = signing.status in OPEN and now >= signing.expires_at
    takes = queries.takes_key_files(now)
    return render(
        request, "signatures/sign.html", {"signing": signing, **_state(signing), "over": over, "takes_key_files": takes}
    )


@audience(SIGNED_IN)
@require_safe
def document(request: HttpRequest, reference: str) -> HttpResponse:
    """The exact bytes that will be signed."""
    signing = queries.for_signer(reference, _actor(request))
    return _pdf(signing.content, f"{signing.reference}.pdf")


@audience(SIGNED_IN)
@require_safe
def covered(request: HttpRequest, reference: str) -> HttpResponse:
    """What the prepared signature covers: the browser recomputes the digest that it signs (threat 3)."""
    signing = queries.for_signer(reference, _actor(request))
    if signing.gap_start is None or signing.gap_end is None:
        raise IllegalTransition
    content = pades.covered(signing.prepared, signing.gap_start, signing.gap_end)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@audience(SIGNED_IN)
@require_POST
def certificate(request: HttpRequest, reference: str) -> JsonResponse:
    """{"certificate": base64 DER} -> what to sign."""
    actor = _actor(request)
    attributes = actions.prepare(reference, _body(request, "certificate"), by=actor, now=timezone.now())
    signing = queries.for_signer(reference, actor)
    return JsonResponse(
        {
            "signed_attributes": base64.b64encode(attributes).decode(),
            "digest": _message_digest(attributes),
            "covered_url": reverse("sign_covered", args=[signing.reference]),
        }
    )


@audience(SIGNED_IN)
@require_POST
def signature(request: HttpRequest, reference: str) -> JsonResponse:
    """{"signature": base64} -> accepted for completion."""
    signing = actions.submit_signature_value(
        reference, _body(request, "signature"), by=_actor(request), now=timezone.now()
    )
    return JsonResponse({"status": signing.status}, status=202)


@audience(SIGNED_IN)
@require_safe
def state(request: HttpRequest, reference: str) -> HttpResponse:
    """How far it is: JSON for the script, a fragment for htmx."""
    signing = queries.for_signer(reference, _actor(request))
    told = _state(signing)
    if wants_json(request):
        return JsonResponse(told)
    response = render(request, "signatures/state.html", {"signing": signing, **told})
    if told["location"]:
        response["HX-Redirect"] = told["location"]
    return response


@audience(SIGNED_IN)
@require_POST
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Not now."""
    signing = actions.cancel(reference, by=_actor(request), now=timezone.now())
    return HttpResponseRedirect(signing.return_url)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _state(signing: SigningRequest) -> dict[str, Any]:
    """{"status", "location": where to go once it is signed, "message": what went wrong}"""
    message = ""
    if signing.status == RequestStatus.FAILED:
        message = str(Verdict(signing.verdict or Verdict.INDETERMINATE).message)
    elif signing.status in (RequestStatus.EXPIRED, RequestStatus.CANCELLED):
        message = str(Verdict.STALE.message)
    done = signing.status == RequestStatus.COMPLETED
    return {"status": signing.status, "location": signing.return_url if done else None, "message": message}


def _body(request: HttpRequest, name: str) -> bytes:
    """The base64 value of that name in the JSON body.

    Raises:
        Refused: malformed.
    """
    if len(request.body) > LARGEST_BODY:
        raise Refused(Verdict.MALFORMED, "too large")
    try:
        return base64.b64decode(json.loads(request.body)[name], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise Refused(Verdict.MALFORMED, name) from error


def _message_digest(attributes: bytes) -> str:
    for attribute in cms.CMSAttributes.load(attributes):
        if attribute["type"].native == "message_digest":
            return bytes(attribute["values"][0].native).hex()
    raise Refused(Verdict.MALFORMED)


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = _PDF_POLICY
    return response
