"""A case of three bodies, two of them side by side: one on its desk, one by its own system; decided with the official's
own key (S-A1 3, P10.3.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import Eye, press, put, suggest
from tests.journeys.test_letters import enter, key_of, sign, someone
from tools.stack import Stack

__all__ = ["key_of"]
pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("stack")]

SERVICE = "free-sale-certificate"
PDF = b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj 2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj\n%%EOF\n"
TASKS: dict[str, dict[str, str]] = {
    "names": {"goods_az": "Dağ çiçəyi balı", "goods_en": "Mountain flower honey", "hs_code": "bal"},
    "production": {"own_production": "true"},
    "conformity": {"certificate_number": "AZS-2026-118", "standard": "AZS 119"},
    "use": {"destination_country": "DE", "paper_copy": "false"},
    "confirmation": {"truth": "true"},
}


def test_three_bodies_decide_one_application(stack: Stack, new_page: Callable[..., Page], tmp_path: Path) -> None:
    eye = Eye(tmp_path)
    applicant, centre, economy = (new_page() for _ in range(3))
    for page in (applicant, centre, economy):
        eye.watch(page)
    exporter = someone(stack, role="second-exporter")
    enter(applicant, stack, exporter)
    apply(applicant)
    sign(applicant, stack, exporter)
    applicant.wait_for_url("**/submitted/")

    official = someone(stack, role="head", body="caerc")
    enter(centre, stack, official)
    case = take_on(centre, eye)
    finish(centre, eye, case)
    # The body for plant health has a system: the sandbox's program is asked, and answers, by message.
    enter(economy, stack, someone(stack, role="officer", body="economy"))
    agree(economy, eye, case)
    until_a_step_is_open(centre, case)
    finish(centre, eye, case)
    centre.goto(f"/desk/cases/{case}/grant/")
    press(centre)
    centre.wait_for_url("**/grant/check/")
    eye.look(centre, "result")
    centre.goto(f"/desk/cases/{case}/grant/check/")
    press(centre)
    sign(centre, stack, official)
    centre.wait_for_url(f"**/desk/cases/{case}/")
    expect(centre.locator("main")).to_contain_text("Nəticə")
    eye.look(centre, "decided")

    applicant.goto(f"/cases/{case}/")
    expect(applicant.locator("#result")).to_be_visible()
    expect(applicant.get_by_role("link", name=re.compile("sərbəst satış", re.I)).first).to_be_visible()
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))


def apply(page: Page) -> None:
    """The application is begun, every task answered, and put forward for signature."""
    page.goto(f"/apply/{SERVICE}/")
    page.locator("#start button").click()
    page.wait_for_url("**/filings/FL-**")
    reference = urlsplit(page.url).path.strip("/").split("/")[1]
    for task, answers in TASKS.items():
        page.goto(f"/filings/{reference}/tasks/{task}/")
        for name, value in answers.items():
            if name == "hs_code":
                suggest(page, "id_hs_code", value, "040900")
            else:
                put(page, page.locator(f'main form [name="{name}"]'), value)
        for field in page.locator('main form input[type="file"]').all():
            field.set_input_files({"name": "satis.pdf", "mimeType": "application/pdf", "buffer": PDF})
        here = page.url
        for _again in range(2):  # an answer that brings up a question, or puts one away, shows the page once more
            with page.expect_navigation():
                press(page)
            if page.url != here:
                break
    page.goto(f"/filings/{reference}/check/")
    press(page)


def take_on(page: Page, eye: Eye) -> str:
    """The newest case of the queue is held by the officer."""
    page.goto("/desk/")
    eye.look(page, "queue")
    page.goto("/desk/")
    page.locator("tbody a").first.click()
    case = urlsplit(page.url).path.strip("/").split("/")[2]
    eye.look(page, "new-case")
    page.goto(f"/desk/cases/{case}/take-on/")
    press(page)
    page.wait_for_url(f"**/desk/cases/{case}/")
    eye.look(page, "held-case")
    return case


def finish(page: Page, eye: Eye, case: str) -> None:
    """The running step ends: everything on its checklist is ticked."""
    page.goto(f"/desk/cases/{case}/")
    form = page.locator(".az-desk__side section form").last
    for box in form.locator("input[type=checkbox]").all():
        box.check()
    form.get_by_role("button", name="Mərhələni bitir").click()
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()


def until_a_step_is_open(page: Page, case: str) -> None:
    """Everybody who was asked has answered, so that the provider's next step may end."""
    for _attempt in range(40):
        page.goto(f"/desk/cases/{case}/")
        if page.get_by_role("button", name="Mərhələni bitir").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("the other bodies have not answered")


def agree(page: Page, eye: Eye, case: str) -> None:
    """The other body finds the case on its desk and gives its opinion."""
    page.goto("/desk/?show=running")
    page.get_by_role("link", name=re.compile("sərbəst satış", re.I)).first.click()
    page.wait_for_url(f"**/desk/cases/{case}/")
    eye.look(page, "asked-for-an-opinion")
    page.goto(f"/desk/cases/{case}/")
    page.get_by_label("Razıdır").check()
    for box in page.locator(".az-desk__side section form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Mərhələni bitir").click()
    expect(page.locator(".govuk-notification-banner--success")).to_be_visible()
