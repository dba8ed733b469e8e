"""What a change weighs after the public discussion (S9.7): what users bear or get, or only how it is worded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from azexport.services.editor.differences import differences
from azexport.services.schema import Regulation
from azexport.services.substance import WORDING, changes
from tests.factories.services import honey, words

Text = dict[str, Any]


def whole(**changes: Any) -> Text:
    """The invented regulation with what it has none of."""
    text: Text = honey(**changes)
    text["provision"]["checks"] = [{"id": "many", "condition": "answers.hives < 99.0", "message": words("Too many.")}]
    owner = {"id": "owner", "label": words("Owner"), "source": "applicant.name"}
    register = {"participant": "hive-office", "facts": [owner]}
    text["provision"]["known_documents"] = [
        {"id": "hive", "name": words("Hives"), "identified_by": words("Number"), "register": register}
    ]
    text["general"]["result"]["document"] = {
        "text": words("It is honey."), "fields": [{"label": words("Hives"), "value": "answers.hives"}],
    }  # fmt: skip
    return text


def provision(text: Text) -> Text:
    found: Text = text["provision"]
    return found


def steps(text: Text) -> list[Text]:
    found: list[Text] = text["procedures"]["steps"]
    return found


WEIGHTY: dict[str, tuple[Callable[[Text], Any], str]] = {
    "a document more": (
        lambda t: provision(t)["documents"].append({"id": "x", "name": words("X"), "why": words("x")}), "2.6.2",
    ),
    "a document called otherwise": (lambda t: provision(t)["documents"][0].update(name=words("Film")), "2.6.2"),
    "a document for more people": (lambda t: provision(t)["documents"][0].update(when=None), "2.6.2"),
    "a question more": (
        lambda t: provision(t)["questions"].append(
            {"id": "x", "kind": "text", "label": words("X"), "why": words("x")}
        ), "2.6, note 1",
    ),
    "a question less": (lambda t: provision(t)["questions"].pop(), "2.6, note 1"),
    "a question that must be answered": (lambda t: provision(t)["questions"][1].update(required=False), "2.6, note 1"),
    "a check": (
        lambda t: provision(t).update(
            checks=[{"id": "few", "condition": "answers.hives < 9.0", "message": words("Too many.")}]
        ), "2.6, note 1",
    ),
    "the fee": (lambda t: provision(t)["fee"].update(amount="8"), "2.2"),
    "paying first": (lambda t: provision(t)["fee"].update(before_decision=True), "2.2.1"),
    "the users": (lambda t: provision(t)["users"].append("natural"), "2.3"),
    "the term": (lambda t: t["general"]["term"].update(working_days=5), "1.7"),
    "the result": (lambda t: t["general"]["result"].update(validity={"days": 9, "text": words("9 days")}), "1.8"),
    "what the service is": (lambda t: t["general"].update(content=words("Says that wax is wax.")), "1.2"),
    "a step's term": (lambda t: steps(t)[0].update(working_days=1), "3.4.2"),
    "a step's performer": (
        lambda t: (t["general"].update(other_performers=["wax"]), steps(t)[0].update(performer="wax")), "3.4.3",
    ),
    "the route": (lambda t: steps(t)[1].update(after=[]), "3.4.1"),
    "a step less": (lambda t: steps(t).pop(), "3.4.1"),
    "a ground of refusal": (
        lambda t: t["procedures"]["refusal_grounds"].append({"id": "x", "text": words("X"), "clause": "1"}), "3.3.1",
    ),
    "silence": (
        lambda t: t["procedures"].update(silence={"rule": "granted", "text": words("Yes."), "clause": "1"}), "3.3.2",
    ),
    "a rule of the finder": (lambda t: t["requirements"][0].update(hs=["0410"]), ""),
    "how long a complaint takes": (lambda t: t["procedures"]["disputes"].update(term=words("A year.")), "3.6.3"),
}  # fmt: skip
WORDS: dict[str, Callable[[Text], Any]] = {
    "the name": lambda t: t["general"].update(name=words("The honey seal")),
    "an act": lambda t: t["general"]["legal_basis"][0].update(clause="7.1"),
    "a question's label": lambda t: provision(t)["questions"][0].update(label=words("Your hives?")),
    "a hint": lambda t: provision(t)["questions"][0].update(hint=words("All of them")),
    "why a document is asked": lambda t: provision(t)["documents"][0].update(why=words("Law on Honey, 12.1")),
    "a choice's label": lambda t: provision(t)["questions"][3]["choices"][0].update(label=words("White acacia")),
    "the order of choices": lambda t: provision(t)["questions"][3]["choices"].reverse(),
    "a check's message": lambda t: provision(t)["checks"][0].update(message=words("So many?")),
    "the label of a line of the result": lambda t: t["general"]["result"]["document"]["fields"][0].update(
        label=words("Beehives")
    ),
    "the label of a fact": lambda t: provision(t)["known_documents"][0]["register"]["facts"][0].update(
        label=words("Called")
    ),
    "whom to ask": lambda t: provision(t).update(information=words("Ring 1654.")),
    "the officer's position": lambda t: steps(t)[0].update(responsible=words("Chief taster")),
    "pages of the form": lambda t: provision(t).update(sections=[{"id": "all", "title": words("All"), "tasks": [
        {"id": "all", "title": words("All"), "questions": [one["id"] for one in provision(t)["questions"]],
         "documents": ["photo"]},
    ]}]),
}  # fmt: skip


@pytest.mark.parametrize("name", WEIGHTY)
def test_what_users_bear_or_get_weighs(name: str) -> None:
    """S9.7: it is named under its heading of the model form."""
    change, clause = WEIGHTY[name]
    text = whole()
    change(text)
    assert clause in changes(whole(), text).weighty


@pytest.mark.parametrize("name", WORDS)
def test_how_it_is_worded_does_not(name: str) -> None:
    text = whole()
    WORDS[name](text)
    found = changes(whole(), text)
    assert (found.weighty, bool(found.wording)) == ((), True)


def test_what_the_draft_s_life_sets_changes_nothing() -> None:
    assert not changes(whole(), whole(version=2, valid_from="2027-01-01", general__provider="wax-office"))


def test_saying_what_is_so_anyway_changes_nothing() -> None:
    text = whole()
    steps(text)[0]["after"], steps(text)[1]["after"] = [], ["tasting"]
    provision(text)["questions"][0]["required"] = True
    assert not changes(whole(), text)


def test_while_the_text_is_not_whole_nothing_is_said() -> None:
    assert not changes(whole(), {"general": {}})


def test_a_text_from_before_the_format_changed_is_compared_as_it_stands() -> None:
    old: Text = {**whole(), "forgotten": "part"}
    assert changes(old, whole()).weighty


@pytest.mark.parametrize("pattern", WORDING)
def test_the_places_of_wording_are_places_of_the_format(pattern: str) -> None:
    """A name that is misspelt there would make words weigh for ever."""
    model: Any = Regulation
    for name in pattern.replace(".*", "").split("."):
        known = {field.alias or one: field.annotation for one, field in model.model_fields.items()}
        assert name in known
        model = model_in(known[name])


def model_in(annotation: Any) -> Any:
    """The part of the format that the annotation is about, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := model_in(one))), None)


@pytest.mark.django_db
@pytest.mark.parametrize("name", WORDS)
def test_whatever_may_go_on_with_a_reason_is_shown_as_a_difference(name: str) -> None:
    """S9.7: nothing that goes on with other words stays unseen."""
    text = whole()
    WORDS[name](text)
    assert any(differences(whole(), text, language) for language in ("az", "en"))
