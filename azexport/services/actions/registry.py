"""The registry's operator at work: a service registered, amended, cancelled, and the requests for it (S10.2-10.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from azexport.audit import actions as audit
from azexport.calendar import queries as calendar
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing, RuleViolated, Violation
from azexport.kernel.formats import date_
from azexport.kernel.text import Text, both
from azexport.notices import actions as notices
from azexport.participants.models import Participant
from azexport.parties import queries as parties
from azexport.services import queries
from azexport.services.actions import drafts, entries
from azexport.services.activities import ACTIVITIES
from azexport.services.models import (
    Change,
    Entry,
    EntryVersion,
    Outcome,
    RegistryRequest,
    RegulationDraft,
    RegulationVersion,
)
from azexport.services.states import FINAL

KINDS = ("informational", "interactive")
FEES = ("free", "paid")
USERS = ("natural", "legal", "state", "other")

# ---------------------------------------------------------------- what a request does


@transaction.atomic
def register(
    *, provider: Participant, answers: Mapping[str, Any], case: str, draft: str = "", by: Actor, now: datetime
) -> EntryVersion:
    """The service is in the registry under a number never given before; its body is told (S10.4).

    The draft that the answers name becomes the regulation by which the service runs from its day on.

    Args:
        provider: the body that asked.
        answers: of the registration form (S-A2), by its question ids.
        case: the reference of the case in which the request was considered: what the entry rests on.

    Raises:
        Missing, IllegalTransition: there is no such draft, or its body's head has not approved it.
        RuleViolated: the service runs under another entry already (REG-001), the form is not filled (REG-005), or the
            draft or the service is another body's (REG-006), the day is not the regulation's (REG-007), or the
            regulation was registered before (REG-008).
    """
    entries.one_at_a_time()
    draft = draft or str(answers.get("draft") or "")
    named = str(answers.get("service") or "")
    _refuse(_anothers(draft, named, provider) + _otherwise(draft, answers) + _spent(draft))
    regulation = drafts.registered(draft, by=by, now=now) if draft else None
    answers = _from(regulation, answers)
    service = regulation.service if regulation else named
    content = _content(answers, {})
    _refuse(_faults(content) + _twice(service, except_for=None))
    (number,) = entries.next_numbers(1)
    entry = Entry.objects.create(
        created_at=now, number=number, provider=entries.provider_of(provider, now=now), service=service
    )
    version = EntryVersion(
        created_at=now, entry=entry, version=1, valid_from=calendar.today(now), content=content, basis=case,
        change=Change.REGISTERED, ours=[], registered_by=by.actor_name,
    )  # fmt: skip
    return _written(version, provider, by=by, now=now)


@transaction.atomic
def amend(
    *, provider: Participant, answers: Mapping[str, Any], case: str, draft: str = "", by: Actor, now: datetime
) -> EntryVersion:
    """The entry says what the answers say, from the day they name but not before today; its body is told (S10.8).

    What the answers leave out stays as it was. What a body supplies is no longer this portal's assignment.

    Raises:
        Missing: there is no entry of that number.
        RuleViolated: it is another body's (REG-003), was cancelled (REG-004), is not filled (REG-005), or the service
            runs under another entry (REG-001) or is another body's (REG-006), the day is not the regulation's
            (REG-007), or the change arises on a day to come (REG-010).
    """
    entries.one_at_a_time()
    last = _last(answers)
    draft = draft or str(answers.get("draft") or "")
    named = str(answers.get("service") or "")
    named_anew = "" if named == last.entry.service else named
    _refuse(
        _not_theirs(last, provider)
        + _anothers(draft, named_anew, provider)
        + _otherwise(draft, answers)
        + _not_arisen_yet(answers, now)
    )
    regulation = drafts.registered(draft, by=by, now=now) if draft else None
    answers = _from(regulation, answers)
    service = regulation.service if regulation else named or last.entry.service
    content = _content(answers, last.content)
    _refuse(_faults(content) + _twice(service, except_for=last.entry))
    if service != last.entry.service:
        last.entry.service = service
        last.entry.save(update_fields=["service"])
    version = _following(last, Change.AMENDED, content, answers, case=case, by=by, now=now)
    version.ours = [path for path in last.ours if not _supplied(path, answers)]
    return _written(version, provider, by=by, now=now)


@transaction.atomic
def cancel(
    *, provider: Participant, answers: Mapping[str, Any], case: str, draft: str = "", by: Actor, now: datetime
) -> EntryVersion:
    """The entry stands as cancelled from the day the answers name but not before today; its body is told (S10.7).

    It stays readable with all its versions. The service can no longer be started here from that day; open cases go on.

    Raises:
        Missing, RuleViolated: as `amend`.
    """
    entries.one_at_a_time()
    last = _last(answers)
    _refuse(_not_theirs(last, provider))
    version = _following(last, Change.CANCELLED, dict(last.content), answers, case=case, by=by, now=now)
    version.ours = list(last.ours)
    if last.entry.service:
        _end_regulations(last.entry.service, version.valid_from)
    return _written(version, provider, by=by, now=now)


# ---------------------------------------------------------------- the requests themselves


@transaction.atomic
def open_request(
    *, case: str, provider: Participant, change: str, answers: Mapping[str, Any], by: Actor, now: datetime
) -> RegistryRequest:
    """Everybody sees the request among those under way, until it is closed; told twice, it is opened once."""
    number = str(answers.get("registry_number") or "").strip().upper()
    known = EntryVersion.objects.whole().filter(entry__number=number, valid_until__isnull=True).first()
    name = _text(answers, "name") or (known.name if known else both(number, number))
    request, created = RegistryRequest.objects.get_or_create(
        case=case,
        defaults={
            "created_at": now, "provider": provider, "change": Change(change), "number": known.number if known else "",
            "name": name, "arose_on": _day(answers.get("arose_on")), "submitted_at": now,
        },
    )  # fmt: skip
    if created:
        audit.record("registry.requested", subject=case, by=by, now=now, data={"change": change, "number": number})
    return request


@transaction.atomic
def close_request(*, case: str, outcome: str, by: Actor, now: datetime, number: str = "") -> RegistryRequest | None:
    """The request is no longer under way; None where there was none, and closing a closed one changes nothing."""
    request = RegistryRequest.objects.select_for_update(of=("self",)).filter(case=case).first()
    if request is None or request.closed_at is not None:
        return request
    request.closed_at, request.outcome = now, Outcome(outcome)
    request.number = number or request.number
    request.save(update_fields=["closed_at", "outcome", "number"])
    return request


# ---------------------------------------------------------------- content


def _content(answers: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The content after the answers: a key that was asked holds its answer, None where that is empty."""
    content = {key: before.get(key) for key in entries.CONTENT}
    for key in ("name", "content"):
        if f"{key}_az" in answers:
            content[key] = _text(answers, key)
    for key in ("other_performers", "legal_basis", "fee_text", "place"):
        if key in answers:
            content[key] = _words(answers[key])
    for key in ("kind", "fee", "effective_on"):
        if key in answers:
            content[key] = str(answers[key] or "") or None
    if "users" in answers:
        content["users"] = list(answers["users"] or []) or None
    if "activity" in answers:
        content["activity"] = clause(str(answers["activity"] or "")) or None
    for key in silent(answers, before.get("fee")):
        content[key] = None
    return content


def silent(answers: Mapping[str, Any], fee_before: Any = None) -> list[str]:
    """What a form that says nothing of it empties (the form leaves out what is empty): the price of a service that has
    become free; the other performers of a regulation that names none."""
    emptied = ["fee_text"] if answers.get("fee") == "free" and fee_before == "paid" else []
    emptied += ["other_performers"] if answers.get("draft") else []
    return [key for key in emptied if key not in answers]


def clause(choice: str) -> str:
    """The clause of S3.1 that a choice of the form stands for: `s3-1-21` -> `3.1.21`."""
    return choice.removeprefix("s").replace("-", ".")


def _text(answers: Mapping[str, Any], key: str) -> Text | None:
    az, en = (str(answers.get(f"{key}_{language}") or "").strip() for language in ("az", "en"))
    if not az:
        return None
    return both(az, en) if en else {"az": az}


def _words(given: Any) -> Text | None:
    """A text that was given in one language, or in both."""
    if isinstance(given, Mapping):
        return {language: str(text) for language, text in given.items() if text} or None
    text = str(given or "").strip()
    return {"az": text} if text else None


def _supplied(path: str, answers: Mapping[str, Any]) -> bool:
    """Whether the answers say what this portal had assigned; the number stays the registry's."""
    key, _dot, language = path.partition(".")
    return bool(answers.get(f"{key}_{language}" if language else key)) and path != "number"


# ---------------------------------------------------------------- rules


def _faults(content: Mapping[str, Any]) -> list[Violation]:
    """REG-005: name, kind, fee and users are said, and are of those there are; so is the field, where it is said."""
    told = _("The form is not filled in: %(field)s.")
    users = content["users"] or []
    right = {
        "name_az": bool(content["name"]),
        "kind": content["kind"] in KINDS,
        "fee": content["fee"] in (*FEES, None),
        "users": all(one in USERS for one in users),
        "activity": content["activity"] is None or content["activity"] in ACTIVITIES,
        "effective_on": _day(content["effective_on"]) is not None or content["effective_on"] is None,
    }
    return [Violation("REG-005", told % {"field": field}, field) for field, fits in right.items() if not fits]


def _twice(service: str, *, except_for: Entry | None) -> list[Violation]:
    """REG-001: a service that runs here is registered once."""
    found = queries.registry.entry_of_service(service) if service else None
    if found is None or found.cancelled or found.entry == except_for:
        return []
    told = _("This service is in the registry already, under %(number)s: amend that entry.")
    return [Violation("REG-001", told % {"number": found.number}, "service")]


def _not_theirs(last: EntryVersion, provider: Participant) -> list[Violation]:
    """REG-003, REG-004: a body asks for its own services only, and what is cancelled is done with."""
    if last.cancelled:
        return [Violation("REG-004", _("This entry was cancelled."), "registry_number")]
    entry = last.entry
    regulation = queries.registry.latest_regulation(entry.service) if entry.service else None
    if entry.provider.participant_id == provider.pk or (regulation and regulation.regulation.provider == provider.code):
        return []
    return [Violation("REG-003", _("This entry is another body's."), "registry_number")]


def _anothers(draft: str, service: str, provider: Participant) -> list[Violation]:
    """REG-006: a body registers its own regulations and its own services only."""
    written = RegulationDraft.objects.filter(reference=draft).first() if draft else None
    if written is not None and written.provider_id != provider.pk:
        return [Violation("REG-006", _("This regulation is another body's."), "draft")]
    running = queries.registry.latest_regulation(service) if service else None
    begun = RegulationDraft.objects.filter(service=service).exclude(status__in=FINAL).exclude(provider=provider)
    if (running is not None and running.regulation.provider != provider.code) or (service and begun.exists()):
        return [Violation("REG-006", _("This service is another body's."), "service")]
    return []


def _otherwise(draft: str, answers: Mapping[str, Any]) -> list[Violation]:
    """REG-007 and REG-009: what the form says otherwise than the regulation that it names."""
    return _another_day(draft, answers) + _another_text(draft, answers)


def _another_text(draft: str, answers: Mapping[str, Any]) -> list[Violation]:
    """REG-009: kind, fee and users of the form are those of the regulation that the head signed."""
    signed = RegulationDraft.objects.filter(reference=draft).values_list("content__provision", flat=True).first()
    if not signed:
        return []
    fee = "paid" if Decimal(str(signed["fee"]["amount"])) else "free"
    written = {"kind": signed["kind"], "fee": fee, "users": sorted(signed["users"])}
    told = _("The regulation says otherwise: the registry cannot differ from it.")
    return [
        Violation("REG-009", told, name)
        for name, value in written.items()
        if name in answers and value != (sorted(answers[name]) if name == "users" else answers[name])
    ]


def _another_day(draft: str, answers: Mapping[str, Any]) -> list[Violation]:
    """REG-007: the form names the day for which the head has signed the regulation, or none."""
    signed = RegulationDraft.objects.filter(reference=draft).values_list("effective_on", flat=True).first()
    asked = _day(answers.get("effective_on"))
    if signed is None or asked is None or asked == signed:
        return []
    told = _("The head signed the regulation for %(day)s: name that day, or none.")
    return [Violation("REG-007", told % {"day": date_(signed)}, "effective_on")]


def _not_arisen_yet(answers: Mapping[str, Any], now: datetime) -> list[Violation]:
    """REG-010: what is reported has arisen, today at the latest (S10.6)."""
    arose_on = _day(answers.get("arose_on"))
    if arose_on is None or arose_on <= calendar.today(now):
        return []
    return [Violation("REG-010", _("Name the day on which the change arose: today, or a day before."), "arose_on")]


def _spent(draft: str) -> list[Violation]:
    """REG-008: a regulation is registered once; a service that was cancelled enters anew with a new one."""
    if not draft or not RegulationDraft.objects.filter(reference=draft, version__isnull=False).exists():
        return []
    return [Violation("REG-008", _("This regulation has been registered already: write a new one."), "draft")]


def _from(regulation: RegulationVersion | None, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answers with the day from which the regulation holds indeed: not before it was registered."""
    return answers if regulation is None else {**answers, "effective_on": regulation.valid_from.isoformat()}


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise RuleViolated(violations)


# ---------------------------------------------------------------- writing


def _last(answers: Mapping[str, Any]) -> EntryVersion:
    """The entry's newest version, locked. Raises Missing."""
    number = str(answers.get("registry_number") or "").strip().upper()
    found = (
        EntryVersion.objects.select_for_update(of=("self",))
        .whole()
        .filter(entry__number=number, valid_until__isnull=True)
        .first()
    )
    if found is None:
        raise Missing(_("There is no entry of this number in the registry."), code="unknown-entry")
    return found


def _following(
    last: EntryVersion, change: Change, content: dict[str, Any], answers: Mapping[str, Any], *,
    case: str, by: Actor, now: datetime,
) -> EntryVersion:  # fmt: skip
    """The version after the last one, which ends the day before it begins."""
    begins = max(calendar.today(now), last.valid_from, _day(answers.get("effective_on")) or date.min)
    last.valid_until = begins - timedelta(days=1)
    last.save(update_fields=["valid_until"])
    return EntryVersion(
        created_at=now, entry=last.entry, version=last.version + 1, valid_from=begins, content=content, basis=case,
        change=change, registered_by=by.actor_name,
    )  # fmt: skip


def _day(given: Any) -> date | None:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        return None


def _written(version: EntryVersion, provider: Participant, *, by: Actor, now: datetime) -> EntryVersion:
    entries.fill_search(version)
    version.save(force_insert=True)
    entries.learn_words(version)
    close_request(case=version.basis, outcome=Outcome.GRANTED, number=version.number, by=by, now=now)
    audit.record(
        f"registry.{version.change}", subject=version.number, by=by, now=now,
        data={"version": version.version, "basis": version.basis, "provider": provider.code,
              "valid_from": version.valid_from.isoformat()},
    )  # fmt: skip
    _tell(version, provider, by=by, now=now)
    return version


def _end_regulations(service: str, day: date) -> None:
    """The service's regulations hold until the day before."""
    running = RegulationVersion.objects.filter(service=service).exclude(valid_until__lt=day)
    running.update(valid_until=day - timedelta(days=1))


_TITLES = {
    Change.REGISTERED: both("Elektron xidmət reyestrdə qeydə alındı", "The e-service is registered"),
    Change.AMENDED: both("Reyestrdəki məlumata düzəliş edildi", "The registry entry is amended"),
    Change.CANCELLED: both(
        "Elektron xidmətin qeydiyyatı ləğv edildi", "The registration of the e-service is cancelled"
    ),
}
_BODIES = {
    Change.REGISTERED: both(
        "«{name}» elektron xidmətinə {number} reyestr nömrəsi verildi (191 nömrəli qərar, 10.4).",
        "The e-service “{name}” has the registry number {number} (decision 191, 10.4).",
    ),
    Change.AMENDED: both(
        "{number} nömrəli «{name}» barədə məlumat {day} tarixindən düzəliş edilmiş şəkildə qüvvədədir (10.8).",
        "What the registry says of {number}, “{name}”, is as amended from {day} (decision 191, 10.8).",
    ),
    Change.CANCELLED: both(
        "{number} nömrəli «{name}» {day} tarixindən ləğv edilmiş sayılır (191 nömrəli qərar, 10.7).",
        "{number}, “{name}”, is cancelled from {day} (decision 191, 10.7).",
    ),
}


def _tell(version: EntryVersion, provider: Participant, *, by: Actor, now: datetime) -> None:
    """The body is told, where it has people here (S10.4, S10.8)."""
    try:
        organisation = parties.body_organisation(provider)
    except Missing:
        return
    change = Change(version.change)
    body = {
        language: text.format(
            name=version.name.get(language) or version.name["az"], number=version.number,
            day=date_(version.valid_from, language),
        )
        for language, text in _BODIES[change].items()
    }  # fmt: skip
    notices.notify(
        organisation=organisation, kind=f"registry.{change}", title=_TITLES[change], body=body,
        link=f"/services/{version.number}/", subject=version.number, by=by, now=now,
    )  # fmt: skip
