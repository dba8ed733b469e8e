"""Reading drafts: whose they are, what is wrong with them, whom they concern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import get_language, gettext

from azexport.documents.models import Paper
from azexport.kernel.errors import Missing
from azexport.kernel.text import Text, both, pick
from azexport.participants import queries as participants
from azexport.parties import queries as parties
from azexport.services import burden, substance
from azexport.services.models import Agreement, Comment, Entry, Publication, RegulationDraft, RegulationVersion
from azexport.services.schema import Regulation
from azexport.services.states import FINAL, DraftStatus

if TYPE_CHECKING:
    from azexport.participants.models import Participant
    from azexport.services.editor.differences import Differences
    from azexport.services.faults import Fault
    from azexport.services.legal import Clause

RESERVED = frozenset({"approved", "discussions"})
"""Words that stand in addresses where the id of a service could stand."""
_FOLDED = str.maketrans("əƏıİöÖüÜçÇşŞğĞ", "eEiIoOuUcCsSgG")


def draft(participant: Participant, reference: str) -> RegulationDraft:
    """The body's own draft. Raises Missing."""
    found = RegulationDraft.objects.of(participant).select_related("provider", "based_on").filter(reference=reference)
    return _only(found.first())


def asked_draft(participant: Participant, reference: str) -> RegulationDraft:
    """Another body's draft that was put before this one for agreement (S9.2). Raises Missing."""
    found = RegulationDraft.objects.asked_of(participant).select_related("provider", "based_on")
    return _only(found.filter(reference=reference).first())


def published_draft(reference: str) -> RegulationDraft:
    """A draft that was put to public discussion, whatever became of it (S9.7). Raises Missing."""
    found = RegulationDraft.objects.in_public().select_related("provider", "based_on", "version")
    return _only(found.filter(reference=reference).first())


def _only(found: RegulationDraft | None) -> RegulationDraft:
    if found is None:
        raise Missing
    return found


# ---------------------------------------------------------------- ids of new services


def free_service_id(name: Text, participant: Participant | None = None) -> str:
    """An id for a new service from its name, the English one if there is one: `Export mark` -> `export-mark`."""
    words = re.sub(r"[^a-z0-9]+", "-", pick(name, "en").translate(_FOLDED).lower()).strip("-")
    stem = words[:50].rsplit("-", 1)[0] if len(words) > 50 else words
    stem = stem if re.match(r"[a-z]", stem) else f"service-{stem}".strip("-")
    number, candidate = 1, stem
    while is_taken(candidate, participant):
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def is_taken(service: str, participant: Participant | None = None) -> bool:
    """Whether a regulation or a running draft, anybody's, or another body's registry entry has this id already."""
    return (
        service in RESERVED
        or Entry.objects.filter(service=service).exclude(provider__participant=participant).exists()
        or RegulationVersion.objects.filter(service=service).exists()
        or RegulationDraft.objects.filter(service=service).exclude(status__in=FINAL).exists()
    )


# ---------------------------------------------------------------- what the text says


def regulation_of(draft: RegulationDraft) -> Regulation:
    """The draft's text as a regulation.

    Raises:
        pydantic.ValidationError: it has faults.
    """
    return Regulation.model_validate(draft.content)


def faults(draft: RegulationDraft, content: Mapping[str, Any] | None = None) -> list[Fault]:
    """What keeps the text (default: as it stands) from being published or signed: what the format and conformance say
    (S9.1), and rules of the finder whose number another text has (P4.1.4)."""
    from azexport.services.editor import incomplete
    from azexport.services.queries import finder_rules

    text = draft.content if content is None else content
    found = incomplete.faults_of(text)
    told = {fault.path for fault in found}
    return [*found, *[one for one in finder_rules.faults(draft, text) if one.path not in told]]


@dataclass(frozen=True)
class Body:
    """Another performer that the text names (1.5, 3.4.3)."""

    body: str
    name: Text
    participant: Participant | None
    is_here: bool
    """It has officers on the portal, so that it can be asked here."""


def other_bodies(draft: RegulationDraft) -> list[Body]:
    """The other performers in the order of the text, each once (S9.2)."""
    named = list(dict.fromkeys(_performers(draft.content)))
    known = participants.by_codes(set(named))
    return [
        Body(
            body=one,
            name=known[one].name if one in known else both(one, one),
            participant=known.get(one),
            is_here=one in known and bool(parties.heads_of(known[one])),
        )
        for one in named
        if one != draft.provider.code
    ]


def _performers(content: Mapping[str, Any]) -> list[str]:
    # The text may be incomplete, and hold anything anywhere.
    named, steps = _list_in(content, "general", "other_performers"), _list_in(content, "procedures", "steps")
    performers = [step.get("performer") for step in steps if isinstance(step, Mapping)]
    return [one for one in [*named, *performers] if isinstance(one, str) and one]


def _list_in(content: Mapping[str, Any], part: str, name: str) -> list[Any]:
    owner = content.get(part)
    found = owner.get(name) if isinstance(owner, Mapping) else None
    return found if isinstance(found, list) else []


# ---------------------------------------------------------------- the versions that are there

_HOLDS = Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from"))
"""It was, is or will be in force on some day: a service that was cancelled before that day leaves versions without."""


def last_version(service: str) -> RegulationVersion | None:
    """The version of the service that begins last, in force or yet to be."""
    rows = RegulationVersion.objects.filter(_HOLDS, service=service)
    return rows.order_by("-valid_from", "-version", "-revision").first()


def last_versions_of(participant: Participant, on: date) -> list[RegulationVersion]:
    """What the body can write anew: of each of its services the version that begins last and has not ended, by name."""
    rows = RegulationVersion.objects.filter(_HOLDS, Q(valid_until__isnull=True) | Q(valid_until__gte=on))
    last = rows.order_by("service", "-valid_from", "-version", "-revision").distinct("service")
    own = [one for one in last if one.regulation.provider == participant.code]
    return sorted(own, key=lambda one: pick(one.name))


def first_day(draft: RegulationDraft, on: date) -> date:
    """The day on which the text can take effect at the earliest: after every other version of the service has."""
    last = last_version(draft.service)
    return max(on, last.valid_from + timedelta(days=1)) if last is not None else on


# ---------------------------------------------------------------- what the public was shown (S9.7)


def last_discussed(draft: RegulationDraft) -> Publication | None:
    """The text that was put to discussion last."""
    return draft.publications.filter(until__isnull=False).last()


def since_discussion(draft: RegulationDraft) -> substance.Changes:
    """What the text changes in the one that was discussed last, by what it weighs."""
    discussed = last_discussed(draft)
    return substance.changes(discussed.content, draft.content) if discussed is not None else substance.Changes()


def is_published(draft: RegulationDraft) -> bool:
    """Whether the public was shown the text as it stands: discussed, or changed since with the body's reason."""
    newest = draft.publications.last()
    return newest is not None and not substance.changes(newest.content, draft.content)


@dataclass(frozen=True)
class Shown:
    """What the public was shown of a draft: the text it discussed last, and what came before and after."""

    text: Publication
    changed: list[Publication]
    """Went on since with other words, newest first."""
    earlier: list[Publication]
    """Texts that were discussed before, newest first."""


def shown(draft: RegulationDraft) -> Shown:
    """In one statement. Raises Missing: nothing was shown yet."""
    rows = list(draft.publications.all())
    discussed = [one for one in rows if one.until is not None]
    if not discussed:
        raise Missing
    text = discussed[-1]
    return Shown(
        text,
        changed=[one for one in rows if one.number > text.number][::-1],
        earlier=discussed[-2::-1],
    )


def headings(clauses: Iterable[str]) -> list[str]:
    """The headings of the model form with these numbers, each once, in its order; the form is its annex (S-A1)."""
    from azexport.services.legal import ANNEX, HEADINGS

    of_form = pick(HEADINGS[ANNEX])
    found = {
        clause: of_form if "," in clause else f"{clause} {pick(HEADINGS.get(clause))}".strip() for clause in clauses
    }
    return [words or gettext("Elsewhere in the text") for _clause, words in sorted(found.items())]


def burdens(draft: RegulationDraft, content: Mapping[str, Any]) -> tuple[burden.Burden | None, burden.Burden]:
    """How heavy the version is that the content is to replace, None where it replaces none; and the content (S9.3)."""
    from azexport.services.editor import incomplete

    before = burden.burden(draft.based_on.regulation) if draft.based_on else None
    return before, burden.burden(incomplete.regulation_of(content))


# ---------------------------------------------------------------- for pages

PAGE = 20


@dataclass(frozen=True)
class Page:
    """One page of a list that is paged by key: the rows, and the reference to continue from."""

    rows: list[RegulationDraft]
    older: str | None


def _paged(rows: QuerySet[RegulationDraft], before: str) -> Page:
    if before:
        rows = rows.filter(pk__lt=RegulationDraft.objects.filter(reference=before).values("pk")[:1])
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].reference if len(found) > PAGE else None)


def page(participant: Participant, *, before: str = "") -> Page:
    """The body's own drafts, newest first."""
    return _paged(RegulationDraft.objects.of(participant), before)


def discussions_page(*, before: str = "") -> Page:
    """Every draft that is or was in public discussion, newest first."""
    return _paged(RegulationDraft.objects.in_public().select_related("provider"), before)


def in_discussion(on: date) -> list[RegulationDraft]:
    """The drafts that anybody can comment on today, the one that ends first first."""
    rows = RegulationDraft.objects.filter(status=DraftStatus.DISCUSSED, discussed_until__gte=on)
    return list(rows.select_related("provider").order_by("discussed_until", "pk"))


def approved() -> list[RegulationDraft]:
    """The approved texts that are not registered yet (S9.8), newest first."""
    rows = RegulationDraft.objects.filter(status=DraftStatus.APPROVED).select_related("provider")
    return list(rows.order_by("-approved_at"))


def approved_draft(reference: str) -> RegulationDraft:
    """An approved text, registered since or not (S9.8). Raises Missing."""
    rows = RegulationDraft.objects.filter(status__in=[DraftStatus.APPROVED, DraftStatus.REGISTERED])
    return _only(rows.select_related("provider", "based_on", "version").filter(reference=reference).first())


def agreements_of(participant: Participant) -> list[Agreement]:
    """What other bodies asked this one to agree to, newest first, the newest round of each draft."""
    rows = Agreement.objects.filter(participant=participant, round=F("draft__round"))
    return list(rows.select_related("draft__provider").order_by("-pk")[:PAGE])


def answers(draft: RegulationDraft) -> list[Agreement]:
    """What the other performers say in the newest round, in the order they were asked."""
    return list(draft.agreements.select_related("participant").filter(round=draft.round).order_by("pk"))


def answer_of(draft: RegulationDraft, participant: Participant) -> Agreement | None:
    """What that body says in the newest round."""
    return draft.agreements.filter(participant=participant, round=draft.round).first()


@dataclass(frozen=True)
class CommentCount:
    """The discussion in numbers."""

    made: int
    unanswered: int
    hidden: int


def comment_count(draft: RegulationDraft) -> CommentCount:
    """In one statement."""
    numbers = draft.comments.aggregate(
        made=Count("pk"),
        unanswered=Count("pk", filter=Q(answered_at__isnull=True)),
        hidden=Count("pk", filter=Q(hidden_at__isnull=False)),
    )
    return CommentCount(**numbers)


def count_of(comments: Iterable[Comment]) -> CommentCount:
    """The same of comments that are read already."""
    read = list(comments)
    return CommentCount(
        len(read), sum(one.answered_at is None for one in read), sum(one.hidden_at is not None for one in read)
    )


def comment(draft: RegulationDraft, number: int) -> Comment:
    """The draft's comment of that number. Raises Missing."""
    found = draft.comments.filter(number=number).first()
    if found is None:
        raise Missing
    return found


def verdict_of(draft: RegulationDraft) -> str:
    """Why the head's last signature was not accepted; empty while nothing is wrong."""
    if draft.status != DraftStatus.AWAITING_HEAD or not draft.paper:
        return ""
    paper = Paper.objects.filter(reference=draft.paper).only("verdict").first()
    return "" if paper is None else str(paper.verdict)


def clauses(content: Mapping[str, Any]) -> list[Clause]:
    """The legal text by clause in the page's language, in the order of S-A1, as far as it is written."""
    from azexport.services import legal
    from azexport.services.editor import incomplete

    return legal.clauses(incomplete.regulation_of(content), language=_language())


def differences_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """What one text changes in the other; where the page's language has nothing of it, in the other language."""
    from azexport.services import editor

    language = _language()
    found = editor.differences(before, after, language)
    return found or editor.differences(before, after, "en" if language == "az" else "az")


def differences(draft: RegulationDraft, content: Mapping[str, Any]) -> Differences | None:
    """What the content changes in the version it is to replace; None where it replaces none."""
    from azexport.services import editor

    return editor.differences(draft.based_on.regulation, content, _language()) if draft.based_on else None


def _language() -> str:
    return (get_language() or "az")[:2]
