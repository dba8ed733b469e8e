"""What a body's officers see: the queue, a case that concerns the body, and everything a decision is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import Count, Exists, F, Func, OuterRef, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform

from azexport.audit import queries as audit
from azexport.calendar import queries as calendar
from azexport.cases import results, route
from azexport.cases.lifecycle import TABLE
from azexport.cases.models import Case, FurtherInformationRequest, StepRecord
from azexport.cases.permissions import is_provider, performs
from azexport.cases.queries.cases import PAGE, CaseView, requests_of, view, views
from azexport.cases.states import OPEN, STEP_CLOCK, CaseStatus
from azexport.documents import queries as documents
from azexport.kernel.actor import Actor
from azexport.kernel.errors import Missing, Violation
from azexport.kernel.references import is_reference
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.services import queries as services

if TYPE_CHECKING:
    from azexport.audit.models import Event
    from azexport.calendar.models import Clock
    from azexport.cases.models.cases import Cases
    from azexport.documents.models import Paper
    from azexport.participants.models import Participant
    from azexport.services.schema import KnownDocument, Question, RequiredDocument, Section, Step

Which = Literal["new", "running", "waiting", "late", "decided"]
TABS: tuple[Which, ...] = ("new", "running", "waiting", "late", "decided")
RUNNING = (CaseStatus.ACCEPTED, CaseStatus.PERMIT_REJECTED)


def page(
    participant: Participant, *, which: Which = "new", mine: Actor | None = None, search: str = "",
    before: str | None = None, now: datetime, size: int = PAGE,
) -> tuple[list[CaseView], str | None]:  # fmt: skip
    """One page of the body's queue, newest first, and the key of the next page (None on the last).

    Args:
        which: "new" not taken on yet; "running" in the body's hands, with the steps that others ask of it;
            "waiting" for the applicant; "late" past its term; "decided".
        mine: only what this officer holds.
        search: a case's or application's reference, or a part of the applicant's name or number.
        before: the reference of the last row of the page before.
    """
    rows = _of(participant, which, now).for_list().order_by("-id")
    if mine is not None:
        rows = rows.filter(holder_reference=mine.actor_id)
    if search.strip():
        rows = _searched(rows, search.strip())
    if before:
        rows = rows.filter(id__lt=Case.objects.filter(reference=before).values("id")[:1])
    found = list(rows[: size + 1])
    following = found[size - 1].reference if len(found) > size else None
    return _with_asked(participant, views(found[:size], now=now)), following


def _with_asked(participant: Participant, shown: list[CaseView]) -> list[CaseView]:
    """Cases of other bodies with the clock of the step that they ask of this one, in two statements for all of them."""
    theirs = [one.case.pk for one in shown if one.case.provider_id != participant.pk]
    if not theirs:
        return shown
    steps = StepRecord.objects.filter(case__in=theirs, participant=participant, finished_at__isnull=True)
    subjects = {
        pk: f"{reference}/{step}" for pk, reference, step in steps.values_list("case", "case__reference", "step")
    }
    clocks = calendar.clocks_for(subjects.values(), STEP_CLOCK)
    return [replace(one, asked=clocks.get(subjects.get(one.case.pk, ""))) for one in shown]


def counts(participant: Participant, *, now: datetime) -> dict[str, int]:
    """How many cases stand under each tab but the decided ones, in two statements that read open cases only."""
    late = calendar.due_before(calendar.today(now))
    found: dict[str, int] = Case.objects.filter(provider=participant, status__in=OPEN).aggregate(
        new=Count("pk", filter=Q(status=CaseStatus.SUBMITTED)),
        running=Count("pk", filter=Q(status__in=RUNNING)),
        waiting=Count("pk", filter=Q(status=CaseStatus.INFORMATION_REQUESTED)),
        late=Count("pk", filter=Q(reference__in=late)),
    )
    asked = StepRecord.objects.filter(participant=participant, finished_at__isnull=True, case__status__in=OPEN)
    return {**found, "running": found["running"] + asked.count()}


def case(participant: Participant, reference: str) -> Case:
    """A case of a service that the body provides, or in which a step is or was asked of it.

    Raises:
        Missing: there is none, or it does not concern the body.
    """
    found = Case.objects.for_page().filter(_concerns(participant), reference=reference).first()
    if found is None:
        raise Missing
    return found


@dataclass(frozen=True)
class Answer:
    """A question of the form and what the applicant answered."""

    question: Question
    value: Any
    asked: bool
    """Whether the question's condition held, so that the applicant saw it."""


@dataclass(frozen=True)
class Handed:
    """A document the applicant handed in; `required` is the regulation's, None for a file nobody named."""

    required: RequiredDocument | None
    name: str
    reference: str


@dataclass(frozen=True)
class Known:
    """A document the state holds, with the facts its register gave: shown, never asked (S6.1.1, S7.2)."""

    document: KnownDocument
    facts: tuple[tuple[dict[str, str], Any], ...]
    """(label, value) of each fact that the register knew."""


@dataclass(frozen=True)
class SectionAnswers:
    """A section of the form, filled in."""

    section: Section
    answers: tuple[Answer, ...]
    documents: tuple[Handed, ...]


@dataclass(frozen=True)
class StepView:
    """A step of the regulation, how far it has come, and what the viewer may do with it."""

    step: Step
    record: StepRecord | None
    body: Any
    """The participant that performs it; None where it is not connected."""
    state: Literal["cannot_start", "ready", "in_progress", "completed"]
    clock: Clock | None
    today: date
    own: bool
    """Whether it is the provider's own step: then it is done; another body agrees or objects."""
    may_start: bool
    may_finish: bool

    @property
    def taken(self) -> bool:
        return self.record is not None and bool(self.record.officer_name)

    @property
    def days_left(self) -> int | None:
        return self.clock.days_left(self.today) if self.clock and self.clock.running else None


@dataclass(frozen=True)
class Review:
    """Everything the review screen shows."""

    view: CaseView
    sections: tuple[SectionAnswers, ...]
    other_documents: tuple[Handed, ...]
    known: tuple[Known, ...]
    steps: tuple[StepView, ...]
    requests: tuple[FurtherInformationRequest, ...]
    events: tuple[Event, ...]
    blocked_by: tuple[Violation, ...]
    """What stands in the way of granting; empty: it may be proposed."""
    paper: Paper | None
    """The result that waits for its signature."""
    offers: frozenset[str]
    """The transitions that this viewer could ask for: accept, start_step, finish_step, request_information, refuse,
    propose_grant."""
    valid_from: date
    valid_until: date | None
    """The validity that the regulation gives, from today: what the form of granting begins with."""

    @property
    def case(self) -> Case:
        return self.view.case

    @property
    def may_grant(self) -> bool:
        return "propose_grant" in self.offers and not self.blocked_by


def review(case: Case, *, viewer: Actor, now: datetime) -> Review:
    """What the review screen of the case shows this officer."""
    shown = view(case, now=now)
    records = route.records_of(case)
    offers = set(TABLE.open_to(viewer, case)) - {"grant"}  # systems send documents, officers propose them
    blocked: list[Violation] = []
    if is_provider(viewer, case) and (row := TABLE.find("propose_grant", case.status)) is not None:
        blocked = [one for rule in row.rules for one in rule(case)]
    handed, others = _documents(case)
    today = calendar.today(now)
    return Review(
        view=shown,
        sections=_sections(case, handed, now=now),
        other_documents=tuple(others),
        known=tuple(_known(case)),
        steps=tuple(_steps(case, records, viewer=viewer, today=today)),
        requests=tuple(requests_of(case)),
        events=tuple(audit.history([case.reference]).order_by("-id")),
        blocked_by=tuple(blocked),
        paper=documents.paper(case.paper) if case.paper else None,
        offers=frozenset(offers),
        valid_from=today,
        valid_until=results.last_day(case, today),
    )


# ---------------------------------------------------------------------------------------------- the queue


def _concerns(participant: Participant) -> Q:
    return Q(provider=participant) | Q(Exists(StepRecord.objects.filter(case=OuterRef("pk"), participant=participant)))


def _of(participant: Participant, which: str, now: datetime) -> Cases:
    asked = StepRecord.objects.filter(case=OuterRef("pk"), participant=participant, finished_at__isnull=True)
    provided = Case.objects.filter(provider=participant)
    match which:
        case "new":
            return provided.filter(status=CaseStatus.SUBMITTED)
        case "running":
            own = Q(provider=participant, status__in=RUNNING)
            return Case.objects.filter(own | Q(Exists(asked), status__in=OPEN))
        case "waiting":
            return provided.filter(status=CaseStatus.INFORMATION_REQUESTED)
        case "late":
            late = calendar.due_before(calendar.today(now))
            return provided.filter(status__in=OPEN, reference__in=late)
        case _:
            return provided.closed()


def _searched(rows: Cases, text: str) -> Cases:
    if is_reference(text.upper()):
        return rows.filter(Q(reference=text.upper()) | Q(application_reference=text.upper()))
    name = KeyTextTransform("az", "organisation__name")
    return rows.annotate(
        folded_name=Func(name, function="az_fold", output_field=TextField()),
        folded_text=Func(Value(text), function="az_fold", output_field=TextField()),
    ).filter(Q(folded_name__contains=F("folded_text")) | Q(organisation__voen=text) | Q(body_reference=text))


# ---------------------------------------------------------------------------------------------- the review


def _steps(case: Case, records: Mapping[str, StepRecord], *, viewer: Actor, today: date) -> Iterable[StepView]:
    regulation = case.regulation.regulation
    subjects = {one.id: f"{case.reference}/{one.id}" for one in regulation.steps}
    running = calendar.clocks_for(subjects.values(), STEP_CLOCK)
    others = {regulation.performer(one) for one in regulation.steps} - {regulation.provider}
    bodies = participants.by_codes(others) if others else {}
    for step in regulation.steps:
        record = records.get(step.id)
        performer = regulation.performer(step)
        own = performer == regulation.provider
        theirs = performs(viewer, case, step.id)
        done = route.finished(records, step.id)
        open_now = not done and (record is not None or route.may_begin(regulation, step, records))
        taken = record is not None and bool(record.officer_name)
        yield StepView(
            step=step,
            record=record,
            body=case.provider if own else bodies.get(performer),
            state=_state(done=done, open_now=open_now, taken=taken),
            clock=running.get(subjects[step.id]),
            today=today,
            own=own,
            may_start=theirs and open_now and not taken and TABLE.find("start_step", case.status) is not None,
            may_finish=theirs and open_now and TABLE.find("finish_step", case.status) is not None,
        )


def _state(*, done: bool, open_now: bool, taken: bool) -> Literal["cannot_start", "ready", "in_progress", "completed"]:
    if done:
        return "completed"
    if not open_now:
        return "cannot_start"
    return "in_progress" if taken else "ready"


def _documents(case: Case) -> tuple[dict[str, Handed], list[Handed]]:
    """What was handed in: by the id of the regulation's document, and the rest."""
    regulation = case.regulation.regulation
    named: dict[str, Handed] = {}
    others: list[Handed] = []
    for one in case.facts.get("documents") or ():
        if not isinstance(one, Mapping) or not one.get("$document"):
            continue
        required = regulation.document(str(one.get("id") or one.get("document") or ""))
        name = str(one.get("name") or (pick(required.name.text) if required else ""))
        handed = Handed(required, name, str(one["$document"]))
        if required is None or required.id in named:
            others.append(handed)
        else:
            named[required.id] = handed
    application = case.facts.get("application_document")
    if isinstance(application, Mapping) and application.get("$document"):
        name = str(application.get("name") or case.application_reference)
        others.append(Handed(None, name, str(application["$document"])))
    return named, others


def _sections(case: Case, handed: Mapping[str, Handed], *, now: datetime) -> tuple[SectionAnswers, ...]:
    regulation = case.regulation.regulation
    seen = services.asked(regulation, answers=case.answers, **results.surroundings(case))
    asked = {one.id for one in seen.questions}
    found = []
    for section in regulation.sections:
        questions = [regulation.question(one) for task in section.tasks for one in task.questions]
        documents_ = [one for task in section.tasks for one in task.documents]
        found.append(
            SectionAnswers(
                section,
                tuple(Answer(one, case.answers.get(one.id), one.id in asked) for one in questions if one is not None),
                tuple(handed[one] for one in documents_ if one in handed),
            )
        )
    return tuple(found)


def _known(case: Case) -> Iterable[Known]:
    said = results.known_of(case)
    for one in case.regulation.regulation.provision.known_documents:
        facts = one.register_.facts if one.register_ else ()
        yield Known(one, tuple((fact.label.text, said[fact.id]) for fact in facts if fact.id in said))
