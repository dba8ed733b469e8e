"""The applicant's form of a draft, tried out: page by page, with its conditions at work. What is typed travels with the
page and is stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict

from azexport.kernel.text import pick
from azexport.services import conditions, fields
from azexport.services.editor.preview import document_field
from azexport.services.queries.answers import Asked, asked, broken_checks, scope_values
from azexport.services.schema import Question, Regulation, Section, Task

Countries = Sequence[tuple[str, str]]


@dataclass
class Step:
    """What the page shows: a page of the form, or the answers at the end."""

    number: int
    count: int
    section: str = ""
    title: str = ""
    hint: str = ""
    form: forms.Form | None = None
    whys: dict[str, str] = field(default_factory=dict)
    answers: str = "{}"
    refused: bool = False
    cards: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def asked(self) -> list[tuple[Any, str]]:
        """The fields, each with why it is asked."""
        return [(self.form[name], self.whys.get(name, "")) for name in self.form.fields] if self.form else []


class Trial:
    """One request of somebody who tries the form out."""

    def __init__(self, regulation: Regulation, data: QueryDict | None, countries: Countries) -> None:
        self.regulation, self.data, self.countries = regulation, data, countries
        self.pages: list[tuple[Section, Task]] = [
            (section, task) for section in regulation.sections for task in section.tasks
        ]
        self.answers = _answers(data.get("answers", "") if data else "")
        self.number = _number(data.get("number", "") if data else "", len(self.pages))

    def step(self) -> Step:
        """The page to show for what was sent."""
        if self.data is None or not self.pages:
            return self._page(self.number)
        if "back" in self.data:
            return self._page(max(0, self.number - 1))
        if self.number >= len(self.pages):
            return self._page(self.number)
        return self._sent()

    def _sent(self) -> Step:
        assert self.data is not None
        before = [str(one) for one in self.data.getlist("shown")]
        self.answers |= self._typed()
        form = self._form(self.number, data=self.data)
        if "reload" in self.data or any(name not in before for name in form.fields):
            return self._page(self.number)
        if not form.is_valid():
            step = self._page(self.number)
            step.form, step.refused = form, True
            return step
        self.answers |= self._kept(form.cleaned_data)
        return self._page(self.number + 1)

    def _typed(self) -> dict[str, Any]:
        """The answers of this page that are right so far: conditions look at them."""
        everything = self._form(self.number, data=self.data, all_of_them=True)
        everything.is_valid()
        return self._kept(everything.cleaned_data)

    def _kept(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: fields.plain(value)
            for name, value in cleaned.items()
            if not name.startswith("document-") and not hasattr(value, "read")
        }

    def _asked(self) -> Asked:
        return asked(self.regulation, answers=self.answers)

    def _form(self, number: int, *, data: QueryDict | None = None, all_of_them: bool = False) -> forms.Form:
        _section, task = self.pages[number]
        form = forms.Form(data, initial=None if data else self.answers)
        form.use_required_attribute = False
        now = self._asked()
        questions = (
            [one for wanted in task.questions if (one := self.regulation.question(wanted))]
            if all_of_them else now.questions_of(task.questions)
        )  # fmt: skip
        for question in questions:
            required = False if question.kind == "file" else None
            form.fields[question.id] = fields.form_field(question, required=required, countries=self.countries)
        for document in () if all_of_them else now.documents_of(task.documents):
            form.fields[f"document-{document.id}"] = document_field(document)
            form.fields[f"document-{document.id}"].required = False
        return form

    def _page(self, number: int) -> Step:
        step = Step(number, len(self.pages), answers=json.dumps(self.answers, ensure_ascii=False))
        if number >= len(self.pages):
            return self._end(step)
        section, task = self.pages[number]
        step.section, step.title = pick(section.title.text), pick(task.title.text)
        step.hint = pick(task.hint.text) if task.hint else ""
        step.form = self._form(number)
        step.whys = {one.id: pick(one.why.text) for one in self.regulation.questions}
        step.whys |= {f"document-{one.id}": pick(one.why.text) for one in self.regulation.documents}
        if number == 0:
            step.facts = [{"key": pick(one.label.text), "value": one.source} for one in self.regulation.facts]
        return step

    def _end(self, step: Step) -> Step:
        now, named = self._asked(), dict(self.countries)
        for section, task in self.pages:
            rows = [self._row(one, named) for one in now.questions_of(task.questions)]
            if rows:
                step.cards.append({"title": f"{pick(section.title.text)}: {pick(task.title.text)}", "rows": rows})
        broken = broken_checks(self.regulation, answers=self.answers)
        step.broken = [pick(one.message.text) for one in broken]
        step.outputs = self._outputs()
        return step

    def _row(self, question: Question, countries: Mapping[str, str]) -> dict[str, Any]:
        answer = self.answers.get(question.id)
        return {"key": pick(question.label.text), "value": fields.shown(question, answer, countries=countries)}

    def _outputs(self) -> list[dict[str, Any]]:
        calculator = self.regulation.provision.calculator
        if calculator is None:
            return []
        values = scope_values(self.regulation, answers=self.answers)
        return [{"key": pick(one.label.text), "value": _worked_out(one.value, values)} for one in calculator.outputs]


def _worked_out(expression: str, values: Mapping[str, Any]) -> str:
    try:
        return str(conditions.value(expression, values))
    except conditions.ConditionError as error:
        return str(error.message)


def _answers(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0
