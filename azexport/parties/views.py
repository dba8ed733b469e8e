"""Signing in and out, opening a cabinet, answering an invitation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from azexport.kernel.actor import Actor
from azexport.kernel.errors import AzexportError, Missing, OutsideFailure
from azexport.kernel.http import PUBLIC, SIGNED_IN, audience, caller_address, problem
from azexport.parties import actions, demo, queries, rows
from azexport.parties.candidates import Candidate
from azexport.parties.errors import BadToken
from azexport.parties.forms import ContactForm, ForeignPartnerForm
from azexport.parties.http import member_of
from azexport.parties.models import Mandate, Member
from azexport.parties.rules import register_violations
from azexport.parties.states import AT_A_BODY, Kind
from azexport.signatures import queries as signatures
from azexport.signatures import signin

NONCE, CANDIDATE, NEXT, INVITATION = "sign_in_nonce", "sign_in_candidate", "sign_in_next", "invitation"
NONCE_RENEWED_AFTER = timedelta(minutes=3)
CANDIDATE_LIFE = timedelta(minutes=30)
HOME, DESK = "/cabinet/", "/desk/"


def safe_next(value: object) -> str:
    """A path of this portal, else the cabinet: a link from elsewhere must not send the user off."""
    if isinstance(value, str) and value.startswith("/") and url_has_allowed_host_and_scheme(value, allowed_hosts=None):
        return value
    return HOME


# ---------------------------------------------------------------- signing in


@audience(PUBLIC)
@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page that opens a key in the browser and signs the nonce of this session."""
    goal = safe_next(request.GET.get("next"))
    if getattr(request, "actor", None) is not None:
        return HttpResponseRedirect(goal)
    nonce = _nonce(request, timezone.now())
    return render(request, "parties/sign_in.html", {
        "nonce": nonce,
        "token_url": reverse("sign_in_token"),
        "next": goal,
        "takes_key_files": signatures.takes_key_files(timezone.now()),
        "demo_people": demo.people(),
    })  # fmt: skip


def _nonce(request: HttpRequest, now: datetime) -> str:
    """The session's nonce: the same for several open tabs, a new one once it grows old."""
    kept = request.session.get(NONCE)
    if kept and datetime.fromisoformat(kept["at"]) > now - NONCE_RENEWED_AFTER:
        return str(kept["value"])
    return _new_nonce(request, now)


def _new_nonce(request: HttpRequest, now: datetime) -> str:
    nonce = signin.new_nonce()
    actions.issue_challenge(nonce=nonce, address=caller_address(request), now=now)
    request.session[NONCE] = {"value": nonce, "at": now.isoformat()}
    return nonce


@audience(PUBLIC)
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """The signed nonce. 200 `{"location"}`; else problem details, with a fresh `nonce` to try again with."""
    now = timezone.now()
    try:
        given = _token_of(request)
    except BadToken as refusal:
        return problem(refusal)  # whatever it says it accepts: a page would not be read
    nonce = (request.session.pop(NONCE, None) or {}).get("value")
    try:
        actions.use_challenge(nonce=nonce, address=caller_address(request), now=now)
        mandate, candidate = _admitted(given["token"], nonce=str(nonce), now=now)
    except AzexportError as refusal:
        return _refused(request, refusal, now)
    request.session.cycle_key()
    goal = safe_next(given.get("next"))
    if mandate is not None:
        return JsonResponse({"location": _enter(request, mandate, goal)})
    request.session[NEXT] = goal
    _keep(request, _with_register(candidate, now), now)
    return JsonResponse({"location": reverse("sign_in_confirm")})


def _token_of(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > 32_768:
        raise BadToken
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise BadToken from error
    if not isinstance(given, dict) or not isinstance(given.get("token"), dict):
        raise BadToken
    return given


def _admitted(given: dict[str, Any], *, nonce: str, now: datetime) -> tuple[Mandate | None, Candidate]:
    by: Actor = actions.ANONYMOUS
    try:
        identity = signin.verify_token(given, nonce=nonce, origin=settings.PORTAL_URL, now=now)
        candidate = Candidate.of(identity)
        by = candidate.as_actor()
        return actions.sign_in(candidate=candidate, now=now), candidate
    except AzexportError as refusal:
        actions.refuse_sign_in(nonce=nonce, reason=refusal.code, by=by, now=now)
        raise


def _refused(request: HttpRequest, refusal: AzexportError, now: datetime) -> HttpResponse:
    answer = problem(refusal)
    if refusal.status != 429:
        body = json.loads(answer.content) | {"nonce": _new_nonce(request, now)}
        answer.content = json.dumps(body).encode()
    return answer


def _with_register(candidate: Candidate, now: datetime) -> Candidate:
    """Asks the register; where it does not answer the candidate stays as it is, and the page says so."""
    if candidate.kind != Kind.TAXPAYER:
        return candidate
    try:
        return actions.ask_register(candidate=candidate, now=now)
    except OutsideFailure:
        return candidate


def _keep(request: HttpRequest, candidate: Candidate, now: datetime) -> None:
    request.session[CANDIDATE] = {"candidate": candidate.as_data(), "at": now.isoformat()}


def _candidate(request: HttpRequest, now: datetime) -> Candidate | None:
    kept = request.session.get(CANDIDATE)
    if kept is None or datetime.fromisoformat(kept["at"]) < now - CANDIDATE_LIFE:
        return None
    return Candidate.of_data(kept["candidate"])


def _enter(request: HttpRequest, mandate: Mandate, goal: str) -> str:
    """The session is the member's; returns where to go: to an invitation that they came with, before anything else."""
    for key in (CANDIDATE, NEXT):
        request.session.pop(key, None)
    request.session[queries.SESSION_KEY] = mandate.pk
    if INVITATION in request.session:
        return reverse("invitation")
    return DESK if goal == HOME and mandate.role in AT_A_BODY else goal


# ---------------------------------------------------------------- opening a cabinet


@audience(PUBLIC)
@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """What certificate and register say, for the user to check and confirm (P10.3.3(1-2))."""
    now = timezone.now()
    candidate = _candidate(request, now)
    if candidate is None:
        return redirect("sign_in")
    taxpayer = candidate.kind == Kind.TAXPAYER
    if taxpayer and not candidate.register:
        return render(request, "parties/register_down.html", {"candidate": candidate}, status=503)
    shown = {
        "candidate": candidate,
        "certificate_rows": rows.of_certificate(candidate),
        "register_rows": rows.of_register(candidate),
    }
    if taxpayer and (violations := register_violations(candidate)):
        return render(request, "parties/register_refuses.html", {**shown, "violations": violations}, status=422)
    form = _form(request, candidate)
    if request.method == "POST" and form.is_valid():
        goal = safe_next(request.session.get(NEXT))
        stated = actions.Stated(language=(get_language() or "az")[:2], **form.cleaned_data)
        mandate = actions.confirm_cabinet(candidate=candidate, stated=stated, now=now)
        request.session.cycle_key()
        return HttpResponseRedirect(_enter(request, mandate, goal))
    return render(request, "parties/confirm.html", {**shown, "form": form}, status=422 if form.errors else 200)


def _form(request: HttpRequest, candidate: Candidate) -> ContactForm:
    initial = {"email": candidate.email or _invited_email(request)}
    data = request.POST if request.method == "POST" else None
    if candidate.is_resident:
        return ContactForm(data, initial=initial)
    return ForeignPartnerForm(data, initial=initial, candidate=candidate)


def _invited_email(request: HttpRequest) -> str:
    try:
        return queries.open_invitation(request.session.get(INVITATION, ""), timezone.now()).email
    except Missing:
        return ""


@audience(PUBLIC)
@require_POST
def ask_register(request: HttpRequest) -> HttpResponse:
    """Asks the taxpayer register once more."""
    now = timezone.now()
    candidate = _candidate(request, now)
    if candidate is not None:
        _keep(request, _with_register(replace(candidate, register={}), now), now)
    return redirect("sign_in_confirm")


@audience(PUBLIC)
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """Forgets the certificate that was shown."""
    request.session.pop(CANDIDATE, None)
    return redirect("sign_in")


@audience(SIGNED_IN)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """The session is over."""
    actions.sign_out(by=member_of(request), now=timezone.now())
    request.session.flush()
    return redirect("signed_out")


@audience(PUBLIC)
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Says so."""
    return render(request, "parties/signed_out.html")


@audience(PUBLIC)
@require_GET
def demo_key(request: HttpRequest, name: str) -> HttpResponseBase:
    """A demo person's key file; nothing outside the sandbox."""
    if not settings.SANDBOX:
        raise Http404
    return HttpResponse(
        demo.key_file(name),
        content_type="application/x-pkcs12",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


# ---------------------------------------------------------------- invitations


@audience(PUBLIC)
@never_cache
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The letter's link: keeps the token in the session, so that it stands in no address any more."""
    request.session[INVITATION] = token
    return redirect("invitation")


@audience(PUBLIC)
@never_cache
def invitation(request: HttpRequest) -> HttpResponse:
    """Who invites to what. Accepting needs a cabinet; somebody without one is led to the sign-in."""
    now = timezone.now()
    member: Member | None = getattr(request, "actor", None)
    try:
        found = queries.open_invitation(request.session.get(INVITATION, ""), now)
        if request.method == "POST" and member is not None:
            accepted = actions.accept_invitation(token=request.session[INVITATION], member=member, now=now)
            del request.session[INVITATION]
            return HttpResponseRedirect(accepted.link or HOME)
    except AzexportError as refusal:
        return _closed(request, refusal)
    return render(request, "parties/invitation.html", {"invitation": found, "rows": rows.of_invitation(found)})


@audience(PUBLIC)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decline_invitation(request: HttpRequest) -> HttpResponse:
    """Asks whether it is meant, then declines: for good, and whoever invited is told. Nobody has to sign in for it."""
    now = timezone.now()
    by: Actor = getattr(request, "actor", None) or actions.ANONYMOUS
    try:
        found = queries.open_invitation(request.session.get(INVITATION, ""), now)
        if request.method == "POST":
            actions.decline_invitation(token=request.session.pop(INVITATION), by=by, now=now)
            return redirect("invitation_declined")
    except AzexportError as refusal:
        return _closed(request, refusal)
    return render(request, "parties/decline_invitation.html", {"invitation": found})


@audience(PUBLIC)
@require_safe
def invitation_declined(request: HttpRequest) -> HttpResponse:
    """Says so."""
    return render(request, "parties/invitation_declined.html")


def _closed(request: HttpRequest, refusal: AzexportError) -> HttpResponse:
    return render(request, "parties/invitation_closed.html", {"refusal": refusal}, status=refusal.status)
