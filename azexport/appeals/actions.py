"""Every write to a letter and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from azexport.appeals import papers as prints
from azexport.appeals import words
from azexport.appeals.lifecycle import ANSWER, LETTER
from azexport.appeals.models import Answer, Enclosure, Forwarding, Letter
from azexport.appeals.permissions import is_addressee, is_answering, is_sender, may_write
from azexport.appeals.queries import CLOCK, clock_of, is_connected
from azexport.appeals.states import HANDED_OVER, WAITING, AnswerStatus, LetterStatus
from azexport.appeals.terms import terms_on
from azexport.audit import actions as audit
from azexport.calendar import actions as clocks
from azexport.calendar import queries as calendar
from azexport.documents import actions as documents
from azexport.documents import papers
from azexport.documents import queries as document_queries
from azexport.documents.states import DocumentStatus, PaperStatus
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed, RuleViolated, Violation
from azexport.kernel.references import new_reference
from azexport.kernel.text import both
from azexport.lifecycle import settle
from azexport.parties import queries as parties

if TYPE_CHECKING:
    from azexport.documents.models import Paper
    from azexport.documents.uploads import GivenFile
    from azexport.participants.models import Participant
    from azexport.parties.models import Member

LETTER_PURPOSE, ANSWER_PURPOSE = "letter", "letter-answer"
LETTER_KIND, ANSWER_KIND, ENCLOSURE_KIND = "letter", "letter-answer", "letter-file"
MOST_FILES = 10
MOST_DRAFTS = 50
"""Of one organisation: nobody writes more at a time, and a broken script must not fill the table."""


# ------------------------------------------------------------------------------------------------ writing


@transaction.atomic
def start(*, participant: Participant, by: Member, now: datetime, follows: Letter | None = None) -> Letter:
    """An empty letter to the body is begun; with `follows` it goes on with a correspondence.

    Raises:
        NotAllowed: a body's officer writes, or somebody goes on with another's correspondence.
        IllegalTransition: what it follows has not been sent.
        RuleViolated: LET-010, too many drafts.
    """
    if not may_write(by) or (follows is not None and not is_sender(by, follows)):
        raise NotAllowed
    if follows is not None and follows.status not in HANDED_OVER:
        raise IllegalTransition
    if Letter.objects.filter(organisation=by.organisation, status=LetterStatus.DRAFTED).count() >= MOST_DRAFTS:
        raise RuleViolated([Violation("LET-010", _("You have too many drafts. Send or delete some of them first."))])
    letter = Letter.objects.create(
        reference=new_reference("LT"),
        organisation=by.organisation,
        participant=participant,
        first_id=follows.thread if follows else None,
        matter=follows.matter if follows else "",
        started_by=by.actor_id,
        changed_at=now,
        created_at=now,
    )
    audit.record("letter.drafted", subject=letter.reference, by=by, now=now,
                 data={"body": participant.code, "follows": follows.reference if follows else None})  # fmt: skip
    return letter


@transaction.atomic
def write(letter: Letter, *, matter: str, text: str, by: Actor, now: datetime) -> Letter:
    """The draft says this; it may still be incomplete."""
    letter = _draft(letter, by)
    letter.matter, letter.text, letter.changed_at = matter, text, now
    letter.save(update_fields=["matter", "text", "changed_at"])
    return letter


@transaction.atomic
def address(letter: Letter, *, participant: Participant, by: Actor, now: datetime) -> Letter:
    """The draft goes to this body."""
    letter = _draft(letter, by)
    letter.participant, letter.changed_at = participant, now
    letter.save(update_fields=["participant", "changed_at"])
    return letter


@transaction.atomic
def enclose(to: Letter | Answer, *, file: GivenFile, by: Actor, now: datetime) -> Enclosure:
    """The file goes with the draft.

    Raises:
        RuleViolated: LET-011, as many files as go with one letter are there already.
    """
    to = _any_draft(to, by)
    if to.enclosures.count() >= MOST_FILES:
        raise RuleViolated([Violation("LET-011", _("At most 10 files go with one letter."), "file")])
    document = documents.store(
        kind=ENCLOSURE_KIND, title=both(file.name, file.name), content=file.content, media_type=file.media_type,
        by=by, now=now,
    )  # fmt: skip
    to.changed_at = now
    to.save(update_fields=["changed_at"])
    goes_with = {"letter": to} if isinstance(to, Letter) else {"answer": to}
    return Enclosure.objects.create(name=file.name, document=document, created_at=now, **goes_with)


@transaction.atomic
def take_out(to: Letter | Answer, *, enclosure: Enclosure, by: Actor, now: datetime) -> None:
    """The file no longer goes with the draft."""
    to = _any_draft(to, by)
    found = to.enclosures.select_related("document").filter(pk=enclosure.pk).first()
    if found is None:
        raise Missing
    found.delete()
    documents.set_status(found.document, DocumentStatus.REVOKED, by=by, now=now)
    to.changed_at = now
    to.save(update_fields=["changed_at"])


@transaction.atomic
def prepare(letter: Letter, *, by: Member, now: datetime) -> Letter:
    """Nothing in the letter changes any more; it is printed and put before its writer for signature (S12.2).

    Raises:
        RuleViolated: LET-001 to LET-003, all that is missing.
    """
    letter = _locked(letter)
    settle(letter, "prepare", table=LETTER, by=by, now=now, data={"connected": is_connected(letter.participant)})
    paper = papers.put_forward(
        purpose=LETTER_PURPOSE, subject=letter.reference, kind=LETTER_KIND, title=prints.title_of(letter),
        template="appeals/letter.typ", data=prints.letter_data(letter, signer=by, now=now),
        attachment=prints.letter_attachment(letter, signer=by), facts=prints.letter_facts(letter), signer=by,
        expected=by.expected, return_url=reverse("letter_sent", args=[letter.reference]), by=by, now=now,
    )  # fmt: skip
    letter.paper, letter.code = paper.reference, paper.code
    letter.save(update_fields=["paper", "code"])
    return letter


@transaction.atomic
def reopen(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """A draft again, before it was signed."""
    letter = settle(_locked(letter), "reopen", table=LETTER, by=by, now=now)
    return _without_paper(letter, by=by, now=now)


@transaction.atomic
def abandon(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """The draft is deleted for its writer; the log keeps that it was there."""
    letter = settle(_locked(letter), "abandon", table=LETTER, by=by, now=now)
    return _without_paper(letter, by=by, now=now)


@transaction.atomic
def sent(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed letter is with the body: number and notice at once, the term runs (S6.3, S7.1.2; paper.signed.letter).

    Run twice it changes nothing. A signature on a letter that was reopened meanwhile, or of somebody who does not act
    for its sender any more, is put on record and discarded.
    """
    letter = _locked_by(subject.subject)
    if letter.document is not None and letter.document.reference == data["document"]:
        return
    waits = letter.status == LetterStatus.PREPARED and letter.paper == subject.reference
    if not waits or parties.acting_for(letter.organisation, by.actor_id) is None:
        audit.record("letter.signature_discarded", subject=letter.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        papers.void(subject, by=by, now=now)
        return
    letter.document = document_queries.by_reference(data["document"])
    letter.sender_name = by.actor_name
    letter.save(update_fields=["document", "sender_name"])
    _send(letter, by=by, now=now)


def _send(letter: Letter, *, by: Actor, now: datetime) -> None:
    # The check constraint wants who sent it together with the document.
    settle(letter, "send", table=LETTER, by=by, now=now, data={"body": letter.participant.code})
    term = terms_on(calendar.today(now)).answer
    clocks.start_clock(subject=letter.reference, name=CLOCK, working_days=term, now=now)
    words.tell_sender(letter, "letter.sent", by=by, now=now)
    words.tell_body(letter, "letter.sent", by=by, now=now)


# ------------------------------------------------------------------------------------------------ the body


@transaction.atomic
def open_(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """Whoever wrote sees from now on that the body has read the letter; only the first time counts."""
    if letter.opened_at is not None or letter.status not in WAITING or not is_addressee(by, letter):
        return letter
    if Letter.objects.filter(pk=letter.pk, opened_at__isnull=True).update(opened_at=now):
        letter.opened_at = now
        audit.record("letter.opened", subject=letter.reference, by=by, now=now)
    return letter


@transaction.atomic
def register(letter: Letter, *, number: str, study: bool, by: Member, now: datetime) -> Letter:
    """The letter is in the body's records and the officer holds it; where it needs study the term is longer."""
    letter = _locked(letter)
    longer = study and not letter.study
    settle(letter, "register", table=LETTER, by=by, now=now,
           data={"number": number, "study": study, "officer": _officer(by)})  # fmt: skip
    letter.body_number, letter.study = number.strip(), letter.study or study
    letter.holder_name, letter.holder_position = by.actor_name, by.position
    letter.opened_at = letter.opened_at or now
    letter.save(update_fields=["body_number", "study", "holder_name", "holder_position", "opened_at"])
    if longer:
        terms = terms_on(calendar.today(now))
        clocks.extend_clock(clock_of(letter), working_days=terms.study - terms.answer, now=now)
    words.tell_sender(letter, "letter.registered", by=by, now=now)
    return letter


@transaction.atomic
def extend(letter: Letter, *, reason: str, by: Member, now: datetime) -> Letter:
    """The term is longer, once, and whoever wrote knows why (law on citizens' appeals, 10.1).

    Raises:
        RuleViolated: LET-004, LET-005.
    """
    letter = _locked(letter)
    if reason.strip():  # the constraint wants the reason together with the day
        letter.extension_reason, letter.overdue_told_on = reason.strip(), None
        letter.save(update_fields=["extension_reason", "overdue_told_on"])
    settle(letter, "extend", table=LETTER, by=by, now=now, data={"reason": reason, "officer": _officer(by)})
    clocks.extend_clock(clock_of(letter), working_days=terms_on(calendar.today(now)).extension, now=now)
    words.tell_sender(letter, "letter.extended", by=by, now=now, detail=reason.strip())
    return letter


@transaction.atomic
def forward(letter: Letter, *, to: Participant, reason: str, by: Member, now: datetime) -> Letter:
    """The letter lies with the body that has a say in the matter; whoever wrote knows, and their term runs on.

    Raises:
        RuleViolated: LET-004, LET-006, LET-007.
    """
    letter = _locked(letter)
    sender = letter.participant
    settle(letter, "forward", table=LETTER, by=by, now=now,
           data={"to": to.code, "name": to.name, "reason": reason, "connected": is_connected(to),
                 "officer": _officer(by)})  # fmt: skip
    letter.participant = to
    letter.save(update_fields=["participant"])
    Forwarding.objects.create(
        letter=letter, sender=sender, receiver=to, reason=reason.strip(), officer_name=by.actor_name, created_at=now
    )
    words.tell_sender(letter, "letter.forwarded", by=by, now=now, detail=reason.strip())
    words.tell_body(letter, "letter.forwarded", by=by, now=now)
    return letter


@transaction.atomic
def answer(letter: Letter, *, text: str, by: Member, now: datetime) -> Answer:
    """The body's draft of an answer says this.

    Raises:
        IllegalTransition: the letter is not registered, or its answer waits for a signature or is signed.
        NotAllowed: the letter does not lie with the officer's body.
    """
    letter = _locked(letter)
    if not is_addressee(by, letter):
        raise NotAllowed
    if letter.status != LetterStatus.REGISTERED:
        raise IllegalTransition
    found, made = Answer.objects.get_or_create(
        letter=letter,
        participant=letter.participant,
        defaults={
            "reference": new_reference("LA"), "written_by": by.actor_id, "changed_at": now, "created_at": now,
            "text": text,
        },
    )  # fmt: skip
    if found.status != AnswerStatus.DRAFTED:
        raise IllegalTransition
    if made:
        audit.record("answer.drafted", subject=found.reference, by=by, now=now, data={"letter": letter.reference})
        return found
    # The letter's lock is not the answer's: it may have been put before the official since it was read.
    drafts = Answer.objects.filter(pk=found.pk, status=AnswerStatus.DRAFTED)
    if not drafts.update(text=text, changed_at=now, written_by=by.actor_id):
        raise IllegalTransition
    found.text, found.changed_at, found.written_by = text, now, by.actor_id
    return found


@transaction.atomic
def prepare_answer(answer: Answer, *, by: Member, now: datetime) -> Answer:
    """The answer is printed and put before the official for their own signature.

    Raises:
        RuleViolated: LET-008, LET-009.
    """
    answer = _locked_answer(answer)
    settle(answer, "prepare", table=ANSWER, by=by, now=now, data={"officer": _officer(by)})
    letter = answer.letter
    paper = papers.put_forward(
        purpose=ANSWER_PURPOSE, subject=answer.reference, kind=ANSWER_KIND, title=prints.title_of_answer(letter),
        template="appeals/answer.typ", data=prints.answer_data(answer, signer=by, now=now),
        attachment=prints.answer_attachment(answer, signer=by), facts=prints.answer_facts(answer), signer=by,
        expected=by.expected, return_url=reverse("desk_letter", args=[letter.reference]), by=by, now=now,
    )  # fmt: skip
    answer.paper, answer.code = paper.reference, paper.code
    answer.signer_name, answer.signer_position = by.actor_name, by.position
    answer.save(update_fields=["paper", "code", "signer_name", "signer_position"])
    return answer


@transaction.atomic
def reopen_answer(answer: Answer, *, by: Actor, now: datetime) -> Answer:
    """A draft again, before it was signed."""
    answer = settle(_locked_answer(answer), "reopen", table=ANSWER, by=by, now=now)
    _discard_paper(answer.paper, by=by, now=now)
    answer.paper, answer.code, answer.signer_name, answer.signer_position = "", "", "", {}
    answer.save(update_fields=["paper", "code", "signer_name", "signer_position"])
    return answer


@transaction.atomic
def answered(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The signed answer is in the cabinet and on its way by e-mail (S11.7; event paper.signed.letter-answer).

    Run twice it changes nothing. The signature of an official who was dismissed meanwhile is put on record and
    discarded.
    """
    answer = _locked_answer_by(subject.subject)
    if answer.document is not None and answer.document.reference == data["document"]:
        return
    letter = _locked(answer.letter)
    official = parties.acting_for(parties.body_organisation(answer.participant), by.actor_id)
    waits = answer.status == AnswerStatus.PREPARED and answer.paper == subject.reference
    if not waits or official is None or not official.is_officer:
        audit.record("answer.signature_discarded", subject=answer.reference, by=by, now=now,
                     data={"paper": subject.reference})  # fmt: skip
        papers.void(subject, by=by, now=now)
        return
    answer.document = document_queries.by_reference(data["document"])
    answer.save(update_fields=["document"])
    settle(answer, "sign", table=ANSWER, by=by, now=now)
    officer = {"name": answer.signer_name, "position": answer.signer_position}
    settle(letter, "answer", table=LETTER, by=by, now=now, data={"answer": answer.reference, "officer": officer})
    clocks.finish_clock(clock_of(letter), now=now)
    words.tell_sender(letter, "letter.answered", by=by, now=now, detail=answer.text)


@transaction.atomic
def read_answer(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    """The body sees that its answer has been read; only the first time counts."""
    if letter.status != LetterStatus.ANSWERED or letter.answer_read_at is not None or not is_sender(by, letter):
        return letter
    if Letter.objects.filter(pk=letter.pk, answer_read_at__isnull=True).update(answer_read_at=now):
        letter.answer_read_at = now
        audit.record("letter.answer_read", subject=letter.reference, by=by, now=now)
    return letter


# ------------------------------------------------------------------------------------------------ the portal


@transaction.atomic
def tell_overdue(*, by: Actor, now: datetime) -> int:
    """Of letters whose term has run out both sides know; each due day is told once.

    Returns:
        How many were told.
    """
    late = calendar.overdue(on=calendar.today(now), name=CLOCK)
    rows = (
        Letter.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("organisation", "participant")
        .filter(reference__in=late, status__in=WAITING)
    )
    told = [one for one in rows if one.overdue_told_on != late[one.reference]]
    for letter in told:
        letter.overdue_told_on = late[letter.reference]
        letter.save(update_fields=["overdue_told_on"])
        audit.record("letter.overdue", subject=letter.reference, by=by, now=now)
        words.tell_sender(letter, "letter.overdue", by=by, now=now)
        words.tell_body(letter, "letter.overdue", by=by, now=now)
    return len(told)


@transaction.atomic
def warn_of_term(*, by: Actor, now: datetime) -> int:
    """The body's officers are warned of each letter that is due on the next working day, once for each due day.

    Returns:
        Of how many.
    """
    day = calendar.add_working_days(calendar.today(now), 1)
    rows = (
        Letter.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("organisation", "participant")
        .filter(reference__in=calendar.due_on(day, name=CLOCK), status__in=WAITING)
        .exclude(warned_on=day)
    )
    warned = list(rows)
    for letter in warned:
        letter.warned_on = day
        letter.save(update_fields=["warned_on"])
        audit.record("letter.term_ends", subject=letter.reference, by=by, now=now, data={"due_on": str(day)})
        words.tell_body(letter, "letter.term_ends", by=by, now=now)
    return len(warned)


# ------------------------------------------------------------------------------------------------ inside


def _officer(by: Member) -> dict[str, Any]:
    return {"name": by.actor_name, "position": by.position}


def _without_paper(letter: Letter, *, by: Actor, now: datetime) -> Letter:
    _discard_paper(letter.paper, by=by, now=now)
    letter.paper, letter.code = "", ""
    letter.save(update_fields=["paper", "code"])
    return letter


def _discard_paper(reference: str, *, by: Actor, now: datetime) -> None:
    paper = document_queries.paper(reference) if reference else None
    if paper is not None and paper.status != PaperStatus.SIGNED:
        papers.discard(paper, by=by, now=now)


def _any_draft(row: Letter | Answer, by: Actor) -> Letter | Answer:
    if isinstance(row, Letter):
        return _draft(row, by)
    row = _locked_answer(row)
    if not is_answering(by, row):
        raise NotAllowed
    if row.status != AnswerStatus.DRAFTED:
        raise IllegalTransition
    return row


def _draft(letter: Letter, by: Actor) -> Letter:
    letter = _locked(letter)
    if not is_sender(by, letter):
        raise NotAllowed
    if letter.status != LetterStatus.DRAFTED:
        raise IllegalTransition
    return letter


def _locked(letter: Letter) -> Letter:
    return _locked_by(letter.reference)


def _locked_by(reference: str) -> Letter:
    rows = Letter.objects.select_for_update(of=("self",)).select_related("organisation", "participant", "document")
    return rows.get(reference=reference)


def _locked_answer(answer: Answer) -> Answer:
    return _locked_answer_by(answer.reference)


def _locked_answer_by(reference: str) -> Answer:
    rows = Answer.objects.select_for_update(of=("self",)).select_related(
        "letter__organisation", "letter__participant", "participant", "document"
    )
    return rows.get(reference=reference)
