"""The machine door for applications: what a page asks, a program sends as JSON; a person signs (S7.3, S12.2).

The caller is the session of somebody who has signed in. The form's own fields validate, so that a program hears what a
page would say, with the place of each fault as a JSON pointer (RFC 6901, RFC 9457).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.audit import queries as audit
from azexport.calendar.queries import today
from azexport.cases.actions import filings as actions
from azexport.cases.filings.permissions import may_sign
from azexport.cases.filings.plan import Plan, file_item
from azexport.cases.forms.filings import given_file
from azexport.cases.models import Filing, FilingDocument
from azexport.cases.queries import filings as queries
from azexport.documents import actions as documents
from azexport.documents import queries as document_queries
from azexport.documents.uploads import BEGINNINGS
from azexport.kernel.errors import AzexportError, Missing, RuleViolated
from azexport.kernel.http import SIGNED_IN, audience, problem
from azexport.kernel.text import both, pick
from azexport.services import fields
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.documents.models import Document
    from azexport.parties.models import Member

KEY = "Idempotency-Key"
LONGEST_KEY = 200
View = Callable[..., HttpResponse]


class Unusable(AzexportError):
    """The request cannot be read, or lacks what every request has (400)."""

    code = "unusable-request"
    status = 400
    message = _("The body must be a JSON object with a service, its answers and its documents.")


class KeyReused(AzexportError):
    """The idempotency key belongs to another request (409)."""

    code = "key-reused"
    status = 409
    message = _("This idempotency key was used for another request.")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the request, and where."""

    pointer: str
    message: str | Promise
    code: str = "invalid"


class Faulty(AzexportError):
    """The application cannot be made as it was sent (422): every fault at once."""

    code = "application-faulty"
    status = 422
    message = _("Some things must be put right first.")

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__()


def door(view: View) -> View:
    """Every refusal of the view is problem details, whatever the caller accepts."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Faulty as refused:
            response = problem(refused)
            body = json.loads(response.content)
            body["violations"] = [
                {"code": one.code, "pointer": one.pointer, "message": str(one.message)} for one in refused.faults
            ]
            return JsonResponse(body, status=refused.status, content_type="application/problem+json")
        except AzexportError as refused:
            return problem(refused)

    return answered


# ------------------------------------------------------------------------------------------------ doors


@audience(SIGNED_IN)
@require_http_methods(["GET", "POST"])
@door
def filings(request: HttpRequest) -> HttpResponse:
    """GET: one's own applications, newest first. POST: an application is made and waits for its signature."""
    actor: Member = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        return _filed(request, actor)
    rows, following = queries.filing_page(actor.organisation, before=request.GET.get("before"), now=timezone.now())
    return JsonResponse({
        "filings": [_told(one.filing, actor) for one in rows],
        "next": f"{request.path}?before={following}" if following else None,
    })  # fmt: skip


@audience(SIGNED_IN)
@require_GET
@door
def filing(request: HttpRequest, reference: str) -> HttpResponse:
    """One's own application: where it is, where to sign it, which case it has become."""
    actor: Member = request.actor  # type: ignore[attr-defined]
    return JsonResponse(_told(queries.filing(actor.organisation, reference), actor))


@audience(SIGNED_IN)
@require_POST
@door
def files(request: HttpRequest) -> HttpResponse:
    """A file, as the body of the request, is kept; its reference may stand among an application's documents.

    `?name=` is its name. It may be opened once it is in an application.
    """
    actor: Member = request.actor  # type: ignore[attr-defined]
    name = request.GET.get("name", "file")[:120]
    try:
        file = given_file(SimpleUploadedFile(name, request.body), tuple(BEGINNINGS))
    except forms.ValidationError as error:
        raise Faulty([Fault("", one, "file") for one in error.messages]) from error
    document = documents.store(
        kind=actions.FILE_KIND, title=both(name, name), content=file.content, media_type=file.media_type, by=actor,
        now=timezone.now(),
    )  # fmt: skip
    return JsonResponse({"reference": document.reference, "sha256": document.sha256, "size": document.size}, status=201)


# ------------------------------------------------------------------------------------------------ filing


def _filed(request: HttpRequest, actor: Member) -> HttpResponse:
    sent = _read(request)
    key = _key(request)
    if (earlier := _of_key(actor, key)) is not None:
        return JsonResponse(_told(earlier, actor), status=200)
    row = services.regulation(str(sent["service"]), today(timezone.now()))
    if row is None:
        raise Missing(_g("No such service is provided here."))
    try:
        made = _made(row, sent, key, actor)
    except IntegrityError:
        # The same request at the same time: the other one has made it.
        earlier = _of_key(actor, key)
        if earlier is None:
            raise KeyReused from None
        return JsonResponse(_told(earlier, actor), status=200)
    return JsonResponse(
        _told(made, actor), status=201, headers={"Location": reverse("api_filing", args=[made.reference])}
    )


@transaction.atomic
def _made(row: Any, sent: Mapping[str, Any], key: str, actor: Member) -> Filing:
    """The application, complete and frozen for the signature; with any fault nothing is kept.

    Raises:
        Faulty: all that is wrong.
        NotAllowed, IllegalTransition: as `filings.start`.
    """
    now = timezone.now()
    draft = actions.start(regulation=row, request_key=key, by=actor, now=now)
    check = _Check(draft, sent["answers"], sent["documents"], actor)
    check.run()
    for page in check.plan.tasks:
        answers = {one.id: check.accepted[one.id] for one in page.questions if one.id in check.accepted}
        draft = actions.answer(draft, task=page.id, answers=answers, files={}, finished=True, by=actor, now=now)
    draft = queries.filing(actor.organisation, draft.reference)
    try:
        if may_sign(actor, draft):
            return actions.freeze(draft, by=actor, now=now)
        return actions.send_to_head(draft, by=actor, now=now)
    except RuleViolated as refused:
        raise Faulty(
            [Fault(_place(check.plan, one.field), one.message, one.code) for one in refused.violations]
        ) from refused


@dataclass
class _Check:
    """What was sent against what the regulation asks."""

    draft: Filing
    answers: Mapping[str, Any]
    documents: Mapping[str, Any]
    actor: Member
    accepted: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        """What is asked with the answers accepted so far."""
        self.draft.answers = self.accepted
        return Plan(self.draft)

    def run(self) -> None:
        """Raises Faulty."""
        self._answers()
        self._files()
        plan = self.plan
        for page in plan.tasks:
            for one in plan.missing(page):
                self._missing(plan, one)
        if not self.faults:
            self.faults += [
                Fault(f"/answers/{one.question}" if one.question else "/answers", pick(one.message.text), "check")
                for one in plan.broken
            ]
        if self.faults:
            raise Faulty(self.faults)

    def _answers(self) -> None:
        for name, value in self.answers.items():
            question = self.draft.regulation.regulation.question(str(name))
            pointer = f"/answers/{_escaped(str(name))}"
            if question is None or question.scope != "application" or question.kind == "file":
                self.faults.append(Fault(pointer, _g("The service does not ask this."), "not-asked"))
                continue
            if value in (None, "", []):
                continue
            try:
                self.accepted[question.id] = fields.accept(question, value)
            except forms.ValidationError as error:
                self.faults += [Fault(pointer, one) for one in error.messages]

    def _files(self) -> None:
        regulation = self.draft.regulation.regulation
        wanted = {one.id: one.media_types for one in regulation.documents}
        wanted |= {file_item(one): tuple(BEGINNINGS) for one in regulation.questions if one.kind == "file"}
        for item, reference in self.documents.items():
            pointer = f"/documents/{_escaped(str(item))}"
            if item not in wanted:
                self.faults.append(Fault(pointer, _g("The service does not ask this."), "not-asked"))
                continue
            document = _own_file(str(reference), self.actor)
            if document is None:
                self.faults.append(Fault(pointer, _g("You have not sent a file of this reference."), "unknown-file"))
            elif document.media_type not in wanted[item]:
                self.faults.append(Fault(pointer, _g("The file is of another type than is wanted."), "media-type"))
            else:
                self._attach(item, document)

    def _attach(self, item: str, document: Document) -> None:
        FilingDocument.objects.create(
            filing=self.draft, item=item, name=document.title.get("az", item)[:200], document=document,
            created_at=timezone.now(),
        )  # fmt: skip

    def _missing(self, plan: Plan, name: str) -> None:
        question = plan.regulation.question(name)
        if question is None:
            self.faults.append(Fault(f"/documents/{name}", _g("Attach this document."), "required"))
        elif question.kind == "file":
            self.faults.append(
                Fault(f"/documents/{_escaped(file_item(question))}", _g("Attach this document."), "required")
            )
        elif not any(one.pointer == f"/answers/{name}" for one in self.faults):
            self.faults.append(Fault(f"/answers/{name}", _g("Answer this question."), "required"))


def _own_file(reference: str, actor: Member) -> Document | None:
    """The file, if this person has sent it."""
    if "\x00" in reference:
        return None
    try:
        document = document_queries.by_reference(reference)
    except Missing:
        return None
    mine = audit.history([reference]).filter(name="document.stored", actor_id=actor.actor_id).exists()
    return document if mine and document.kind == actions.FILE_KIND else None


def _place(plan: Plan, task: str | None) -> str:
    page = plan.task(task) if task else None
    return f"/answers/{page.questions[0].id}" if page and page.questions else "/answers"


# ------------------------------------------------------------------------------------------------ inside


def _read(request: HttpRequest) -> dict[str, Any]:
    """The request's body, with objects where objects belong. Raises Unusable."""
    try:
        sent = json.loads(request.body)
        json.dumps(sent, ensure_ascii=False).encode()  # half a letter, which JSON can spell, is no text
    except (ValueError, RecursionError) as error:
        raise Unusable from error
    if not isinstance(sent, dict) or not isinstance(sent.get("service"), str) or "\x00" in sent["service"]:
        raise Unusable
    given = {name: sent.get(name, {}) for name in ("answers", "documents")}
    if not all(isinstance(one, dict) for one in given.values()) or set(sent) - {"service", *given}:
        raise Unusable
    return {"service": sent["service"], **given}


def _key(request: HttpRequest) -> str:
    """Digest of the idempotency key, and of what was sent under it. Raises Unusable."""
    key = request.headers.get(KEY, "")
    if not key or len(key) > LONGEST_KEY:
        raise Unusable(_g("Send an Idempotency-Key header of at most 200 characters."))
    return f"{_digest(key.encode())}:{_digest(request.body)}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]


def _of_key(actor: Member, key: str) -> Filing | None:
    """What was made under the key. Raises KeyReused where it was made of another request."""
    found = queries.filing_of_request(actor.organisation, key.split(":")[0])
    if found is not None and found.request_key != key:
        raise KeyReused
    return found


def _told(filing: Filing, actor: Member) -> dict[str, Any]:
    """The application as programs read it."""
    waits = filing.status == "awaiting_signature"
    return {
        "reference": filing.reference,
        "service": filing.regulation.service,
        "version": filing.regulation.label,
        "status": filing.status,
        "sign": reverse("paper", args=[filing.paper]) if waits and filing.paper else None,
        "case": filing.case.reference if filing.case else None,
        "submitted_at": filing.submitted_at.isoformat() if filing.submitted_at else None,
        "page": reverse("filing", args=[filing.reference]),
    }


def _escaped(name: str) -> str:
    """A member's name in a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
