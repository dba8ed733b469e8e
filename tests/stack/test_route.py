"""A case on its way through bodies that work differently, over real HTTP: one on its desk, one by its own system.

The free sale certificate (P10.3.5, S-A1 3.4.3): the centre asks two bodies side by side. The one has a system, the
sandbox's program `plant`, which is down for a while, killed in the middle, silent, or not waited for any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.browser import Browser, Page
from demo.journey import Journey
from demo.registrations import Registrations
from tests.stack.conftest import HAZELNUTS_TO_GERMANY
from tests.stack.consignments import Ledger, Scripts, rows, window
from tools.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
SERVICE, STEP = "free-sale-certificate", "opinion-food-safety"
ASKED, STARTED, FINISHED = "case.step_requested", "case.step_started", "case.step_finished"
PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj 2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\n%%EOF\n"
ANSWERS: dict[str, Any] = {
    "goods_az": "Dağ çiçəyi balı", "goods_en": "Mountain flower honey", "hs_code": "040900", "own_production": "true",
    "certificate_number": "AZS-2026-118", "standard": "AZS 119", "destination_country": "DE", "paper_copy": "false",
    "truth": "true",
}  # fmt: skip


@dataclass
class Bodies:
    """The applicant and the officers at the pages of the portal, and the system of the body that has one."""

    stack: Stack
    people: Registrations
    exporter: Browser
    key: dict[str, Any]

    def apply(self) -> str:
        """The application is answered, signed and sent; returns the case."""
        browser = self.exporter
        browser.open(f"/apply/{SERVICE}/")
        browser.submit()
        at = browser.page.path
        for address in list(browser.page.links("/tasks/")):
            browser.open(address)
            files = browser.page.form().xpath(".//input[@type='file']/@name")
            attached = dict.fromkeys(files, ("satis.pdf", PDF, "application/pdf"))
            self.people.answer(browser, address, ANSWERS | attached)
        browser.open(f"{at}check/")
        browser.submit()
        self.people.sign(browser, self.key)
        page = browser.wait(f"{at}submitted/", lambda page: page.path.endswith("/submitted/"))
        return str(page.links("/cases/")[0].split("/cases/")[1].strip("/"))

    def officer(self, body: str, role: str = "officer") -> Browser:
        return self.people.at_the_desk(self.people.person(body, role))

    def begin(self, case: str) -> None:
        """The centre takes the case on and ends its first step: both other bodies are asked."""
        centre = self.officer("caerc", "head")
        centre.open(f"/desk/cases/{case}/take-on/")
        centre.submit()
        self.finish(centre, case)

    def finish(self, browser: Browser, case: str, **said: str) -> None:
        """The officer ends the step that is open for them, everything ticked."""
        at = f"/desk/cases/{case}/"
        [form] = steps(browser.wait(at, lambda page: bool(steps(page)), 30))
        every = browser.page.form(form).xpath(".//input[@name='checklist']/@value")
        browser.submit({"checklist": list(every), **said}, form=form)

    def grant(self, case: str) -> None:
        centre = self.officer("caerc", "head")
        centre.open(f"/desk/cases/{case}/grant/")
        centre.submit()
        centre.submit()
        self.people.sign(centre, self.people.person("caerc", "head"))

    def outcomes(self, case: str) -> dict[str, str]:
        """Step -> what came of it; empty while it is open."""
        return dict(rows(
            self.stack, "select s.step, s.outcome from cases_steprecord s join cases_case c on c.id = s.case_id"
                        " where c.reference = %s", case,
        ))  # fmt: skip

    def request(self, case: str) -> str:
        """How it stands with what was sent to ask the body."""
        found = rows(self.stack, "select status from exchange_message where subject = %s and type = %s", case, ASKED)
        [[status]] = found
        return str(status)

    def until(self, case: str, step: str, outcome: str, seconds: float = 30) -> None:
        """The applicant's page has been loaded until the step has come to this."""
        self.exporter.wait(f"/cases/{case}/", lambda _page: self.outcomes(case).get(step) == outcome, seconds)


def steps(page: Page) -> list[str]:
    """The addresses of the forms of the steps that the officer can end now."""
    assert page.tree is not None
    found = page.tree.xpath("//main//form[contains(@action, '/steps/')]/@action")
    return [str(one) for one in found if not str(one).endswith("/start/")]


@pytest.fixture
def bodies(stack: Stack, tmp_path: Path) -> Bodies:
    journey = Journey(
        stack.url, stack.directory, stack.sandbox, tmp_path / "documents", HAZELNUTS_TO_GERMANY, say=lambda _text: None
    )
    journey.open_cabinet()
    return Bodies(stack, Registrations(stack.url, stack.sandbox), journey.exporter, journey.person("exporter"))


@pytest.fixture
def plant(stack: Stack) -> Ledger:
    return Ledger(stack.sandbox, "plant")


def test_a_system_that_is_down_and_killed_in_the_middle_answers_once_and_the_case_goes_on(
    stack: Stack, scripts: Scripts, bodies: Bodies, plant: Ledger
) -> None:
    scripts.say("plant", opinion={"start": 0, "after": 3, "outcome": "agree", "note": "Etiraz yoxdur."})
    case = bodies.apply()
    stack.kill("plant")
    bodies.begin(case)

    # Down: the other body works on meanwhile, and the portal keeps trying.
    bodies.exporter.wait(f"/cases/{case}/", lambda _page: bodies.request(case) == "retrying", 20)
    bodies.finish(bodies.officer("economy"), case, outcome="agreed")
    assert bodies.outcomes(case) == {
        "document-check": "done", STEP: "", "opinion-economy": "agreed",
    }  # fmt: skip

    # Back, asked, at work: and killed before it has answered.
    stack.restart("plant")
    bodies.exporter.wait(f"/cases/{case}/", lambda _page: any(one["state"] == "started" for one in of(plant, case)), 30)
    stack.kill("plant")
    stack.restart("plant")
    bodies.until(case, STEP, "agreed")

    bodies.finish(bodies.officer("caerc", "head"), case)
    bodies.grant(case)
    page = window(bodies.exporter, "en").wait(f"/cases/{case}/", lambda page: "Etiraz yoxdur." in page.text(), 30)
    bodies.exporter.wait(f"/cases/{case}/", lambda page: page.tree is not None and bool(page.links("/documents/")), 30)
    assert "Murad Səfərov" in page.text() or "Elçin Hüseynov" in page.text()

    # Everything once, on both sides.
    assert len(plant.received(ASKED, case)) == len(plant.sent(STARTED, case)) == len(plant.sent(FINISHED, case)) == 1
    assert rows(stack, "select direction, type, status, count(*) from exchange_message where subject = %s and type like"
                       " 'case.step%%' group by 1, 2, 3 order by 2", case) == [
        ("in", FINISHED, "accepted", 1), ("out", ASKED, "delivered", 1), ("in", STARTED, "accepted", 1),
    ]  # fmt: skip
    told = dict(rows(stack, "select name, count(*) from audit_event where subject = %s group by name", case))
    assert (told["case.step_finished"], told["case.granted"]) == (4, 1)
    # It was asked about this application: its answers, its file, what the centre had done; not more than once each.
    [asked] = plant.received(ASKED, case)
    assert asked["body"]["answers"]["goods_en"] == "Mountain flower honey"
    assert [one["name"] for one in asked["body"]["documents"]] == ["satis.pdf"] * len(asked["body"]["documents"])
    assert asked["body"]["application_document"]["content_base64"]
    assert [one["step"] for one in asked["body"]["earlier_steps"]] == ["document-check"]


def test_an_objection_by_message_is_read_on_the_desk_and_by_the_applicant(
    scripts: Scripts, bodies: Bodies, plant: Ledger
) -> None:
    scripts.say("plant", opinion={"outcome": "object", "note": "Məhsula qadağa qoyulub."})
    case = bodies.apply()
    bodies.begin(case)
    bodies.until(case, STEP, "objected")

    for browser, at in ((bodies.exporter, "/cases/"), (bodies.officer("caerc", "head"), "/desk/cases/")):
        assert "Məhsula qadağa qoyulub." in browser.open(f"{at}{case}/").text()


def test_a_body_that_is_asked_hears_that_the_applicant_has_withdrawn(
    scripts: Scripts, bodies: Bodies, plant: Ledger
) -> None:
    scripts.say("plant", opinion={"outcome": "silent"})
    case = bodies.apply()
    bodies.begin(case)
    bodies.exporter.wait(f"/cases/{case}/", lambda _page: bool(of(plant, case)), 30)

    bodies.exporter.open(f"/cases/{case}/withdraw/")
    bodies.exporter.submit()

    bodies.exporter.wait(
        f"/cases/{case}/", lambda _page: [one["state"] for one in of(plant, case)] == ["withdrawn"], 30
    )
    [told] = plant.received("case.step_withdrawn", case)
    assert (told["body"]["reason"], told["body"]["case_status"]) == ("case_ended", "withdrawn")
    scripts.take_back("plant")
    assert not plant.sent(FINISHED, case)


def of(ledger: Ledger, case: str) -> list[dict[str, Any]]:
    """The steps of the case that were asked of the program."""
    return [one for one in ledger.records("step").values() if one["case"] == case]
