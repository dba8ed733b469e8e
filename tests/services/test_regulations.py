"""Regulations as data: read, refused with file, line and clause, loaded as versions (S4.1, S9, S-A1)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from azexport.kernel.actor import SYSTEM
from azexport.services import actions, files, queries
from azexport.services.fields import form_field, plain, shown
from azexport.services.files import RegulationError
from azexport.services.models import RegulationVersion
from azexport.services.schema import Question, Regulation, RequiredDocument
from tests.factories.services import NOW, honey, load, load_all, words, write

DAY = date(2026, 10, 5)


def test_a_file_is_a_regulation(tmp_path: Path) -> None:
    regulation = files.read(write(tmp_path, honey()))

    assert regulation.name == words("Issue of the honey seal")
    assert [step.id for step in regulation.steps] == ["tasting", "sealing"]
    assert regulation.step("tasting") is not None
    assert regulation.ground("no-bees") is not None
    assert regulation.step("dancing") is None


def _first_line(text: str, path: Path) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegulationError) as refused:
        files.read(path)
    return str(refused.value.message)


def _without(data: dict[str, Any], *path: str) -> dict[str, Any]:
    place = data
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return data


@pytest.mark.parametrize(
    ("data", "clause", "place"),
    [
        (_without(honey(), "general", "name"), "(S-A1 1.1)", "general.name"),
        (_without(honey(), "general", "name", "az"), "(S-A1 1.1)", "general.name.az"),
        (honey(general__legal_basis=[]), "(S-A1 1.3)", "general.legal_basis"),
        (honey(general__automation="sometimes"), "(S-A1 1.6)", "general.automation"),
        (honey(general__term__working_days=0), "(S-A1 1.7)", "general.term.working_days"),
        (honey(provision__kind="secret"), "(S-A1 2.1)", "provision.kind"),
        (honey(provision__fee={"amount": "5"}), "(S-A1 2.2.1)", "fee names its legal basis"),
        (_without(honey(), "provision", "users"), "(S-A1 2.3)", "provision.users"),
        (honey(provision__colour="red"), "(S-A1 2)", "provision.colour"),
        (honey(procedures__steps=[]), "(S-A1 3.4)", "procedures.steps"),
        (_without(honey(), "procedures", "disputes", "term"), "(S-A1 3.6.3)", "procedures.disputes.term"),
        (honey(general__term__working_days=3), "(S-A1 3.4)", "longer than the term"),
        (honey(valid_until="2025-01-01"), "", "before valid_from"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_clause(
    tmp_path: Path, data: dict[str, Any], clause: str, place: str
) -> None:
    with pytest.raises(RegulationError) as refused:
        files.read(write(tmp_path, data))

    message = str(refused.value.message)
    assert message.startswith("honey-seal.yaml:")
    assert clause in message
    assert place in message


def test_a_fault_names_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, honey(general__automation="sometimes"))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), start=1) if "automation" in text)

    assert _first_line(path.read_text(), path).startswith(f"honey-seal.yaml:{line}: (S-A1 1.6) general.automation:")


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert _first_line("id: x\nname: [", tmp_path / "x.yaml").startswith("x.yaml:2: not YAML")


def test_a_file_is_called_after_its_regulation(tmp_path: Path) -> None:
    path = write(tmp_path, honey())

    assert "other.yaml:1" in _first_line(path.read_text(), tmp_path / "other.yaml")


@pytest.mark.parametrize(
    ("part", "entries"),
    [
        ("question", {"provision__questions": [honey()["provision"]["questions"][0]] * 2}),
        ("step", {"procedures__steps": [honey()["procedures"]["steps"][0]] * 2}),
        ("refusal ground", {"procedures__refusal_grounds": honey()["procedures"]["refusal_grounds"] * 2}),
        ("rule", {"requirements": [honey()["requirements"][0]] * 2}),
    ],
)
def test_an_id_stands_once(tmp_path: Path, part: str, entries: dict[str, Any]) -> None:
    with pytest.raises(RegulationError, match=rf"{part} .* twice"):
        files.read(write(tmp_path, honey(**entries)))


@pytest.mark.parametrize(
    ("when", "complaint"),
    [
        ("answers.heated > 1.0", "cannot be compared"),
        ("answers.nothing", "nothing is called nothing"),
        ("line.hs == '0409'", "nothing is called line"),
        ("answers.blossom == 'other'", "nothing is called blossom"),
    ],
)
def test_a_condition_with_a_type_error_never_loads(tmp_path: Path, when: str, complaint: str) -> None:
    data = honey()
    data["provision"]["questions"][0]["when"] = when

    with pytest.raises(RegulationError, match=rf"condition of hives.*{complaint}"):
        files.read(write(tmp_path, data))


def test_choices_belong_to_a_choice_only(tmp_path: Path) -> None:
    data = honey()
    data["provision"]["questions"][3]["choices"] = []

    with pytest.raises(RegulationError, match="choices belong"):
        files.read(write(tmp_path, data))


def test_a_rule_that_is_not_plainly_required_says_its_condition(tmp_path: Path) -> None:
    data = honey()
    del data["requirements"][1]["condition"]

    with pytest.raises(RegulationError, match="says its condition"):
        files.read(write(tmp_path, data))


def test_a_rule_number_is_given_once_among_all_files(tmp_path: Path) -> None:
    write(tmp_path, honey())
    write(tmp_path, honey(id="wax-seal"))

    with pytest.raises(RegulationError, match=r"rule HON-901 stands in honey-seal\.yaml already"):
        actions.read_folder(tmp_path)


@pytest.mark.django_db
def test_loading_again_changes_nothing_and_a_new_text_is_a_new_row() -> None:
    first = load()
    assert load_all(honey()) == []

    [corrected] = load_all(honey(general__content=words("Says that honey is really honey.")))
    [second] = load_all(honey(version=2))

    assert [first.label, corrected.label, second.label] == ["1", "1.2", "2"]
    assert first.regulation.general.content.en == "Says that honey is honey."
    assert queries.regulation("honey-seal", DAY) == second


@pytest.mark.django_db
def test_an_older_version_is_not_loaded_over_a_newer() -> None:
    load(version=2)

    with pytest.raises(RegulationError, match="older"):
        load(version=1)


@pytest.mark.django_db
def test_the_version_in_force_is_the_one_valid_on_the_day() -> None:
    old = load(valid_until="2026-10-31")
    new = load(version=2, valid_from="2026-11-01")

    assert queries.regulation("honey-seal", DAY) == old
    assert queries.regulation("honey-seal", date(2026, 11, 1)) == new
    assert queries.regulation("honey-seal", date(2025, 1, 1)) is None


@pytest.mark.django_db
def test_the_command_loads_a_folder_and_says_in_one_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, honey())
    call_command("load_regulations", "--dir", str(tmp_path))
    assert "honey-seal 1: loaded" in capsys.readouterr().out
    assert RegulationVersion.objects.filter(service="honey-seal").count() == 1

    path.write_text(path.read_text().replace("partial", "sometimes"))
    with pytest.raises(CommandError, match=r"honey-seal.yaml:\d+: \(S-A1 1.6\)"):
        call_command("load_regulations", "--dir", str(tmp_path))


# ------------------------------------------------------------------------------------------- what is asked


def _two() -> list[RegulationVersion]:
    wax = honey(id="wax-seal", requirements=[], general__provider="wax-office")
    wax["provision"]["questions"] = [
        {"id": "number_of_hives", "key": "hives", "kind": "number", "required": False, "label": words("Hives?"),
         "why": words("Law on Wax")},
        {"id": "melted", "kind": "boolean", "label": words("Melted?"), "why": words("Law on Wax")},
    ]  # fmt: skip
    return load_all(honey(), wax)


@pytest.mark.django_db
def test_a_question_common_to_two_bodies_is_asked_once_and_answers_both() -> None:
    honey_row, wax_row = _two()

    asked = {one.key: one for one in queries.asked_questions([wax_row, honey_row])}

    assert list(asked) == ["hives", "melted", "heated", "temperature", "blossom", "which"]
    assert asked["hives"].required
    assert asked["hives"].ids == (("wax-seal", "number_of_hives"), ("honey-seal", "hives"))
    answers = {"hives": "12", "melted": True, "heated": False}
    assert queries.answers_for(wax_row, answers) == {"number_of_hives": "12", "melted": True}
    assert queries.answers_for(honey_row, answers) == {"hives": "12", "heated": False}


def _asked(row: RegulationVersion, item_id: str, **context: Any) -> bool:
    items: list[Question | RequiredDocument] = [*row.regulation.questions, *row.regulation.documents]
    given: dict[str, Any] = {"answers": {}, "destination": "DE"} | context
    return queries.is_asked(row, next(one for one in items if one.id == item_id), **given)


@pytest.mark.django_db
def test_a_condition_decides_whether_a_question_is_asked() -> None:
    row = load()
    line = {"line": 2, "hs": "040900"}

    assert _asked(row, "hives")
    assert not _asked(row, "temperature", answers={"heated": False, "hives": "3"})
    assert not _asked(row, "temperature")
    assert _asked(row, "temperature", answers={"heated": True, "hives": "3"})
    assert _asked(row, "which", answers={"blossom": {"1": "acacia", "2": "other"}}, line=line)
    assert not _asked(row, "which", answers={"blossom": {"1": "other", "2": "acacia"}}, line=line)
    assert not _asked(row, "which", answers={"blossom": {"2": "other"}}, line={"line": 2, "hs": "170290"})
    assert not _asked(row, "photo")
    assert _asked(row, "photo", destination_groups=["EU"])
    assert _asked(row, "photo", destination="JP")


@pytest.mark.parametrize(
    ("kind", "raw", "stored", "text"),
    [
        ("text", " Şəki ", "Şəki", "Şəki"),
        ("long_text", "a\nb", "a\nb", "a\nb"),
        ("number", "20000.50", "20000.50", "20,000.5"),
        ("date", "2026-10-05", "2026-10-05", "5 October 2026"),
        ("choice", "acacia", "acacia", "Acacia"),
        ("boolean", "true", True, "Yes"),
        ("boolean", "false", False, "No"),
        ("country", "DE", "DE", "Germany"),
    ],
)
def test_every_kind_of_question_is_a_field_a_stored_answer_and_a_shown_one(
    kind: str, raw: str, stored: object, text: str, settings: Any
) -> None:
    from django.utils.translation import override

    choices = [{"id": "acacia", "label": words("Acacia")}] if kind == "choice" else []
    question = Question.model_validate(
        {"id": "q", "kind": kind, "label": words("Q?"), "why": words("Because"), "choices": choices}
    )
    with override("en"):
        field = form_field(question, countries=[("DE", "Germany")])
        value = plain(field.clean(raw))
        assert value == stored
        assert shown(question, value, countries={"DE": "Germany"}) == text
        assert shown(question, {"1": value}, countries={"DE": "Germany"}).startswith("1: ")
        assert shown(question, None) == "Not stated"


def test_a_regulation_is_read_back_from_what_is_stored_as_it_was() -> None:
    regulation = Regulation.model_validate(honey())

    assert Regulation.model_validate(regulation.model_dump(mode="json")) == regulation


@pytest.mark.django_db
def test_loading_is_on_record() -> None:
    from azexport.audit.models import Event

    actions.load(regulations=[Regulation.model_validate(honey())], by=SYSTEM, now=NOW)

    assert Event.objects.filter(name="regulation.loaded", subject="honey-seal").count() == 1
