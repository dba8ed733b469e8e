"""A citizen writes to a public body and reads its signed answer, by hand, in a real browser (S11.5-11.7, S12.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import Eye, follow, press, use_key
from tools.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("stack")]

BODY = "veterinary-control"
MATTER = "Bal ixracı üçün baytarlıq sertifikatı"
QUESTION = "Hörmətli baytarlıq xidməti!\n\nBal ixrac etmək üçün arıxana nə vaxt yoxlanılmalıdır?"
ANSWER = "Hörmətli Aysel xanım!\n\nArıxana mövsüm başlamazdan əvvəl yoxlanılır."


def test_a_citizen_writes_and_an_officer_answers(stack: Stack, new_page: Callable[..., Page], tmp_path: Path) -> None:
    eye = Eye(tmp_path)
    citizen, officer = new_page(), new_page()
    for page in (citizen, officer):
        eye.watch(page)
    enter(citizen, stack, someone(stack, role="citizen"))
    letter = write(citizen, eye, stack)
    enter(officer, stack, someone(stack, role="officer", body=BODY))
    answer(officer, eye, stack, letter)
    read(citizen, eye, letter)
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))


def write(page: Page, eye: Eye, stack: Stack) -> str:
    """The letter is drafted, kept while it is typed, signed and sent; its number is there at once."""
    page.goto("/cabinet/")
    page.get_by_role("link", name="Məktublar").click()
    page.get_by_role("button", name="Məktub yaz").click()
    page.get_by_label("Hansı quruma yazırsınız?").fill("baytar")
    page.get_by_role("option").first.click()
    press(page)
    page.wait_for_url("**/edit/")
    reference = urlsplit(page.url).path.strip("/").split("/")[1]
    page.fill("[name=matter]", MATTER)
    page.fill("[name=text]", QUESTION)
    expect(page.locator("#saved")).to_contain_text("Qaralama saxlanılıb")
    page.reload()
    expect(page.locator("[name=text]")).to_have_value(QUESTION)
    press(page)
    page.wait_for_url("**/files/")
    page.get_by_role("button", name="Davam et").click()
    page.wait_for_url("**/check/")
    press(page)
    sign(page, stack, someone(stack, role="citizen"))
    page.wait_for_url(f"**/letters/{reference}/sent/")
    expect(page.locator(".govuk-panel")).to_contain_text(reference)
    eye.look(page, "letter-sent")
    return reference


def answer(page: Page, eye: Eye, stack: Stack, reference: str) -> None:
    """The officer registers the letter, answers it and signs with the own key."""
    page.goto("/desk/")
    follow(page.get_by_role("link", name="Məktublar").first)
    follow(page.get_by_role("link", name=MATTER))
    eye.look(page, "letter-desk")
    page.goto(f"/letters/desk/{reference}/register/")
    page.get_by_label("Öz qeydiyyatınızdakı nömrə").fill("2026/118")
    page.get_by_label("Xeyr").check()
    press(page)
    page.wait_for_url(f"**/letters/desk/{reference}/")
    page.goto(f"/letters/desk/{reference}/answer/")
    page.fill("[name=text]", ANSWER)
    press(page)
    page.wait_for_url("**/files/")
    page.goto(f"/letters/desk/{reference}/answer/check/")
    press(page)
    sign(page, stack, someone(stack, role="officer", body=BODY))
    page.wait_for_url(f"**/letters/desk/{reference}/")
    expect(page.locator("main")).to_contain_text("Arıxana mövsüm başlamazdan əvvəl yoxlanılır.")
    eye.look(page, "letter-desk-answered")


def read(page: Page, eye: Eye, reference: str) -> None:
    """The answer is in the cabinet, with who signed it."""
    page.goto("/letters/")
    expect(page.get_by_role("row", name=re.compile(reference))).to_contain_text("Cavab verilib")
    page.get_by_role("link", name=MATTER).click()
    for part in ("Arıxana mövsüm başlamazdan əvvəl yoxlanılır.", "Baytar həkim", "2026/118"):
        expect(page.locator("main")).to_contain_text(part)
    eye.look(page, "letter-answered")


def someone(stack: Stack, **wanted: str) -> dict[str, Any]:
    """Somebody of the sandbox who is that."""
    found: dict[str, Any] = next(
        one for one in stack.directory["people"] if all(one.get(name) == value for name, value in wanted.items())
    )
    return found


def enter(page: Page, stack: Stack, who: dict[str, Any]) -> None:
    """They are signed in; a citizen's cabinet is opened the first time."""
    page.goto("/sign-in/")
    use_key(page, key_of(stack, who, "auth"), "sandbox")
    page.wait_for_url(re.compile("/cabinet/|/sign-in/confirm/|/desk/"))
    if "confirm" in page.url:
        press(page)
        page.wait_for_url("**/cabinet/")


def sign(page: Page, stack: Stack, who: dict[str, Any]) -> None:
    """What waits is read and signed with their key."""
    page.wait_for_url("**/sign/**")
    use_key(page, key_of(stack, who, "sign"), "sandbox")


def key_of(stack: Stack, who: dict[str, Any], kind: str) -> Path:
    path = Path(who[f"{kind}_p12"])
    return path if path.is_absolute() else stack.sandbox / path
