"""Every write to an operation and its application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from procrastinate.contrib.django import app as jobs

from azexport.audit import actions as audit
from azexport.calendar.queries import today
from azexport.cases import actions as cases
from azexport.cases.actions import CasePart
from azexport.contracts.states import ContractStatus
from azexport.documents import actions as documents
from azexport.documents.states import DocumentStatus
from azexport.documents.uploads import media_type_of
from azexport.exchange import protocol
from azexport.exports.lifecycle import TABLE
from azexport.exports.models import Application, Attachment, Operation
from azexport.exports.permissions import owns_application
from azexport.exports.sections import Plan
from azexport.exports.states import ApplicationStatus
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text, both, pick
from azexport.lifecycle import move, settle
from azexport.notices import actions as notices
from azexport.signatures import actions as signatures

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.parties.models import Member
    from azexport.signatures.models import SigningRequest

PURPOSE = "application"
KIND = "application"
ATTACHMENT_KIND = "attachment"
DOSSIER_KIND = "dossier"
FIELD = "Applicant"
GRAM = Decimal("0.001")


# ------------------------------------------------------------------------------------------------ drafting


@transaction.atomic
def start(*, contract: Contract, by: Member, now: datetime, copy_of: Application | None = None) -> Application:
    """A consignment under the contract is begun, with the contract's goods, and an earlier application's answers.

    Raises:
        NotAllowed: the actor's organisation does not sell in this contract.
        IllegalTransition: the contract is not concluded.
    """
    if contract.seller_id != by.organisation.pk:
        raise NotAllowed
    if contract.status != ContractStatus.CONCLUDED:
        raise IllegalTransition
    operation = Operation.objects.create(
        reference=new_reference("OP"), organisation=by.organisation, contract=contract, created_at=now
    )
    application = Application.objects.create(
        reference=new_reference("AP"),
        operation=operation,
        copied_from=copy_of,
        lines=[line.as_data() for line in contract.lines.all()],
        answers=dict(copy_of.answers) if copy_of else {},
        chosen=dict(copy_of.chosen) if copy_of else {},
        promotion=dict(copy_of.promotion) if copy_of else {},
        changed_at=now,
        created_at=now,
    )
    audit.record("operation.started", subject=operation.reference, by=by, now=now,
                 data={"contract": contract.reference, "application": application.reference})  # fmt: skip
    return application


@transaction.atomic
def set_quantities(
    application: Application, *, quantities: Mapping[int, Decimal], by: Actor, now: datetime
) -> Application:
    """The consignment has these quantities (line number -> quantity); weights and packages follow in proportion."""
    application = _locked_draft(application, by)
    contracted = {line.line: line for line in application.operation.contract.lines.all()}
    lines = []
    for line in application.lines:
        whole = contracted[line["line"]].as_data()
        share = quantities[line["line"]] / Decimal(whole["quantity"])
        lines.append(whole | _scaled(whole, quantities[line["line"]], share))
    application.lines, application.lines_confirmed = lines, True
    return _save(application, ["lines", "lines_confirmed"], part="goods", by=by, now=now)


@transaction.atomic
def choose_permits(application: Application, *, chosen: Mapping[str, bool], by: Actor, now: datetime) -> Application:
    """The documents to apply for are decided: the required ones and those of the others that are chosen."""
    application = _locked_draft(application, by)
    application.chosen, application.permits_confirmed = dict(chosen), True
    return _save(application, ["chosen", "permits_confirmed"], part="permits", by=by, now=now)


@transaction.atomic
def answer(
    application: Application,
    *,
    section: str,
    answers: Mapping[str, Any],
    files: Mapping[tuple[str, str], tuple[str, bytes]],
    finished: bool,
    by: Actor,
    now: datetime,
) -> Application:
    """The section's answers (by key) and files ((service, document id) -> name, bytes) are kept.

    Args:
        finished: the exporter has gone through the whole section; otherwise it stays open in the task list.
    """
    application = _locked_draft(application, by)
    application.answers = merged(application.answers, answers)
    done = [one for one in application.sections if one != section]
    application.sections = [*done, section] if finished else done
    for (service, item), (name, content) in files.items():
        _attach(application, service, item, name, content, by=by, now=now)
    return _save(application, ["answers", "sections"], part=section, by=by, now=now)


@transaction.atomic
def note_promotion(application: Application, *, note: Mapping[str, Any], by: Actor, now: datetime) -> Application:
    """The note on the export promotion payment is on the application (P10.3.3(4))."""
    application = _locked_draft(application, by)
    application.promotion = dict(note)
    return _save(application, ["promotion"], part="promotion", by=by, now=now)


@transaction.atomic
def abandon(application: Application, *, by: Actor, now: datetime) -> Application:
    """The draft is deleted for the user; the log keeps that it was there."""
    return move(application, "abandon", table=TABLE, by=by, now=now)


# ------------------------------------------------------------------------------------------------ signing


@transaction.atomic
def freeze(application: Application, *, by: Member, now: datetime) -> Application:
    """Nothing in it changes any more; a job makes the PDF and asks for the exporter's signature.

    Raises:
        RuleViolated: EXP-301 to EXP-305, all that is missing.
    """
    plan = Plan(application, today(now))
    application = move(application, "freeze", table=TABLE, by=by, now=now, data={"plan": plan})
    # A fresh code each time: a job still at work on what it said before cannot put that forward.
    application.code = documents.new_code()
    application.regulations = [
        {
            "pk": one.regulation.pk,
            "id": one.regulation.service,
            "version": one.regulation.label,
            "level": one.level,
            "rule": one.rule,
            "assumption": one.assumption,
            "lines": list(one.lines),
        }
        for one in plan.wanted
    ]
    application.save(update_fields=["code", "regulations"])
    jobs.configure_task("exports.render_application").defer(
        reference=application.reference,
        code=application.code,
        signer={"actor_kind": by.actor_kind, "actor_id": by.actor_id, "actor_name": by.actor_name},
        expected=dict(by.expected),
    )
    return application


@transaction.atomic
def offer(
    application: Application, *, code: str, content: bytes, signer: Actor, expected: Mapping[str, Any], now: datetime
) -> Application:
    """The rendered PDF waits for the exporter's signature; a job that comes too late changes nothing."""
    application = _locked(application.reference)
    if application.status != ApplicationStatus.FROZEN or application.code != code:
        return application
    application.document = documents.store(
        kind=KIND,
        title=title_of(application),
        content=content,
        code=code,
        facts=_facts(application),
        by=SYSTEM,
        now=now,
    )
    application.save(update_fields=["document"])
    settle(application, "offer", table=TABLE, by=SYSTEM, now=now)
    _request(application, content, signer=signer, expected=expected, by=SYSTEM, now=now)
    return application


@transaction.atomic
def open_signing(application: Application, *, by: Member, now: datetime) -> SigningRequest:
    """A fresh signing request on the PDF that waits: the former one failed or has expired.

    Raises:
        IllegalTransition: nothing waits for a signature.
    """
    from azexport.documents import queries as document_queries

    application = _locked(application.reference)
    if not owns_application(by, application):
        raise NotAllowed
    if application.status != ApplicationStatus.AWAITING_SIGNATURE or application.document is None:
        raise IllegalTransition
    content = document_queries.content(application.document)
    return _request(application, content, signer=by, expected=by.expected, by=by, now=now)


@transaction.atomic
def reopen(application: Application, *, by: Actor, now: datetime) -> Application:
    """A draft again: the PDF that nobody signed counts for nothing."""
    application = move(application, "reopen", table=TABLE, by=by, now=now)
    if application.document is not None:
        documents.set_status(application.document, DocumentStatus.REVOKED, by=by, now=now)
    application.document, application.code = None, ""
    application.save(update_fields=["document", "code"])
    return application


@transaction.atomic
def signature_failed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The application shows why the signature was not accepted (event signing.failed.application)."""
    application = _locked(subject.subject)
    if application.signing == subject.reference:
        application.verdict = str(subject.verdict)
        application.save(update_fields=["verdict"])


# ------------------------------------------------------------------------------------------------ submission


@transaction.atomic
def submit(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed application is with every body: one case each, all on their way (event signing.completed.application).

    Run twice it changes nothing. A signature on anything but the PDF that waits is put on record and discarded.
    """
    application = _locked(subject.subject)
    signer = NamedActor("person", subject.signer_id, subject.signer_name)
    document = application.document
    waits = application.status == ApplicationStatus.AWAITING_SIGNATURE and document is not None
    if not waits or document is None or subject.content_sha256 != document.sha256:
        audit.record("application.signature_discarded", subject=application.reference, by=signer, now=now,
                     data={"request": subject.reference})  # fmt: skip
        return
    application.document = documents.store(
        kind=KIND,
        title=title_of(application),
        content=bytes(subject.result or b""),
        previous=document,
        facts=_facts(application),
        signatures=[subject.report],
        by=SYSTEM,
        now=now,
    )
    application.save(update_fields=["document"])
    settle(application, "submit", table=TABLE, by=signer, now=now, data={"sha256": application.document.sha256})
    cases.open_cases(
        application_reference=application.reference,
        organisation=application.operation.organisation,
        parts=_parts(application, signer),
        by=signer,
        now=now,
    )


def _parts(application: Application, signer: Actor) -> list[CasePart]:
    plan = Plan(application, today(_frozen_at(application)))
    shared = _shared_body(application, signer)
    return [
        CasePart(
            regulation=row,
            body={
                **shared,
                "goods": plan.lines_of(row),
                "answers": plan.answers_for(row),
                "documents": [
                    {**protocol.stored(one.document.reference, name=one.name), "id": item}
                    for item, one in plan.files_for(row).items()
                ],
            },
        )
        for row in plan.regulations
    ]


def _shared_body(application: Application, signer: Actor) -> dict[str, Any]:
    """What every body is told alike."""
    contract = application.operation.contract
    seller, buyer = contract.seller_stated, contract.buyer_stated
    assert contract.document is not None
    assert application.document is not None
    return {
        "applicant": {
            "voen": seller["voen"],
            "name": seller["name"],
            "address": seller["address"],
            "representative": signer.actor_name,
        },
        "consignee": {"name": buyer["name"], "country": buyer["country"], "address": buyer["address"]},
        "destination": contract.destination,
        "contract": {
            "reference": contract.reference,
            "number": contract.title,
            "file": protocol.stored(contract.document.reference, name=f"{contract.reference}.pdf"),
        },
        "application_document": protocol.stored(application.document.reference, name=f"{application.reference}.pdf"),
    }


# ------------------------------------------------------------------------------------------------ the dossier


@transaction.atomic
def want_dossier(operation: Operation, *, by: Actor, now: datetime) -> Operation:
    """An archive of everything the operation has so far is being made; asking again while it is changes nothing."""
    if getattr(by, "organisation", None) != operation.organisation:
        raise NotAllowed
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    if operation.dossier_wanted_at is None:
        operation.dossier_wanted_at = now
        operation.save(update_fields=["dossier_wanted_at"])
        audit.record("dossier.wanted", subject=operation.reference, by=by, now=now)
        jobs.configure_task("exports.build_dossier").defer(reference=operation.reference)
    return operation


@transaction.atomic
def keep_dossier(operation: Operation, *, content: bytes, now: datetime) -> Operation:
    """The archive is there to be downloaded; an earlier one is superseded."""
    operation = Operation.objects.select_for_update(of=("self",)).select_related("dossier").get(pk=operation.pk)
    if operation.dossier_wanted_at is None:
        return operation
    operation.dossier = documents.store(
        kind=DOSSIER_KIND,
        title=both(
            f"İxrac əməliyyatının dosyesi {operation.reference}", f"Dossier of the export {operation.reference}"
        ),
        content=content,
        media_type="application/zip",
        previous=operation.dossier,
        by=SYSTEM,
        now=now,
    )
    operation.dossier_wanted_at = None
    operation.save(update_fields=["dossier", "dossier_wanted_at"])
    return operation


@transaction.atomic
def give_up_dossier(operation: Operation, *, now: datetime) -> None:
    """The archive could not be made; the exporter can ask again, and is told so."""
    operation = Operation.objects.select_for_update().get(pk=operation.pk)
    operation.dossier_wanted_at = None
    operation.save(update_fields=["dossier_wanted_at"])
    audit.record("dossier.given_up", subject=operation.reference, by=SYSTEM, now=now)
    notices.notify(
        organisation=operation.organisation,
        kind="dossier.given_up",
        title=both("Dosyenin arxivi hazırlana bilmədi", "The archive of the dossier could not be made"),
        body=both(
            "Heç nə itirilməyib. Bir neçə dəqiqədən sonra yenidən cəhd edin.",
            "Nothing is lost. Try again in a few minutes.",
        ),
        link=f"/operations/{operation.reference}/",
        subject=operation.reference,
        by=SYSTEM,
        now=now,
        email=False,
    )


# ------------------------------------------------------------------------------------------------ effects from below


def tell_permits_ready(subject: Any, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """Once the last permit of an application is issued, its organisation is told that customs can be next."""
    from azexport.exports import queries

    application = Application.objects.filter(reference=subject.case.application_reference).first()
    if application is None or not queries.ready_to_declare(application):
        return
    operation = application.operation
    notices.notify(
        organisation=operation.organisation,
        kind="operation.ready",
        title=both("Bütün icazə sənədləri hazırdır", "All permits are there"),
        body=both(
            "Gömrük bəyannaməsini doldurub göndərə bilərsiniz.", "You can now fill in and file the customs declaration."
        ),
        link=f"/operations/{operation.reference}/",
        subject=operation.reference,
        by=SYSTEM,
        now=now,
        email=False,
    )


# ------------------------------------------------------------------------------------------------ inside


def merged(known: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """What is known, with these answers; of an answer per line only the lines that are given change."""
    return {
        **known,
        **{
            key: {**known[key], **value}
            if isinstance(value, Mapping) and isinstance(known.get(key), Mapping)
            else value
            for key, value in answers.items()
        },
    }


def title_of(application: Application) -> Text:
    """What the application's PDF is called wherever it is listed."""
    return both(f"Vahid elektron müraciət {application.reference}", f"Unified application {application.reference}")


def _facts(application: Application) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    contract = application.operation.contract
    return [
        {"label": both("Müraciətin nömrəsi", "Application number"), "value": application.reference},
        {"label": both("Müraciət edən", "Applicant"), "value": pick(contract.seller_stated["name"], "az")},
        {"label": both("Müqavilə", "Contract"), "value": contract.title},
    ]


def _request(
    application: Application, content: bytes, *, signer: Actor, expected: Mapping[str, Any], by: Actor, now: datetime
) -> SigningRequest:
    request = signatures.request_signature(
        content=content,
        title=title_of(application),
        purpose=PURPOSE,
        subject=application.reference,
        field=FIELD,
        signer=signer,
        expected=dict(expected),
        return_url=f"/applications/{application.reference}/submitted/",
        by=by,
        now=now,
    )
    application.signing, application.verdict = request.reference, ""
    application.save(update_fields=["signing", "verdict"])
    return request


def _attach(
    application: Application, service: str, item: str, name: str, content: bytes, *, by: Actor, now: datetime
) -> None:
    document = documents.store(
        kind=ATTACHMENT_KIND,
        title=both(name, name),
        content=content,
        media_type=media_type_of(content) or "application/octet-stream",
        by=by,
        now=now,
    )
    Attachment.objects.update_or_create(
        application=application,
        regulation=service,
        item=item,
        defaults={"name": name[:200], "document": document, "created_at": now},
    )


def _scaled(whole: Mapping[str, Any], quantity: Decimal, share: Decimal) -> dict[str, Any]:
    """The members of a line that follow its quantity."""
    packages = max(1, int((Decimal(whole["packages"]) * share).to_integral_value(ROUND_HALF_UP)))
    return {
        "quantity": f"{quantity.normalize():f}",
        "net_kg": f"{(Decimal(whole['net_kg']) * share).quantize(GRAM, ROUND_HALF_UP).normalize():f}",
        "gross_kg": f"{(Decimal(whole['gross_kg']) * share).quantize(GRAM, ROUND_HALF_UP).normalize():f}",
        "amount": str((quantity * Decimal(whole["price"])).quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "packages": packages,
    }


def _frozen_at(application: Application) -> datetime:
    assert application.frozen_at is not None
    return application.frozen_at


def _locked(reference: str) -> Application:
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related(
            "document", "operation__organisation", "operation__contract__seller", "operation__contract__buyer",
            "operation__contract__document",
        )
        .filter(reference=reference)
        .first()
    )  # fmt: skip
    if application is None:
        raise Missing
    return application


def _locked_draft(application: Application, by: Actor) -> Application:
    application = _locked(application.reference)
    if not owns_application(by, application):
        raise NotAllowed
    if not application.editable:
        raise IllegalTransition
    return application


def _save(application: Application, fields: list[str], *, part: str, by: Actor, now: datetime) -> Application:
    application.changed_at = now
    application.save(update_fields=[*fields, "changed_at"])
    audit.record("application.answered", subject=application.reference, by=by, now=now, data={"part": part})
    return application
