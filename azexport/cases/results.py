"""What a granted case gives its holder: the values the regulation computes, and the document that prints them (1.8)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _g
from django.utils.translation import override

from azexport.calendar import queries as calendar
from azexport.cases.filings.plan import applicant_of
from azexport.documents import actions as documents
from azexport.documents.rendering import Attachment, render_pdf
from azexport.kernel.formats import date_, number
from azexport.kernel.text import Text, both, pick
from azexport.reference import queries as reference
from azexport.services import conditions, fields
from azexport.services import queries as services
from azexport.signatures import sealing, validation
from azexport.signatures.states import Purpose

if TYPE_CHECKING:
    from azexport.cases.actions.transitions import Officer
    from azexport.cases.models import Case, RegisterEntry

KIND = "case-result"
"""Kind of document."""
TEMPLATE = "cases/result.typ"
SEAL_FIELD = "seal"
LANGUAGES = ("az", "en")
_NAMED = re.compile(r"^(answers|known|applicant|case)\.([a-z][a-z0-9_-]*)$")

Value = Text | str


@dataclass(frozen=True)
class Result:
    """What is granted: its number (the case's), how long it holds, what its document and its register say."""

    number: str
    decided_on: date
    valid_from: date | None = None
    valid_until: date | None = None
    remarks: Text = field(default_factory=dict)
    fields: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, Value] = field(default_factory=dict)
    officer: dict[str, Any] = field(default_factory=dict)
    """name and position of the deciding official; empty: the portal itself decided."""
    silence: bool = False

    def as_data(self) -> dict[str, Any]:
        """JSON, as the case's decision and the file inside the document keep it."""
        days = {name: value.isoformat() if value else None for name, value in self._days().items()}
        return {
            "number": self.number, **days, "remarks": self.remarks, "fields": self.fields, "columns": self.columns,
            "officer": self.officer, "silence": self.silence,
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Result:
        """The reverse of `as_data`."""
        names = ("decided_on", "valid_from", "valid_until")
        days = {name: date.fromisoformat(data[name]) if data.get(name) else None for name in names}
        return cls(**{**{name: data[name] for name in cls.__dataclass_fields__ if name in data}, **days})

    def _days(self) -> dict[str, date | None]:
        return {"decided_on": self.decided_on, "valid_from": self.valid_from, "valid_until": self.valid_until}


@dataclass(frozen=True)
class Printed:
    """What the template prints, and what anybody who holds a copy may check."""

    title: Text
    data: dict[str, Any]
    facts: list[dict[str, Any]]


@dataclass(frozen=True)
class Sealed:
    """The document with the portal's seal."""

    printed: Printed
    code: str
    content: bytes
    reports: list[dict[str, Any]]


# ---------------------------------------------------------------------------------------------- values


def context_of(case: Case, *, now: datetime, valid_until: date | None = None) -> dict[str, Any]:
    """What the regulation's expressions see of the case."""
    return services.scope_values(
        case.regulation,
        answers=case.answers,
        case={
            "reference": case.reference,
            "submitted_on": calendar.today(case.submitted_at).isoformat(),
            "decided_on": calendar.today(now).isoformat(),
            "valid_until": valid_until.isoformat() if valid_until else "",
        },
        **surroundings(case),
    )


def surroundings(case: Case) -> dict[str, Any]:
    """What expressions saw beside the answers when the applicant filled in the form."""
    destination = str(case.facts.get("destination") or "")
    on = calendar.today(case.submitted_at)
    return {
        "known": known_of(case),
        "applicant": applicant_of(case.organisation),
        "destination": destination,
        "destination_groups": sorted(reference.groups_of(destination, on)) if destination else [],
        "goods": case.facts.get("goods") or [],
    }


def known_of(case: Case) -> dict[str, Any]:
    """What registers said when the application was made, by fact id (S6.1.1)."""
    given = case.facts.get("known") or {}
    return {name: one["value"] if isinstance(one, Mapping) and "value" in one else one for name, one in given.items()}


def compose(
    case: Case, *, valid_from: date | None, valid_until: date | None, now: datetime, remarks: Text | None = None,
    officer: Officer | None = None, silence: bool = False,
) -> Result:  # fmt: skip
    """The result of a case that is about to be granted.

    Raises:
        ConditionError: an expression of the regulation cannot be worked out for these answers.
    """
    result = case.regulation.regulation.result
    context = context_of(case, now=now, valid_until=valid_until)
    fields_ = result.document.fields if result.document else ()
    columns = result.register_.columns if result.register_ else ()
    return Result(
        number=case.reference,
        decided_on=calendar.today(now),
        valid_from=valid_from,
        valid_until=valid_until,
        remarks=dict(remarks or {}),
        fields=[{"label": one.label.text, "value": shown(case, one.value, context)} for one in fields_],
        columns={one.id: shown(case, one.value, context) for one in columns},
        officer={"name": officer.name, "position": officer.position or {}} if officer else {},
        silence=silence,
    )


def compose_default(case: Case, *, now: datetime, silence: bool = False) -> Result:
    """The result with the validity the regulation gives it, from today."""
    today = calendar.today(now)
    return compose(case, valid_from=today, valid_until=last_day(case, today), now=now, silence=silence)


def last_day(case: Case, first: date) -> date | None:
    """The last day on which a result given on `first` holds; None where the regulation sets no length."""
    days = case.regulation.regulation.result.validity.days
    return first + timedelta(days=days - 1) if days else None


def shown(case: Case, expression: str, context: Mapping[str, Any]) -> Value:
    """The value of an expression as people read it, in both languages where they differ."""
    named = _NAMED.match(expression.strip())
    if named and (text := _named(case, named[1], named[2], context)) is not None:
        return text
    return _in_words(conditions.value(expression, context))


def _named(case: Case, owner: str, name: str, context: Mapping[str, Any]) -> Value | None:
    """What has a name in words: a choice's label, a country, a day; None for what is shown as its value."""
    if owner == "answers" and (question := case.regulation.regulation.question(name)) is not None:
        given = case.answers.get(name)
        return _each(lambda language: fields.shown(question, given, countries=_countries(language)))
    if owner == "known" and (known := known_of(case).get(name)):
        return dict(known) if isinstance(known, Mapping) else str(known)
    if owner == "applicant" and name == "name":
        return dict(case.organisation.name)
    if owner == "case" and name != "reference":
        day = context["case"][name]
        return _each(lambda language: date_(day, language)) if day else "–"
    return None


def _in_words(value: Any) -> Value:
    if isinstance(value, bool):
        return _each(lambda _language: _g("Yes") if value else _g("No"))
    if isinstance(value, Decimal | int):
        return _each(lambda language: number(value, language))
    if isinstance(value, list):
        parts = [_in_words(one) for one in value]
        return _each(lambda language: ", ".join(pick(one, language) for one in parts))
    return str(value)


def _each(say: Callable[[str], str]) -> Value:
    text: Text = {}
    for language in LANGUAGES:
        with override(language):
            text[language] = say(language)
    return text["az"] if text["az"] == text["en"] else text


def _countries(language: str) -> dict[str, str]:
    return {one.pk: pick(one.name, language) for one in reference.countries()}


def search_text(entry: RegisterEntry) -> str:
    """Everything of a register's entry that a search looks at, in both languages."""
    values = [entry.holder, *entry.data.values()]
    words = [entry.number]
    for one in values:
        words += list(dict.fromkeys(one.values())) if isinstance(one, Mapping) else [str(one)]
    return " ".join(words)[:5000]


# ---------------------------------------------------------------------------------------------- the document


def printed(case: Case, result: Result) -> Printed:
    """Everything the template prints; numbers and days are words in both languages already."""
    regulation = case.regulation.regulation
    document = regulation.result.document
    assert document is not None
    name = regulation.result.name
    silence = regulation.procedures.silence if result.silence else None
    data = {
        "title": name.text,
        "number": result.number,
        "date": _day(result.decided_on),
        "body": case.provider.name,
        "service": regulation.name,
        "case": case.reference,
        "holder": case.organisation.name,
        "holder_number": case.organisation.voen or case.organisation.foreign_id or "",
        "holder_address": case.organisation.address if case.organisation.voen else {},
        "paragraphs": _paragraphs(document.text.text),
        "fields": result.fields,
        "valid_from": _day(result.valid_from),
        "valid_until": _day(result.valid_until) if result.valid_until else regulation.result.validity.text.text,
        "remarks": result.remarks,
        "legal_basis": [one.text for one in regulation.general.legal_basis],
        "regulation": {"service": regulation.id, "version": case.regulation.label},
        "officer": result.officer,
        "silence": {"text": silence.text.text, "clause": silence.clause} if silence else None,
    }
    stated = [
        (both("Nömrə", "Number"), result.number),
        (both("Verən qurum", "Issued by"), case.provider.name),
        (both("Sahibi", "Holder"), case.organisation.name),
        (both("Etibarlıdır", "Valid"), both(*(_validity(result, case, language) for language in LANGUAGES))),
    ]
    title = both(f"{name.az} № {result.number}", f"{name.en} No. {result.number}")
    return Printed(title, data, [{"label": label, "value": value} for label, value in stated if value])


def _validity(result: Result, case: Case, language: str) -> str:
    first = date_(result.valid_from or result.decided_on, language)
    if result.valid_until is None:
        return f"{first} – {pick(case.regulation.regulation.result.validity.text.text, language)}"
    return f"{first} – {date_(result.valid_until, language)}"


def _day(day: date | None) -> Text:
    return both(*(date_(day, language) for language in LANGUAGES)) if day else {}


def _paragraphs(text: Text) -> list[Text]:
    """The paragraphs of both languages side by side; the shorter one ends with empty ones."""
    az, en = ([" ".join(one.split()) for one in text[language].split("\n\n")] for language in LANGUAGES)
    length = max(len(az), len(en))
    return [both(*pair) for pair in zip(_filled(az, length), _filled(en, length), strict=True)]


def _filled(items: list[str], length: int) -> list[str]:
    return items + [""] * (length - len(items))


def sealed(case: Case, result: Result, *, now: datetime) -> Sealed | None:
    """The document with the portal's seal, its time stamps and what was found on checking it; for jobs.

    None where the regulation makes no document.

    Raises:
        OutsideFailure: the time-stamp authority or a centre did not answer.
    """
    if case.regulation.regulation.result.document is None:
        return None
    paper, code = printed(case, result), documents.new_code()
    attachment = Attachment(
        name=f"{case.reference}.json",
        media_type="application/json",
        content=json.dumps(result.as_data(), ensure_ascii=False, indent=1).encode(),
        description="The same for machines",
    )
    drawn = render_pdf(
        TEMPLATE, paper.data, attachments=[attachment], signature_fields=[SEAL_FIELD], code=code,
        at=now.replace(microsecond=0),
    )  # fmt: skip
    content = sealing.seal_pdf(drawn, SEAL_FIELD, now=now)
    reports = validation.validate_pdf(content, now=now, require=Purpose.SEAL)
    return Sealed(paper, code, content, [one.as_data() for one in reports])
