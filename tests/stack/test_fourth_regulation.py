"""A fourth, invented regulation with its own invented body, from finder to signed permit, by data alone.

A clerk's folder of regulations, a body's own program with its own keys, not a changed line of code: other questions,
another fee, two steps, a document that nobody else wants.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.browser import Browser, PageError
from demo.journey import Journey, Order
from tests.factories.services import honey, write
from tests.stack.consignments import Ledger, Scripts, mark_on, rows, window
from tools.stack import ROOT, Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
HONEY_TO_GERMANY = Order("040900", "DE", "5", contracted="10")
SEAL, OFFICE, PROGRAM = "honey-seal", "honey-office", "honey"
NAME = {"az": "Bal İdarəsi", "en": "Honey Office"}

BODY: dict[str, Any] = {
    "port": 9, "code": OFFICE, "name": NAME,
    "head": {"given_name": "Ayna", "surname": "Balayeva", "fin": "9AB12CD", "position": {"az": "Rəis", "en": "Head"}},
    "former": {"given_name": "Eldar", "surname": "Qədirov", "fin": "9EF34GH",
               "position": {"az": "Keçmiş rəis", "en": "Former head"}},
}  # fmt: skip
"""The body's system, as the sandbox's DIR/programs.yaml has it."""
PARTICIPANT: dict[str, Any] = {
    "code": OFFICE, "roles": ["permit-body"], "legal_basis": "Law on Honey, 7",
    "resource": {"az": "Bal möhürünün verilməsi", "en": "Issue of the honey seal"},
    "tenures": [{"name": NAME, "source": "invented"}],
}  # fmt: skip
SCRIPT: dict[str, Any] = {
    "accept": {"after": 0.1},
    "steps": [{"step": "tasting", "after": 0.1}, {"step": "sealing", "after": 0.1}],
    "decide": {"after": 0.1},
    "wait_for_fee": True,
    "permit": {"number": "BAL-{year}-{serial:04d}", "valid_days": 30,
               "fields": {"title": {"az": "Bal möhürü", "en": "Honey seal"}}},
}  # fmt: skip


@dataclass
class HoneyJourney(Journey):
    """The main job with honey; what the journey cannot guess is the file that this regulation alone wants."""

    def answer_form(self, known: dict[str, Any], browser: Browser | None = None) -> None:
        names = [str(name) for name in (browser or self.exporter).page.form().fields]
        files = {name: ("hives.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf") for name in names if "photo" in name}
        super().answer_form({"hives": "12", "temperature": "40", **known, **files}, browser)


@pytest.fixture(scope="module")
def journey(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HoneyJourney]:
    """The running portal was given a folder of regulations with one more in it; the body runs; honey is exported."""
    folder = tmp_path_factory.mktemp("clerk") / "regulations"
    shutil.copytree(ROOT / "regulations", folder)
    write(folder, honey())
    participants = yaml.safe_load((folder / "participants.yaml").read_text())
    participants["participants"].append(PARTICIPANT)
    (folder / "participants.yaml").write_text(yaml.safe_dump(participants, allow_unicode=True))
    (stack.sandbox / "programs.yaml").write_text(yaml.safe_dump({PROGRAM: BODY}, allow_unicode=True))
    Scripts(stack.sandbox).say(PROGRAM, **SCRIPT)
    stack.set_up_sandbox()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AZEXPORT_REGULATIONS", str(folder))
        stack.manage("load_participants")
        stack.manage("load_regulations")
    stack.restart(PROGRAM)

    journey = HoneyJourney(
        stack.url, stack.directory, stack.sandbox, folder.parent / "documents", HONEY_TO_GERMANY, say=lambda _text: None
    )
    try:
        journey.open_cabinet()
        journey.draft_contract()
        journey.sign_contract()
        journey.buyer_signs()
        journey.fill_application()
        journey.submit_application()
        journey.await_permits()
        yield journey
    finally:
        stack.kill(PROGRAM)
        (stack.sandbox / "programs.yaml").unlink()
        stack.set_up_sandbox()


def test_anybody_finds_it_with_its_rule_and_its_fee(stack: Stack, journey: HoneyJourney) -> None:
    anybody = Browser(stack.url, "en")
    found = anybody.get_json("/finder/?hs=040900&destination=DE")["requirements"]

    [seal] = [one for one in found if one["service"] == SEAL]
    assert (seal["level"], seal["rule"]) == ("required", "HON-901")
    assert seal["fee"] == {"amount": "7.50", "currency": "AZN"}
    assert "Honey is watched." in anybody.open("/finder/?hs=040900&destination=DE").text()


def test_it_is_granted_by_its_own_body_in_its_own_two_steps_for_its_own_fee(
    stack: Stack, journey: HoneyJourney
) -> None:
    exporter = window(journey.exporter, "en")
    page = exporter.open(f"/operations/{journey.operation}/")
    assert mark_on(page, SEAL) == "granted"
    assert page.tree is not None
    reference = page.tree.xpath(f"//*[@data-service='{SEAL}']/@data-case")[0]

    shown = exporter.open(f"/cases/{reference}/").text()
    for text in ("Honey Office", "Issue of the honey seal", "Tasting", "Sealing", "7.50", "BAL-", "Ayna Balayeva"):
        assert text in shown
    taken = "select s.step from cases_steprecord s join cases_case c on c.id = s.case_id where reference = %s"
    assert rows(stack, f"{taken} order by s.id", reference) == [("tasting",), ("sealing",)]
    assert rows(stack, "select type, count(*) from exchange_message where subject = %s and type = 'fee.paid'"
                       " group by 1", reference) == [("fee.paid", 1)]  # fmt: skip


def test_its_own_questions_were_asked_and_its_file_reached_the_body(stack: Stack, journey: HoneyJourney) -> None:
    [[reference]] = rows(
        stack,
        "select c.reference from cases_case c join services_regulationversion v on v.id = c.regulation_id"
        " where c.application_reference = %s and v.service = %s", journey.application, SEAL,
    )  # fmt: skip
    [submitted] = Ledger(stack.sandbox, PROGRAM).received("case.submitted", reference)

    assert {"hives", "heated", "blossom"} <= set(submitted["body"]["answers"])
    assert "hives.pdf" in str([one["name"] for one in submitted["body"]["documents"]])


def test_a_wrong_answer_does_not_blame_the_file_beside_it(journey: HoneyJourney) -> None:
    browser = window(journey.exporter, "en")
    browser.open(f"/applications/new/?contract={journey.contract}")
    browser.submit({"contract": journey.contract})
    at = browser.page.path
    browser.open(f"{at}goods/")
    browser.submit()
    browser.open(f"{at}permits/")
    journey.answer_form({}, browser)
    browser.open(f"{at}questions/{SEAL}/")

    with pytest.raises(PageError) as refused:
        journey.answer_form({"hives": "many", "heated": "false", "blossom__1": "acacia"}, browser)

    assert "number" in str(refused.value)
    assert "PDF" not in str(refused.value)


def test_its_paper_is_a_signed_document_like_every_other(stack: Stack, journey: HoneyJourney) -> None:
    paper = journey.folder / f"permit-{SEAL}.pdf"

    assert paper.exists()
    if shutil.which("pdfsig"):
        told = subprocess.run(["pdfsig", "-nocert", str(paper)], capture_output=True, text=True).stdout
        assert "Signature Validation: Signature is Valid." in told
        assert "Ayna Balayeva" in told


def test_not_a_line_of_code_knows_of_it() -> None:
    sources = [path for folder in ("azexport", "config") for path in (ROOT / folder).rglob("*.py")]

    assert not [path for path in sources if "honey" in path.read_text().lower()]
    assert not (Path(ROOT) / "regulations" / f"{SEAL}.yaml").exists()
