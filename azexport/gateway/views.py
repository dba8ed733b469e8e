"""POST /exchange/messages: where participants' systems deliver (docs/integration.md)."""

from __future__ import annotations

import logging
from typing import Any

import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from azexport.exchange import actions, protocol, signing
from azexport.exchange.models import Message
from azexport.gateway.handlers import HANDLERS
from azexport.kernel.errors import AzexportError
from azexport.kernel.http import PARTICIPANT, audience
from azexport.participants import queries as participants

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
@audience(PARTICIPANT)
def messages(request: HttpRequest) -> HttpResponse:
    """One message of a participant: a signed receipt, reply or problem goes back.

    202 taken (or taken before), 200 a query's reply, 4xx refused for good, 503 try again later.
    """
    now = timezone.now()
    # Problems are for programmers abroad as much as at home.
    with override("en"):
        try:
            answer = actions.receive(request=_signed_request(request), handle=_handle, now=now)
        except AzexportError as error:
            log.warning("a message was refused: %s", error)
            answer = actions.problem_answer(actions.problem(error), now=now)
    headers = dict(answer.headers)
    response = HttpResponse(answer.content, status=answer.status_code, content_type=headers.pop("Content-Type"))
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _signed_request(request: HttpRequest) -> signing.HttpRequest:
    if request.content_type != protocol.CONTENT_TYPE:
        raise protocol.Refused("content-type", _("The content type must be application/json."), status=415)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > protocol.MAX_BYTES:
        raise protocol.Refused("too-large", _("A message may have 12 MiB."), status=413)
    # The portal's public address is what was signed; the Host header says what the last proxy believed.
    url = settings.PORTAL_URL + reverse("exchange_messages")
    return signing.HttpRequest("POST", url, httpx.Headers(dict(request.headers)), request.body)


def _handle(message: Message) -> dict[str, Any] | None:
    path = HANDLERS.get(message.type)
    if path is None:
        raise protocol.Refused("unknown-type", _("Messages of this type are not taken here."), status=422)
    by = participants.as_actor(message.participant)
    reply: dict[str, Any] | None = import_string(path)(message, by=by, now=message.created_at)
    return reply
