"""The editor can write every regulation that ships: its forms, shown and sent back, leave each as it was (S9.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.http import QueryDict

from azexport.services.actions.regulations import NOT_REGULATIONS
from azexport.services.editor import expressions
from azexport.services.editor.content import Content, items
from azexport.services.editor.differences import differences
from azexport.services.editor.entries import Rows, Setting
from azexport.services.editor.forms import PartForm
from azexport.services.editor.incomplete import faults_of, ordered, regulation_of
from azexport.services.editor.parts import PARTS, Part
from azexport.services.faults import Path as Place
from azexport.services.files import dump, load, read
from azexport.services.schema import Regulation

SHIPPED = sorted(
    one
    for one in (Path(__file__).resolve().parents[2] / "regulations").glob("*.yaml")
    if one.name not in NOT_REGULATIONS
)
shipped = pytest.mark.parametrize("path", SHIPPED, ids=[one.stem for one in SHIPPED])
pytestmark = pytest.mark.django_db


def contents(path: Path) -> list[Content]:
    """The text as its author wrote it, and as it is stored, with every default said."""
    written, _lines = load(path.read_text())
    regulation = read(path)
    return [{**written, "valid_from": str(written["valid_from"])}, regulation.model_dump(mode="json")]


def bodies(content: Content) -> tuple[tuple[str, str], ...]:
    general = content["general"]
    facts = [one.get("register") or {} for one in content["provision"].get("known_documents", ())]
    named = [general["provider"], *general.get("other_performers", ()), *(one.get("participant") for one in facts)]
    return tuple((one, one) for one in dict.fromkeys(named) if one and " " not in one)


def forms_of(content: Content, part: Part) -> list[tuple[Place, PartForm]]:
    bases = [part.base]
    if part.listed:
        bases = [(*part.listed.path, number) for number in range(len(items(content, part.listed.path)))]
    return [(base, form(content, part, base)) for base in bases]


def form(content: Content, part: Part, base: Place, data: QueryDict | None = None) -> PartForm:
    at = Setting(content, bodies(content), (("AZ", "AZ"), ("DE", "DE")), ("EU",), content["general"]["provider"])
    return PartForm(data, at=at, base=base, groups=part.groups, everything=part.everything)


def sent(shown: PartForm) -> QueryDict:
    """What a browser would send of the form as it is shown."""
    data = QueryDict(mutable=True)
    for name in shown.fields:
        value: Any = shown[name].value()
        if isinstance(value, list):
            data.setlist(name, value)
        elif value is True:
            data[name] = "on"
        elif value is not None and value is not False:
            data[name] = str(value)
    for entry in shown.entries:
        if isinstance(entry, Rows):
            data[f"{entry.name}-rows"] = str(entry.count(shown.record, None))
    return data


@shipped
def test_every_form_shown_and_sent_back_changes_nothing(path: Path) -> None:
    for content in contents(path):
        before = Regulation.model_validate(content).model_dump(mode="json")
        for part in PARTS.values():
            if not part.applies(content):
                continue
            for base, shown in forms_of(content, part):
                after = form(content, part, base, sent(shown)).written()
                assert Regulation.model_validate(after).model_dump(mode="json") == before, (part.key, base)


@shipped
def test_a_shipped_text_has_no_fault_and_differs_in_nothing_from_itself(path: Path) -> None:
    regulation = read(path)
    content = regulation.model_dump(mode="json")
    assert faults_of(content) == []
    assert regulation_of(content) == regulation
    assert Regulation.model_validate(load(dump(ordered(content)))[0]) == regulation
    assert not differences(regulation, content, "az")


@shipped
def test_what_is_understood_of_a_condition_is_written_the_same_way(path: Path) -> None:
    content = read(path).model_dump(mode="json")
    provision = content["provision"]
    said = [one["when"] for one in (*provision["questions"], *provision["documents"]) if one["when"]]
    said += [one["condition"] for one in provision["checks"]]
    known = expressions.subjects(content, per_line=True)
    for expression in said:
        simple = expressions.understood(expression, known)
        if simple is not None:
            again = expressions.written(simple, known)
            assert expressions.understood(again, known) == simple
            assert again.replace('"', "'") == expression.replace('"', "'")
