"""The proof that regulations conform, from the command line and in the program (S9.1, S9.5, S9.6, S-A1)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from azexport.services import conformance, diagram, files
from azexport.services.files import RegulationError
from azexport.services.schema import Regulation
from config.cli import command_of
from tests.factories.services import honey, words, write

ROOT = Path(__file__).resolve().parent.parent.parent


def step(identity: str, **more: Any) -> dict[str, Any]:
    return {"id": identity, "name": words(identity.title()), "responsible": words("Head"), "content": words("Work."),
            "working_days": 1, "result": words("A result.")} | more  # fmt: skip


def steps(*given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return honey(procedures__steps=list(given), **more)


@pytest.fixture
def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command over regulations; gives its status and what it printed."""

    def run(*regulations: dict[str, Any], **options: Any) -> tuple[int, str]:
        for one in regulations:
            write(tmp_path, one)
        try:
            call_command("regulations_check", tmp_path, **options)
            status = 0
        except SystemExit as ended:
            status = int(str(ended.code))
        return status, capsys.readouterr().out

    return run


def test_what_ships_conforms(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each required heading filled, each state reached and left, each term set (S-A1)."""
    call_command("regulations_check", ROOT / "regulations", diagrams=tmp_path / "d")

    printed = capsys.readouterr().out
    assert " 0 faults" in printed
    pictures = sorted(path.stem for path in (tmp_path / "d").glob("*.svg"))
    assert pictures == sorted(
        path.stem for path in (ROOT / "regulations").glob("*.yaml") if path.stem != "participants"
    )


def test_a_table_says_of_each_regulation_what_it_is(checked: Any) -> None:
    status, printed = checked(honey())

    head, row, last = printed.splitlines()
    assert status == 0
    assert head.split() == ["regulation", "version", "kind", "headings", "questions", "steps", "term", "faults"]
    assert row.split() == ["honey-seal", "1", "interactive", "30", "5", "1", "1", "4", "wd", "ok"]
    assert last == "1 regulations, 0 faults"


def test_a_fault_is_told_with_file_line_and_clause_and_the_command_fails(checked: Any) -> None:
    data = honey(general__name={"az": "Bal"}, procedures__disputes__term=words(" "))

    status, printed = checked(data)

    assert status == 1
    assert "honey-seal.yaml:5: (S-A1 1.1) general.name.en: this is not filled" in printed
    assert "(S-A1 3.6.3) procedures.disputes.term" in printed


def test_the_faults_are_told_in_azerbaijani_too(checked: Any) -> None:
    _status, printed = checked(honey(general__name={"az": "Bal"}), language="az")

    assert "(S-A1 1.1) general.name.en: doldurulmayıb" in printed


def test_a_folder_without_regulations_is_no_success(checked: Any) -> None:
    assert checked()[0] == 1


def test_rules_given_twice_are_found_between_files(checked: Any) -> None:
    status, printed = checked(honey(), honey(id="wax-seal"))

    assert status == 1
    assert "wax-seal.yaml:1: requirements: rule HON-901 stands in honey-seal.yaml already" in printed


def test_a_body_that_nobody_is_called_is_found(checked: Any, tmp_path: Path) -> None:
    (tmp_path / "participants.yaml").write_text("participants: [{code: wax-office}]")

    status, printed = checked(honey(), honey(id="wax-seal", requirements=[], general__provider="wax-office"))

    assert status == 1
    assert "honey-seal.yaml:1: (S-A1 1.4) general.provider: no participant is called honey-office" in printed
    assert "2 regulations, 1 faults" in printed


def test_what_is_no_yaml_is_told_with_its_line(checked: Any, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("id: x\ngeneral: [")

    status, printed = checked()

    assert status == 1
    assert "x.yaml:2: not YAML" in printed


def test_two_words_name_a_command_and_others_are_left_alone() -> None:
    assert command_of(["regulations", "check", "x"]) == ["regulations_check", "x"]
    assert command_of(["migrate", "services"]) == ["migrate", "services"]
    assert command_of([]) == []


def test_the_console_command_runs_without_a_database(tmp_path: Path) -> None:
    write(tmp_path, honey())
    env = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    run = subprocess.run(
        [sys.executable, "-c", "from config.cli import main; main()", "regulations", "check", str(tmp_path)],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "1 regulations, 0 faults"), run.stderr


# ------------------------------------------------------------------------------------------- what the format refuses


def refused(data: dict[str, Any]) -> list[str]:
    return [fault.told() for fault in files.faults_of(data)]


DECISION: dict[str, str] = {"grant": "answers.hives > 1.0", "ground": "no-bees"}
AUTOMATIC: dict[str, Any] = {
    "general__automation": "full",
    "general__term": {"working_days": 0, "processing": words("At once."), "clause": "8", "source": "verified"},
    "procedures__steps": [step("look", working_days=0)],
    "procedures__decision": DECISION,
}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (honey(general__activity="3.1.30"), "29 fields"),
        (honey(general__term__lower=5), "(S-A1 1.7) general.term.lower: the lower bound"),
        (honey(general__term__working_days=0), "full automation only (1.7, note 1)"),
        (honey(**{**AUTOMATIC, "general__term": {"working_days": 0, "clause": "8", "source": "verified"}}),
         "how long processing takes"),
        (honey(**{**AUTOMATIC, "procedures__decision": None}), "says how it decides"),
        (honey(**{**AUTOMATIC, "procedures__decision": {"grant": "answers.heated"}}), "on which ground it refuses"),
        (honey(**{**AUTOMATIC, "procedures__decision": {**DECISION, "ground": "none"}}), "no refusal ground none"),
        (honey(**{**AUTOMATIC, "procedures__decision": {**DECISION, "grant": "answers.hives"}}),
         "must be true or false"),
        (honey(**{**AUTOMATIC, "general__automation": "partial"}), "only a fully automatic service"),
        (honey(**{**AUTOMATIC, "general__other_performers": ["wax"],
                  "procedures__steps": [step("look", working_days=0, performer="wax")]}), "waits for no other body"),
        (steps(step("a", performer="wax")), "does not stand among the other performers (1.5)"),
        (steps(step("a"), step("b", after=["c"])), "(S-A1 3.4.1) procedures.steps.1.after: there is no step c"),
        (steps(step("a", after=["b"]), step("b", after=["a"])), "waits, in a circle, for itself"),
        (steps(step("a", working_days=3), step("b", working_days=2, after=[]), step("c", working_days=2, after=["a"])),
         "longer than the term of 4 working days"),
        (steps(step("a", checklist=[{"id": "x", "text": words("X"), "clause": "1"}] * 2)), "checklist item x"),
        (honey(provision__fee={"amount": "0", "before_decision": True}), "the service is free"),
        (honey(provision__known_documents=[{"id": "k", "name": words("K"), "identified_by": words("No."), "register":
            {"participant": "tax", "facts": [{"id": "f", "label": words("F"), "source": "applicant.shoe"}]}}]),
         "(S-A1 2.6.1) provision.known_documents.0.register.facts.0.source: must be one of"),
        (honey(provision__checks=[{"id": "c", "condition": "answers.hives", "message": words("No.")}]),
         "(S-A1 2.6, note 1) provision.checks.0.condition"),
        (honey(provision__checks=[{"id": "c", "condition": "true", "message": words("No."), "question": "q"}]),
         "there is no question q"),
        (honey(provision__calculator={"outputs": [{"id": "o", "label": words("O"), "value": "1.0"}]}),
         "belongs to an informational service"),
        (honey(provision__kind="informational"), "says that it is always open"),
        (honey(general__result__document={"text": words("X"), "fields": [{"label": words("L"), "value": "goods"}]}),
         "wanted is string, int, double, bool"),
        (honey(general__result__register={"name": words("R"), "columns": [{"id": "c", "label": words("C"),
            "value": "case.colour"}]}), "nothing is called colour"),
        (honey(procedures__messages=[{"standard": "X", "fields": [{"from": "answers.wings", "element": "E"}]}]),
         "nothing is called wings"),
        (honey(procedures__request=None), "(S-A1 3.2) procedures.request"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_its_clause(data: dict[str, Any], complaint: str) -> None:
    assert any(complaint in told for told in refused(data)), refused(data)


def _section(*tasks: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": "s", "title": words("S"), "tasks": list(tasks)}]


QUESTIONS = [one["id"] for one in honey()["provision"]["questions"]]


@pytest.mark.parametrize(
    ("tasks", "complaint"),
    [
        ([{"id": "t", "title": words("T"), "questions": QUESTIONS}], "photo stands in no task"),
        ([{"id": "t", "title": words("T"), "questions": [*QUESTIONS, "hives"], "documents": ["photo"]}],
         "hives stands in a task already"),
        ([{"id": "t", "title": words("T"), "questions": [*QUESTIONS, "wings"], "documents": ["photo"]}],
         "nothing called wings"),
        ([{"id": "t", "title": words("T"), "questions": QUESTIONS, "documents": ["photo"]},
          {"id": "u", "title": words("U")}], "the task asks for nothing"),
        ([{"id": "t", "title": words("T"), "questions": QUESTIONS[::-1], "documents": ["photo"]}],
         "looks at blossom, which is not asked before it"),
    ],
)  # fmt: skip
def test_the_sections_ask_for_everything_once_and_in_an_order_that_conditions_can_follow(
    tasks: list[dict[str, Any]], complaint: str
) -> None:
    assert any(complaint in told for told in refused(honey(provision__sections=_section(*tasks))))


def test_faults_are_told_at_their_own_place_and_all_at_once() -> None:
    data = honey(general__activity="x", general__automation="sometimes", provision__fee={"amount": "5"})

    paths = {fault.path for fault in files.faults_of(data)}

    assert paths == {("general", "activity"), ("general", "automation"), ("provision", "fee", "legal_basis")}


def test_steps_with_the_same_before_stand_side_by_side() -> None:
    """S9.3.4, S-A1 3.4.1-3.4.3"""
    regulation = Regulation.model_validate(
        steps(
            step("look"),
            step("wax", after=["look"], performer="wax-office"),
            step("taste", after=["look"]),
            step("seal", after=["wax", "taste"]),
            general__other_performers=["wax-office"],
        )
    )

    assert [[one.id for one in stage] for stage in regulation.stages] == [["look"], ["wax", "taste"], ["seal"]]
    assert regulation.after(regulation.steps[3]) == ("wax", "taste")
    assert [regulation.performer(one) for one in regulation.steps][:2] == ["honey-office", "wax-office"]
    assert diagram.described(diagram.graph_of(regulation), "en") == (
        "Request → Look → Wax | Taste → Seal → Decision → Honey seal | Refusal"
    )


def test_a_picture_shows_each_step_with_its_body_and_days_and_says_itself_in_words() -> None:
    regulation = Regulation.model_validate(
        steps(step("look & <see>"[:4]), step("wax", performer="wax-office"), general__other_performers=["wax-office"])
    )

    picture = diagram.svg(regulation, language="en", names={"wax-office": words("Office of <Wax> & Candles")})

    assert "<title" in picture
    assert "Route of the service" in picture
    assert "Office of &lt;Wax&gt; &amp;" in picture
    assert "1 working day<" in picture
    assert "style=" not in picture
    assert "<script" not in picture


# ------------------------------------------------------------------------------------------- text


def test_a_regulation_is_written_as_it_is_read(tmp_path: Path) -> None:
    regulation = Regulation.model_validate(honey())

    text = files.dump(regulation)

    assert files.parse(text) == regulation
    assert list(yaml.safe_load(text)) == [
        "id",
        "version",
        "valid_from",
        "general",
        "provision",
        "procedures",
        "requirements",
    ]
    assert "max_length" not in text, "what goes without saying is not said"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("id: x\nid: y", "2: not YAML: id stands here twice"),
        ("? [a]\n: 1", "a key is a word"),
        ("a: &a [x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c]\n", "general: this is not filled"),
        ("x: " + "[" * 50 + "]" * 50, "nested too deep"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old},*{old},*{old},*{old}]\n"
            for old, new in zip("abcdefg", "bcdefgh", strict=True)), "too large"),
        ("- 1", "must hold named parts"),
        ("", "must hold named parts"),
        ("x: !!python/object/apply:os.system ['true']", "not YAML"),
        ("x" * 600_000, "longer than"),
    ],
)  # fmt: skip
def test_text_that_is_no_regulation_is_refused_in_little_time(text: str, complaint: str) -> None:
    with pytest.raises(RegulationError) as error:
        files.parse(text, name="x.yaml")

    assert complaint in str(error.value.message)
    assert all(fault.message["az"] and fault.message["en"] for fault in error.value.faults)


def test_faults_of_the_whole_are_found_in_content_that_the_format_takes() -> None:
    """`conformance.check` looks from the outside: what the format would let pass is still found."""
    regulation = Regulation.model_validate(honey())
    lame = regulation.model_copy(update={"procedures": regulation.procedures.model_copy(update={"steps": ()})})

    assert [fault.clause for fault in conformance.check(lame)] == ["3.4"]


@pytest.mark.parametrize("value", ["known.fin", "'No. ' + known[\"fin\"]"])
def test_nobodys_personal_number_stands_in_a_public_register(value: str) -> None:
    """S13: what everybody reads holds no FİN, address or telephone of the person who applied."""
    document = {
        "name": words("Card"), "identified_by": words("FİN"),
        "register": {"participant": "p", "facts": [{"id": "fin", "label": words("FİN"), "source": "person.fin"}]},
    }  # fmt: skip
    register = {"name": words("R"), "columns": [{"id": "c", "label": words("C"), "value": value}]}
    told = refused(honey(provision__known_documents=[document], general__result__register=register))
    assert [one for one in told if "fin is personal" in one]
