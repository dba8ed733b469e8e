"""Reading letters: one's own, or those that lie with one's body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from azexport.appeals.models import Answer, Enclosure, Letter, LetterQuerySet
from azexport.appeals.states import WAITING, WRITING, AnswerStatus, LetterStatus
from azexport.audit import queries as audit
from azexport.calendar import queries as calendar
from azexport.kernel.errors import Missing
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.audit.models import Event
    from azexport.calendar.models import Clock
    from azexport.participants.models import Participant

CLOCK = "answer"
"""Name of the clock of a letter."""
PAGE = 20


@dataclass(frozen=True)
class LetterView:
    """A letter with what is derived about it on a day."""

    letter: Letter
    clock: Clock | None
    today: date

    @property
    def running(self) -> bool:
        return self.letter.status in WAITING and self.clock is not None and self.clock.due_on is not None

    @property
    def overdue(self) -> bool:
        return self.running and self.clock is not None and self.clock.overdue(self.today)

    @property
    def due_on(self) -> date | None:
        return self.clock.due_on if self.clock else None

    @property
    def days_left(self) -> int:
        return self.clock.days_left(self.today) if self.clock else 0

    @property
    def days_late(self) -> int:
        return max(-self.days_left, 0)


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key, and the reference to go on from (None: this is the last)."""

    rows: Sequence[LetterView]
    following: str | None


# ------------------------------------------------------------------------------------------------ bodies


def bodies() -> list[Participant]:
    """The bodies that take letters: connected, with somebody who can answer (S11.6)."""
    return parties.bodies_with_officers()


def body(code: str) -> Participant:
    """The body of that code, if it takes letters.

    Raises:
        Missing: it does not.
    """
    found = next((one for one in bodies() if one.code == code), None)
    if found is None:
        raise Missing
    return found


def is_connected(participant: Participant) -> bool:
    """Whether the body takes letters."""
    return any(one.pk == participant.pk for one in bodies())


# ------------------------------------------------------------------------------------------------ who writes


def letter(organisation: Any, reference: str) -> Letter:
    """The organisation's own letter.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    return _found(Letter.objects.of(organisation), reference)


def page(organisation: Any, *, which: str = "all", before: str = "", now: datetime, size: int = PAGE) -> Page:
    """One page of the organisation's letters, newest first."""
    rows = Letter.objects.of(organisation).for_page().order_by("-id")
    match which:
        case "drafts":
            rows = rows.filter(status__in=WRITING)
        case "waiting":
            rows = rows.filter(status__in=WAITING)
        case "answered":
            rows = rows.filter(status=LetterStatus.ANSWERED)
    if before:
        rows = rows.filter(id__lt=Letter.objects.of(organisation).filter(reference=before).values("id")[:1])
    return _page(list(rows[: size + 1]), size, now)


# ------------------------------------------------------------------------------------------------ the body


def desk_letter(participant: Participant, reference: str) -> Letter:
    """A letter that lies with the body, or that it has forwarded.

    Raises:
        Missing: there is none, or it was never handed over to this body.
    """
    return _found(Letter.objects.known_to(participant), reference)


def desk_page(
    participant: Participant, *, which: str = "new", text: str = "", after: str = "", now: datetime, size: int = PAGE
) -> Page:
    """One page of the body's letters: what waits, the oldest first; what is done, the newest first.

    Args:
        text: a part of the reference, the sender's name, the matter or the body's own number.
    """
    rows = _tab(participant, which, calendar.today(now))
    if text:
        rows = rows.filter(_matching(text))
    newest_first = which in ("answered", "forwarded")
    if after:
        key = Letter.objects.known_to(participant).filter(reference=after).values("id")[:1]
        rows = rows.filter(id__lt=key) if newest_first else rows.filter(id__gt=key)
    found = rows.for_page().order_by("-id" if newest_first else "id")
    return _page(list(found[: size + 1]), size, now)


def _tab(participant: Participant, which: str, today: date) -> LetterQuerySet:
    known = Letter.objects.known_to(participant)
    mine = Letter.objects.filter(participant=participant)
    match which:
        case "new":
            return mine.filter(status=LetterStatus.SENT)
        case "running":
            return mine.filter(status=LetterStatus.REGISTERED)
        case "late":
            return mine.filter(status__in=WAITING, reference__in=calendar.due_before(today, name=CLOCK))
        case "answered":
            return mine.filter(status=LetterStatus.ANSWERED)
        case "forwarded":
            return known.exclude(participant=participant)
        case _:
            raise Missing


def _matching(text: str) -> Q:
    text = text.strip()[:100]
    return (
        Q(reference__iexact=text)
        | Q(matter__icontains=text)
        | Q(body_number__iexact=text)
        | Q(organisation__name__az__icontains=text)
        | Q(organisation__name__en__icontains=text)
    )


# ------------------------------------------------------------------------------------------------ both


def view(letter: Letter, *, now: datetime) -> LetterView:
    """The letter with its clock."""
    return _views([letter], now)[0]


def clock_of(letter: Letter) -> Clock:
    """The clock of a letter that was sent.

    Raises:
        Missing: it was not.
    """
    clock = calendar.clocks_for([letter.reference], name=CLOCK).get(letter.reference)
    if clock is None:
        raise Missing
    return clock


def enclosures(of: Letter | Answer) -> list[Enclosure]:
    """What goes with it, in the order in which it was put there."""
    return list(of.enclosures.select_related("document"))


def answer_of(letter: Letter, participant: Participant) -> Answer | None:
    """The body's answer to the letter, in whatever state."""
    rows = Answer.objects.select_related("document", "letter__participant", "participant")
    return rows.filter(letter=letter, participant=participant).first()


def signed_answer(letter: Letter) -> Answer | None:
    """The answer, once it is signed."""
    rows = Answer.objects.select_related("document", "participant")
    return rows.filter(letter=letter, status=AnswerStatus.SIGNED).first()


def thread(letter: Letter, known: LetterQuerySet) -> list[Letter]:
    """The correspondence that the letter belongs to, as far as it is among the `known`, oldest first."""
    rows = known.filter(Q(pk=letter.thread) | Q(first_id=letter.thread)).select_related("participant")
    return list(rows.order_by("id"))


def thread_of_sender(letter: Letter, organisation: Any) -> list[Letter]:
    return thread(letter, Letter.objects.of(organisation))


def thread_of_body(letter: Letter, participant: Participant) -> list[Letter]:
    return thread(letter, Letter.objects.known_to(participant))


def history(letter: Letter) -> list[Event]:
    """What happened to the letter, newest first."""
    return list(audit.history([letter.reference]).order_by("-id"))


def _found(rows: LetterQuerySet, reference: str) -> Letter:
    found = rows.for_page().select_related("first").filter(reference=reference).first()
    if found is None:
        raise Missing
    return found


def _page(found: list[Letter], size: int, now: datetime) -> Page:
    following = found[size - 1].reference if len(found) > size else None
    return Page(_views(found[:size], now), following)


def _views(letters: Sequence[Letter], now: datetime) -> list[LetterView]:
    clocks = calendar.clocks_for([one.reference for one in letters], name=CLOCK)
    today = calendar.today(now)
    return [LetterView(one, clocks.get(one.reference), today) for one in letters]
