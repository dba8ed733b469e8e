"""The pages on which a body's officer writes a regulation: part by part, as text, compared, tried out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from azexport.calendar.queries import today
from azexport.kernel.errors import IllegalTransition, Missing, NotAllowed
from azexport.kernel.http import OFFICER, audience
from azexport.kernel.text import pick
from azexport.participants import queries as participants
from azexport.parties.http import member_of
from azexport.reference import queries as reference
from azexport.services.actions import drafts as actions
from azexport.services.editor import finder, preview
from azexport.services.editor.content import (
    Content,
    copied,
    digest,
    follow,
    forget,
    is_empty,
    items,
    put,
    read,
    recall,
    words,
)
from azexport.services.editor.entries import Setting
from azexport.services.editor.expressions import language
from azexport.services.editor.forms import ROW_PRESS, PartForm, anchor, is_left, move, pressed, told
from azexport.services.editor.parts import CHAPTERS, PARTS, Listed, Part, faults_in, part_of
from azexport.services.faults import Fault, Path
from azexport.services.models import RegulationDraft
from azexport.services.permissions import participant_of
from azexport.services.queries import drafts as queries
from azexport.services.queries import finder_rules
from azexport.services.states import DraftStatus

form_page = require_http_methods(["GET", "HEAD", "POST"])
REMOVED, REMOVED_ROW = "removed-from-draft", "removed-row-of-draft"
"""Where the session keeps the item, and the row of a form, that was removed last, until something else is."""


# --- What every page needs


def draft_of(request: HttpRequest, reference: str) -> RegulationDraft:
    """The draft of the officer's own body.

    Raises:
        Missing: there is none, or it is another body's.
    """
    body = participant_of(member_of(request))
    if body is None:
        raise NotAllowed
    return queries.draft(body, reference)


def being_written(request: HttpRequest, reference: str) -> RegulationDraft:
    """The draft, where its text can be changed now.

    Raises:
        IllegalTransition: it is published, signed or withdrawn.
    """
    draft = draft_of(request, reference)
    if draft.status != DraftStatus.DRAFTED:
        raise IllegalTransition(_("The text cannot be changed now: it is not being written."))
    return draft


def _part(key: str, *, listed: bool | None = None) -> Part:
    part = PARTS.get(key)
    if part is None or (listed is not None and (part.listed is not None) != listed):
        raise Missing
    return part


def _setting(draft: RegulationDraft, part: Part) -> Setting:
    bodies = tuple((one.code, pick(one.name)) for one in participants.everybody())
    content, with_rules = draft.content, part.key == "finder"
    return Setting(
        content, bodies, countries(), tuple(reference.country_groups()) if with_rules else (), draft.provider.code,
        finder_rules.next_number(draft, content) if with_rules else "",
    )  # fmt: skip


def countries() -> tuple[tuple[str, str], ...]:
    return tuple(reference.choices(reference.countries()))


def _example(request: HttpRequest, known: Sequence[tuple[str, str]]) -> finder.Example | None:
    return finder.example_of(request.POST.dict(), known, today(timezone.now()))


def save(request: HttpRequest, draft: RegulationDraft, content: Content) -> None:
    """The draft has the content; nothing is written where nothing changed.

    Raises:
        ChangedMeanwhile: somebody else wrote since the draft was read.
    """
    if content != draft.content:
        actions.change(draft=draft, content=content, changes=draft.changes, by=member_of(request), now=timezone.now())


# --- The task list


@audience(OFFICER)
@require_GET
def editor(request: HttpRequest, reference: str) -> HttpResponse:
    """The headings of the model form (S-A1), each with how far it is."""
    draft = draft_of(request, reference)
    if draft.status != DraftStatus.DRAFTED:
        return redirect("draft", draft.reference)
    faults = queries.faults(draft)
    chapters = [
        {"heading": heading, "tasks": [_task(draft, part, faults) for part in parts if _is_shown(part, draft, faults)]}
        for heading, parts in CHAPTERS
    ]
    context = {
        "draft": draft, "chapters": chapters, "left": len(faults),
        "elsewhere": [told(fault) for fault in faults if part_of(fault.path) is None],
    }  # fmt: skip
    return render(request, "services/editor/tasks.html", context)


def _is_shown(part: Part, draft: RegulationDraft, faults: Sequence[Fault]) -> bool:
    return part.applies(draft.content) or bool(faults_in(part, faults))


def _task(draft: RegulationDraft, part: Part, faults: Sequence[Fault]) -> dict[str, Any]:
    own, empty = faults_in(part, faults), part.is_blank(draft.content)
    left = len([one for one in own if is_left(draft.content, one)])
    wrong = len(own) - left
    nothing = all(is_empty(one) for one in part.stands(draft.content))
    status, label = "completed", ""
    if own and empty:
        status = "not_started"
    elif wrong:
        status, label = "error", ngettext("%(count)s to mend", "%(count)s to mend", wrong) % {"count": wrong}
    elif left:
        status, label = "left", ngettext("%(count)s left to write", "%(count)s left to write", left) % {"count": left}
    elif part.optional and nothing:
        status, label = "cannot_start", _g("Empty, may stay so")
    return {
        "title": part.title, "url": reverse("editor_part", args=[draft.reference, part.key]), "status": status,
        "label": label, "clause": part.clauses,
    }  # fmt: skip


# --- A part that is a form


@audience(OFFICER)
@form_page
def part(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """One heading: its form, or its list."""
    draft, chosen = being_written(request, reference), _part(key)
    if chosen.listed is not None:
        return _list(request, draft, chosen, chosen.listed)
    page = _Page(request, draft, chosen, chosen.base, chosen.stands)
    return page.posted() if request.method == "POST" else page.shown()


@audience(OFFICER)
@form_page
def item(request: HttpRequest, reference: str, key: str, number: int | None = None) -> HttpResponse:
    """One item of a list: a new one, or the one with the number."""
    draft, chosen = being_written(request, reference), _part(key, listed=True)
    page = _item_page(request, draft, chosen, number)
    return page.posted() if request.method == "POST" else page.shown()


def _item_page(request: HttpRequest, draft: RegulationDraft, part: Part, number: int | None) -> _Page:
    assert part.listed is not None
    path, count = part.listed.path, len(items(draft.content, part.listed.path))
    if number is not None and not (1 <= number <= count or request.method == "POST"):
        raise Missing
    base = (*path, count if number is None else min(number - 1, count))
    return _Page(request, draft, part, base, lambda content: read(content, base), is_new=number is None)


class _Page:
    """The page of one form: shown, posted, previewed. `stands` picks out of the content what the form is about."""

    def __init__(
        self, request: HttpRequest, draft: RegulationDraft, part: Part, base: Path, stands: Any, *, is_new: bool = False
    ) -> None:
        self.request, self.draft, self.part, self.base, self.stands = request, draft, part, base, stands
        self.is_new = is_new
        self.setting = _setting(draft, part)

    @property
    def address(self) -> str:
        if self.part.listed is None:
            return reverse("editor_part", args=[self.draft.reference, self.part.key])
        if self.is_new:
            return reverse("editor_new", args=[self.draft.reference, self.part.key])
        return reverse("editor_item", args=[self.draft.reference, self.part.key, int(self.base[-1]) + 1])

    @property
    def back(self) -> str:
        if self.part.listed is None:
            return reverse("editor", args=[self.draft.reference])
        return reverse("editor_part", args=[self.draft.reference, self.part.key])

    def form(self, *, bound: bool = False) -> PartForm:
        return PartForm(
            self.request.POST if bound else None, at=self.setting, base=self.base, groups=self.part.groups,
            everything=self.part.everything, reload=f"{self.address}fields/",
        )  # fmt: skip

    def own(self, found: Sequence[Fault]) -> list[Fault]:
        """Those of the faults that this form mends."""
        own = faults_in(self.part, found)
        return own if self.part.listed is None else [one for one in own if one.path[: len(self.base)] == self.base]

    # -- showing

    def shown(self, form: PartForm | None = None, status: int = 200, **more: Any) -> HttpResponse:
        content = form.written() if form is not None else self.draft.content
        form = form or self.form()
        found = queries.faults(self.draft, content)
        faults = [] if self.is_new and not form.is_bound else [*form.unfinished(), *self.own(found)]
        if "theirs" not in more and ("check" in self.request.GET or form.is_bound):
            form.accept(faults)
        context = {
            "draft": self.draft, "part": self.part, "form": form, "shown": form.shown(), "was": self._was,
            "address": self.address, "back_url": self.back, "is_new": self.is_new,
            "heading": self.part.listed.one if self.part.listed else self.part.title,
            "removed": self._removed_row(), "pristine": self.is_new and not form.is_bound,
            "standard": self.part.listed is None and self.part.lacks_standard(content),
            **self._seen(content, form, found, faults), **more,
        }  # fmt: skip
        return render(self.request, "services/editor/part.html", context, status=status)

    @property
    def _was(self) -> str:
        # A new item has nothing to compare; the next one must not begin with what was typed for this one.
        return digest(self.base) if self.is_new else digest(self.stands(self.draft.content))

    def _seen(self, content: Content, form: PartForm, found: Sequence[Fault], own: Sequence[Fault]) -> dict[str, Any]:
        here = _id(read(content, self.base)) if self.part.listed else ""
        example = _example(self.request, self.setting.countries) if self.part.key == "finder" else None
        seen = preview.of(content, self.part, self.setting.countries, here, faults=found, example=example)
        faults = [_place(form, content, fault) for fault in own]
        return {**seen, "faults": faults, **_sorted(faults)}

    def previewed(self) -> HttpResponse:
        """What was typed, as it would look; nothing is kept."""
        form = self.form(bound=True)
        content = form.written()
        found = queries.faults(self.draft, content)
        context = {"part": self.part, **self._seen(content, form, found, [*form.unfinished(), *self.own(found)])}
        return render(self.request, "services/editor/preview_answer.html", context)

    def fields(self) -> HttpResponse:
        """The form as it looks for what was picked; nothing is kept."""
        form = self.form(bound=True)
        return render(self.request, "services/editor/fields.html", {"form": form, "shown": form.shown()})

    # -- writing

    def posted(self) -> HttpResponse:
        """What was typed is kept, right or wrong; a form that is right leads on."""
        form = self.form(bound=True)
        if self._is_stale(form):
            return self.shown(form, 409, theirs=self._theirs(form))
        if form.unfinished():
            return self.shown(form, 422)
        content = form.written()
        self._press(content, form)
        try:
            save(self.request, self.draft, content)
        except actions.ChangedMeanwhile:
            return self._once_more()
        return self._on(content, form)

    def _is_stale(self, form: PartForm) -> bool:
        """Somebody else wrote here since the page was opened, and not the same."""
        if self.is_new or self.request.POST.get("was") == self._was:
            return False
        return bool(digest(self.stands(form.written())) != self._was)

    def _once_more(self) -> HttpResponse:
        fresh = draft_of(self.request, self.draft.reference)
        return _Page(self.request, fresh, self.part, self.base, self.stands, is_new=self.is_new).posted()

    def _theirs(self, form: PartForm) -> list[dict[str, Any]]:
        """Field by field where the two texts differ: what stands now, and what was typed."""
        now = self.form()
        found = []
        for name in form.fields:
            typed, stands = _as_text(form[name]), _as_text(now[name]) if name in now.fields else ""
            if typed != stands:
                found.append({"label": form[name].label, "typed": typed, "stands": stands})
        return found

    def _press(self, content: Content, form: PartForm) -> None:
        """The other buttons of the form: rows up, down and out; standard wording."""
        if "standard" in self.request.POST:
            self.part.put_standard(content)
        press = ROW_PRESS.fullmatch(self.request.POST.get("row", ""))
        rows = form.rows_named(press["name"]) if press else None
        if press is None or rows is None:
            return
        path, number = (*self.base, *rows.path), int(press["number"] or 0)
        listed = items(content, path)
        if press["way"] == "restore":
            gone = self._removed_row()
            if gone.get("name") == rows.name:
                put(content, path, [*listed[:number], gone["row"], *listed[number:]])
                del self.request.session[REMOVED_ROW]
        elif press["way"] != "add":
            if press["way"] == "remove" and number < len(listed):
                self.request.session[REMOVED_ROW] = {
                    "at": self.here, "name": rows.name, "number": number, "row": listed[number],
                }  # fmt: skip
            pressed(content, self.base, rows, number, press["way"])

    def _removed_row(self) -> dict[str, Any]:
        """The row that was removed from this form last, if one was."""
        gone = self.request.session.get(REMOVED_ROW) or {}
        return gone if gone.get("at") == self.here else {}

    @property
    def here(self) -> str:
        """The address of the form once it has been kept."""
        if self.part.listed is None:
            return self.address
        return reverse("editor_item", args=[self.draft.reference, self.part.key, int(self.base[-1]) + 1])

    def _pressed(self, content: Content, form: PartForm) -> str:
        """Where on the page the next key press belongs after a row's button: the row that came, or the same button."""
        press = ROW_PRESS.fullmatch(self.request.POST["row"])
        rows = form.rows_named(press["name"]) if press else None
        if press is None or rows is None:
            return ""
        count, number = len(items(content, (*self.base, *rows.path))), int(press["number"] or 0)
        match press["way"]:
            case "remove":
                return f"undo-{rows.name}"
            case "add" | "restore":
                new = count if press["way"] == "add" else number
                return f"id_{next(iter(rows.entries[0].places(rows.row_prefix(new))))}"
        return _button(f"row-{rows.name}", number + 1, press["way"], count)

    def _on(self, content: Content, form: PartForm) -> HttpResponse:
        post, here = self.request.POST, self.here
        if "row" in post:
            return redirect(f"{here}#{self._pressed(content, form)}")
        if "standard" in post:
            return redirect(here)
        if "later" in post:
            messages.success(self.request, _("Saved."))
            return redirect("editor", self.draft.reference)
        if self.own(queries.faults(self.draft, content)):
            return redirect(f"{here}?check")
        if self.part.listed is not None:
            return redirect(self.address if self.is_new and "another" in post else self.back)
        return redirect(_after(self.draft, self.part))


def _place(form: PartForm, content: Content, fault: Fault) -> dict[str, Any]:
    """The fault with the name of its field, where it is on the page, and whether it is just not written yet."""
    name, left = form.field_of(fault.path), is_left(content, fault) and fault not in form.unfinished()
    if name is None:
        return {"text": told(fault), "id": "", "left": left}
    field = form[name]
    return {"text": f"{field.label}: {told(fault)}", "id": anchor(field), "left": left}


def _sorted(faults: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What is wrong, and what is just left to write."""
    return {"wrong": [one for one in faults if not one["left"]], "left": [one for one in faults if one["left"]]}


def _as_text(field: Any) -> str:
    value = field.value()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _after(draft: RegulationDraft, part: Part) -> str:
    """The part that comes next; after the last one, the task list."""
    following = list(PARTS.values())
    following = following[following.index(part) + 1 :]
    for one in following:
        if one.applies(draft.content):
            return reverse("editor_part", args=[draft.reference, one.key])
    return reverse("editor", args=[draft.reference])


@audience(OFFICER)
@require_POST
def part_preview(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """What is being typed, as it would look, and what is wrong with it; nothing is kept."""
    draft, chosen = being_written(request, reference), _part(key)
    if chosen.listed is not None:
        return render(
            request, "services/editor/preview_answer.html", _list_context(request, draft, chosen, chosen.listed)
        )
    return _Page(request, draft, chosen, chosen.base, chosen.stands).previewed()


@audience(OFFICER)
@require_POST
def part_fields(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """The form as it looks for what was picked."""
    draft, chosen = being_written(request, reference), _part(key, listed=False)
    return _Page(request, draft, chosen, chosen.base, chosen.stands).fields()


@audience(OFFICER)
@require_POST
def item_preview(request: HttpRequest, reference: str, key: str, number: int | None = None) -> HttpResponse:
    """As `part_preview`, for an item of a list."""
    return _item_page(request, being_written(request, reference), _part(key, listed=True), number).previewed()


@audience(OFFICER)
@require_POST
def item_fields(request: HttpRequest, reference: str, key: str, number: int | None = None) -> HttpResponse:
    """As `part_fields`, for an item of a list."""
    return _item_page(request, being_written(request, reference), _part(key, listed=True), number).fields()


# --- A part that is a list


def _list(request: HttpRequest, draft: RegulationDraft, part: Part, listed: Listed, status: int = 200) -> HttpResponse:
    return render(request, "services/editor/list.html", _list_context(request, draft, part, listed), status=status)


def _list_context(request: HttpRequest, draft: RegulationDraft, part: Part, listed: Listed) -> dict[str, Any]:
    found = queries.faults(draft)
    faults = faults_in(part, found)
    stands = items(draft.content, listed.path)
    undo = request.session.get(REMOVED) or {}
    known = countries()
    return {
        "draft": draft, "part": part, "listed": listed, "was": digest(stands),
        "address": reverse("editor_part", args=[draft.reference, part.key]),
        "rows": [_list_row(draft, part, listed, number, faults) for number in range(len(stands))],
        **_sorted([_listed(draft.content, listed, one) for one in faults]),
        "undo": undo if undo.get("draft") == draft.reference and undo.get("part") == part.key else None,
        "next_url": _after(draft, part),
        **preview.of(draft.content, part, known, faults=found, example=_example(request, known)),
    }  # fmt: skip


def _list_row(
    draft: RegulationDraft, part: Part, listed: Listed, number: int, faults: Sequence[Fault]
) -> dict[str, Any]:
    path = (*listed.path, number)
    record = read(draft.content, path)
    given: Content = record if isinstance(record, dict) else {}
    arguments = [draft.reference, part.key, number + 1]
    return {
        "number": number, "title": _title(listed, given), "note": listed.note(given),
        "url": reverse("editor_item", args=arguments),
        "move": reverse("editor_move", args=arguments),
        "faults": len([one for one in faults if one.path[: len(path)] == path]),
        "wrong": len([one for one in faults if one.path[: len(path)] == path and not is_left(draft.content, one)]),
        "first": number == 0, "last": number + 1 == len(items(draft.content, listed.path)),
    }  # fmt: skip


def _listed(content: Content, listed: Listed, fault: Fault) -> dict[str, Any]:
    """The fault with the item that it is of."""
    left, place = is_left(content, fault), len(listed.path)
    if len(fault.path) <= place:
        return {"text": told(fault), "id": "", "left": left}
    record = read(content, fault.path[: place + 1])
    title = _title(listed, record if isinstance(record, dict) else {})
    return {"text": f"{title}: {told(fault)}", "id": f"item-{int(fault.path[place]) + 1}-open", "left": left}


def _title(listed: Listed, record: Content) -> str:
    return words(read(record, listed.title), language()) or _g("without a name")


@audience(OFFICER)
@require_POST
def item_move(request: HttpRequest, reference: str, key: str, number: int) -> HttpResponse:
    """An item goes up, down, or out; what goes out can be brought back."""
    draft, chosen = being_written(request, reference), _part(key, listed=True)
    assert chosen.listed is not None
    content, way = copied(draft.content), request.POST.get("way", "")
    stands = items(content, chosen.listed.path)
    if digest(stands) != request.POST.get("was"):
        messages.warning(request, _changed_meanwhile())
        return _list(request, draft, chosen, chosen.listed, status=409)
    gone = stands[number - 1] if 1 <= number <= len(stands) else None
    if way not in ("up", "down", "remove") or gone is None:
        raise Missing
    moved, named = move(stands, number - 1, way), []
    if moved and way != "remove":
        upper = min(number - 1, _landed(number, way) - 1)
        follow(content, chosen.listed.kind, _id(stands[upper]), _id(stands[upper + 1]))
    if way == "remove":
        put(content, chosen.listed.path, stands)
        named = forget(content, chosen.listed.kind, _id(gone))
    try:
        save(request, draft, content)
    except actions.ChangedMeanwhile:
        messages.warning(request, _changed_meanwhile())
        return _list(request, draft_of(request, reference), chosen, chosen.listed, status=409)
    if way == "remove":
        request.session[REMOVED] = {
            "draft": reference, "part": key, "number": number, "item": gone, "named": named,
            "title": _title(chosen.listed, gone),
        }  # fmt: skip
    place = "undo" if way == "remove" else _button("item", number, way, len(stands))
    return redirect(f"{reverse('editor_part', args=[reference, key])}#{place}")


def _button(prefix: str, number: int, way: str, count: int) -> str:
    """The id of the button that was pressed, where its row is now; at the end of the list the other one."""
    now = _landed(number, way)
    way = "down" if way == "up" and now <= 1 else "up" if way == "down" and now >= count else way
    return f"{prefix}-{now}-{way}"


def _id(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, dict) else ""


def _landed(number: int, way: str) -> int:
    return {"up": number - 1, "down": number + 1}.get(way, number)


def _changed_meanwhile() -> str:
    return _g("Somebody else changed this list in the meantime. Here it is as it stands now.")


@audience(OFFICER)
@require_POST
def item_undo(request: HttpRequest, reference: str, key: str) -> HttpResponse:
    """What was removed last stands where it stood."""
    draft, chosen = being_written(request, reference), _part(key, listed=True)
    assert chosen.listed is not None
    gone = request.session.get(REMOVED) or {}
    if gone.get("draft") != reference or gone.get("part") != key:
        raise Missing
    content = copied(draft.content)
    stands = items(content, chosen.listed.path)
    stands.insert(int(gone["number"]) - 1, gone["item"])
    put(content, chosen.listed.path, stands)
    recall(content, gone["named"], _id(gone["item"]))
    save(request, draft, content)
    del request.session[REMOVED]
    return redirect(f"{reverse('editor_part', args=[reference, key])}#item-{gone['number']}-open")
