"""The form of one task of an application: what its regulation asks, as fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from azexport.cases.filings.plan import file_item
from azexport.documents.uploads import BEGINNINGS, GivenFile, ask_once, media_type_of
from azexport.kernel.text import pick
from azexport.services import conditions
from azexport.services import fields as services
from azexport.services import queries as regulations
from azexport.services.composite import NUMBERS

if TYPE_CHECKING:
    from azexport.cases.filings.plan import Plan, TaskPlan
    from azexport.services.schema import Question, RequiredDocument

LARGEST = 10 * 1024 * 1024
NAMES = {"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}
FILE = "file__"
"""Before the id of a document, in the name of its field."""
REMOVE = "remove__"
"""Before a file's item, in the name of the box that takes it away."""


class TaskForm(forms.Form):
    """The questions and documents of one task, in the page's language.

    What is valid is kept even where something else is not: `answers()` and `chosen()` give what can be kept.
    """

    def __init__(self, *args: Any, plan: Plan, page: TaskPlan, facts: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan, self.page = plan, page
        for question in page.questions:
            self.fields[question.id] = self._question(question, facts)
            if question.kind == "file" and not question.required:
                self._removal(file_item(question))
        for document in page.documents:
            self.fields[FILE + document.id] = self._document(document)
            if not document.required:
                self._removal(document.id)

    def ask(self, names: Iterable[str]) -> None:
        """What an answer has just brought up was not on the page that was sent: it is asked, and not marked wrong."""
        for name in names:
            self.errors.pop(name.replace("file:", FILE), None)

    def _question(self, question: Question, facts: Mapping[str, Any]) -> forms.Field:
        field = services.form_field(question)
        field.help_text = explained(str(field.help_text), pick(question.why.text))
        if question.kind == "file":
            have = self.plan.files.get(file_item(question))
            ask_once(field, have=have is not None)
            field.help_text = file_hint(field.help_text, have.name if have else "", tuple(BEGINNINGS))
            return field
        stored = self.plan.filing.answers.get(question.id)
        if stored is None and question.prefill is not None and question.prefill in facts:
            stored = pick(facts[question.prefill])
        field.initial = begins_with(question, stored)
        return field

    def _document(self, document: RequiredDocument) -> forms.Field:
        have = self.plan.files.get(document.id)
        hint = explained(
            _g("The original is shown when the result is handed over.") if document.original else "",
            pick(document.why.text),
        )
        field = forms.FileField(
            label=pick(document.name.text),
            help_text=file_hint(hint, have.name if have else "", document.media_types),
            required=document.required,
            widget=forms.FileInput(attrs={"accept": ",".join(document.media_types)}),
            error_messages={"required": _("Choose a file"), "empty": _("The file is empty; choose another")},
        )
        ask_once(field, have=have is not None)
        return field

    def _removal(self, item: str) -> None:
        """A file that need not be there can be taken away again."""
        have = self.plan.files.get(item)
        if have is not None:
            label = _g("Remove the attached file %(name)s") % {"name": have.name}
            self.fields[REMOVE + item] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._given: dict[str, GivenFile] = {}
        for name, value in list(cleaned.items()):
            if isinstance(value, UploadedFile):
                try:
                    self._given[self._item(name)] = given_file(value, self._media_types(name))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        self._kept = self._answers()
        self._check_across()
        return cleaned

    def _item(self, name: str) -> str:
        return name[len(FILE) :] if name.startswith(FILE) else f"answers.{name}"

    def _media_types(self, name: str) -> tuple[str, ...]:
        document = next((one for one in self.page.documents if FILE + one.id == name), None)
        return document.media_types if document else tuple(BEGINNINGS)

    def _check_across(self) -> None:
        """A broken check stands beside its question, once everything that it looks at is answered."""
        answers = {**self.plan.filing.answers, **self._kept}
        mine = {one.id for one in self.page.questions}
        broken = regulations.broken_checks(self.plan.regulation, answers=answers, **self.plan.context)
        for check in broken:
            looks_at = conditions.parts_named(check.condition, "answers")
            if check.question in mine and all(answers.get(one) not in (None, "", []) for one in looks_at):
                self.add_error(check.question, forms.ValidationError(pick(check.message.text), code="check"))

    def answers(self) -> dict[str, Any]:
        """The valid answers by question id, as JSON keeps them; a field left empty is an empty answer.

        An answer that only breaks a check across answers is valid by itself: which of them is wrong is not known.
        """
        return self._kept

    def _answers(self) -> dict[str, Any]:
        kept = {}
        for question in self.page.questions:
            if question.kind == "file" or question.id not in self.cleaned_data:
                continue
            kept[question.id] = services.plain(self.cleaned_data[question.id])
        return kept

    def removed(self) -> list[str]:
        """The items whose files are to be taken away; a file chosen in its place stays."""
        ticked = [name[len(REMOVE) :] for name, value in self.cleaned_data.items() if name.startswith(REMOVE) and value]
        return [item for item in ticked if item not in self._given]

    def chosen(self) -> dict[str, GivenFile]:
        """The valid files that were chosen, by item."""
        return self._given


def begins_with(question: Question, stored: Any) -> Any:
    """A stored answer as its field begins with it: numbers as numbers, so that they are written in the page's way."""
    if question.kind == "boolean" and isinstance(stored, bool):
        return "true" if stored else "false"
    if question.kind in ("number", "money") and stored not in (None, ""):
        return Decimal(stored)
    if question.kind == "goods" and isinstance(stored, list):
        return [{name: Decimal(one) if name in NUMBERS and one else one for name, one in row.items()} for row in stored]
    return stored


def explained(hint: str, why: str) -> SafeString:
    """The hint of a question, and why it is asked, with the clause that lets the body ask it (S7.2)."""
    basis = format_html("<span>{} {}</span>", _g("Why this is asked:"), why)
    return format_html("{}<br>{}", hint, basis) if hint else basis


def given_file(upload: UploadedFile[Any], media_types: tuple[str, ...]) -> GivenFile:
    """The upload with the type that its content shows.

    Raises:
        forms.ValidationError: too large, or of another type than is wanted; says how to mend it (S7.4).
    """
    if (upload.size or 0) > LARGEST:
        raise forms.ValidationError(
            _("The file is larger than 10 MB. Scan it at a lower resolution and choose it again")
        )
    content = upload.read()
    upload.seek(0)
    media_type = media_type_of(content)
    if media_type is None or media_type not in media_types:
        wanted = ", ".join(NAMES.get(one, one) for one in media_types)
        raise forms.ValidationError(
            _("The file is none of these: %(wanted)s. Save it as one of them and choose it again") % {"wanted": wanted}
        )
    return GivenFile(name=(upload.name or "file")[:120], media_type=media_type, content=content)


def file_hint(hint: str, have: str, media_types: tuple[str, ...]) -> SafeString:
    """What may be chosen, and the name of the file that is there already."""
    limits = _g("%(types)s, at most 10 MB.") % {"types": ", ".join(NAMES.get(one, one) for one in media_types)}
    parts = [limits, hint]
    if have:
        parts.insert(0, _g("Attached: %(name)s. Choose another file to replace it.") % {"name": have})
    text = format_html("{}", parts[0])
    for part in parts[1:]:
        text = format_html("{}<br>{}", text, part)
    return text
