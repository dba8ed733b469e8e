"""A new e-service from nothing to its first decided case, in a real browser: no file touched, no restart (issue 3)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import APIResponse, FilePayload, Page, expect

from tests.journeys.pages import Eye, answer, both, fill_in, follow, keep, picture, press, save, tick, use_key, write
from tools.stack import ROOT, Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("stack")]

SECONDS = 30_000
NAME = {
    "az": "Milli ixrac nişanından istifadəyə icazənin verilməsi",
    "en": "Permission to use the national export mark",
}
CONTENT = {
    "az": "İxrac edilən malın üzərində milli ixrac nişanından istifadəyə icazə verilir.",
    "en": "Permission is given to use the national export mark on goods that are exported.",
}
ACT = {"az": "“azexport.az” portalı haqqında Əsasnamə", "en": "Regulation on the azexport.az portal"}
CLAUSE = f"{ACT['az']}, 4.2.2"
WHY = {"az": CLAUSE, "en": f"{ACT['en']}, 4.2.2"}
FACTS = [
    ({"az": "Ad", "en": "Name"}, "applicant.name"),
    ({"az": "VÖEN", "en": "Taxpayer number"}, "applicant.voen"),
    ({"az": "Hüquqi ünvan", "en": "Registered address"}, "applicant.address"),
]
LAYOUT = {"az": "Nişanın qablaşdırmada yerləşdirilməsinin maketi", "en": "Layout of the mark on the packaging"}
WHICH = {"az": "Nişan hansı malın üzərində istifadə ediləcək?", "en": "On which goods will the mark be used?"}
WHERE = {"az": "Nişan harada yerləşdiriləcək?", "en": "Where will the mark stand?"}
PLACES = "packaging | Qablaşdırmada | On the packaging\nadvertising | Reklamda | In advertising"
MANY = {"az": "İldə neçə qablaşdırma buraxılacaq?", "en": "How many packages will leave in a year?"}
LINES = [
    ({"az": "VÖEN", "en": "Taxpayer number"}, "applicant.voen"),
    ({"az": "Mal", "en": "Goods"}, "answers.on_which_goods_will_the_mark_be_used"),
]
GROUNDS = [
    {"az": "Mal Azərbaycan mənşəli deyil.", "en": "The goods are not of Azerbaijani origin."},
    {"az": "Nişan qanunvericiliyə zidd istifadə ediləcək.", "en": "The mark would be used against the law."},
]
EXPERT = {"az": "İxracın təşviqi şöbəsinin mütəxəssisi", "en": "Expert of the export promotion department"}
DONE = {"az": "Müraciət və sənəd yoxlanılır.", "en": "The application and its document are checked."}
STEPS = [
    (
        {"az": "Müraciətin yoxlanılması", "en": "Check of the application"},
        {"az": "Maket nişanın qaydalarına uyğundur.", "en": "The layout fits the rules of the mark."},
    ),
    (
        {"az": "Qərarın hazırlanması", "en": "Preparation of the decision"},
        {"az": "Mal Azərbaycan mənşəlidir.", "en": "The goods are of Azerbaijani origin."},
    ),
]
REMARK = "Bir il azdır: nişan qablaşdırmada çap olunur, qəliblər isə üç il işləyir."
REPLY = "Müddət bir il saxlanılır; uzadılması ayrıca addım tələb etmir, müraciət yenidən imzalanır."
MISSPELT = "mili ixrac nisani icaze"
"""As somebody types who is in a hurry and has no Azerbaijani letters."""
GOODS = "Qabığı təmizlənmiş fındıq, 2026-cı il məhsulu"


def test_a_clerk_and_an_applicant_bring_a_new_service_to_its_first_decided_case(
    stack: Stack, new_page: Callable[..., Page], pictures: Path
) -> None:
    """S9.1, S9.2, S9.7, S9.8, S10.3, S10.4, S7.1, S7.2, S7.4, S6.1.3, S6.3: everything through pages."""
    files, running = digest_of_the_project(), programs(stack)
    eye = Eye(pictures)
    clerk, head, registrar, exporter, anybody = (new_page() for _person in range(5))
    for page in (clerk, head, registrar, exporter, anybody):
        eye.watch(page)

    draft = clerk_begins(clerk, eye, stack)
    clerk_writes(clerk, eye, draft)
    clerk_looks_it_over(clerk, eye, draft)
    public_discusses(anybody, clerk, eye, stack, draft)
    head_approves(clerk, head, eye, stack, draft)
    case = head_applies_to_the_registry(head, eye, stack)
    number = registrar_enters_it(registrar, anybody, eye, stack, case)
    service = anybody_finds_it(anybody, eye, number)
    first = exporter_applies(exporter, eye, stack, service)
    decide_together(clerk, exporter, eye, stack, first)
    exporter_has_the_document(exporter, anybody, eye, first)
    clerk_begins_the_next_version(clerk, anybody, eye, service)

    assert digest_of_the_project() == files, "a file of the project was touched"
    assert programs(stack) == running, "a program was started anew"
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))


# -- the clerk writes


def clerk_begins(page: Page, eye: Eye, stack: Stack) -> str:
    """A clerk is at the desk after signing in, and names a service that nobody has (S9.1)."""
    sign_in(page, stack, "economy", "officer")
    page.wait_for_url("**/desk/")
    page.goto("/drafts/new/")
    save(page, {"way": "blank"})
    eye.look(page, "draft-new-name")
    page.goto("/drafts/new/blank/")
    save(page, {"name_az": NAME["az"], "name_en": NAME["en"]})
    return reference(page)


def clerk_writes(page: Page, eye: Eye, draft: str) -> None:
    """Every heading of the model form (S-A1), each on its page."""
    at = f"/drafts/{draft}/edit/"
    page.goto(at)
    eye.look(page, "editor-not-begun")
    see_what_is_typed(page, eye, at)
    general_part(page, eye, at)
    provision(page, eye, at)
    the_form(page, eye, at)
    procedures(page, eye, at)
    page.goto(at)
    expect(page.locator(".az-faults--none")).to_be_visible()


def see_what_is_typed(page: Page, eye: Eye, at: str) -> None:
    """The legal text and what is wrong with it follow the typing, with the clause; nothing is saved meanwhile."""
    page.goto(f"{at}name/")
    page.locator('[name="content__az"]').fill(CONTENT["az"])
    expect(page.locator("#preview .az-preview__text")).to_contain_text(CONTENT["az"])
    expect(page.locator(".az-faults")).to_contain_text("1.2")
    eye.glance(page, "editor-typing")
    page.goto(f"{at}term/")
    expect(page.locator("#preview")).not_to_contain_text(CONTENT["az"])


def general_part(page: Page, eye: Eye, at: str) -> None:
    """1.1 to 1.8."""
    write(page, f"{at}name/", {"content": CONTENT, "activity": "3.1.21"})
    write(page, f"{at}basis/", {
        "legal_basis-0-act": ACT, "legal_basis-0-clause": "4.2.2", "legal_basis-0-source": "verified",
    })  # fmt: skip
    write(page, f"{at}performers/", {})
    write(page, f"{at}term/", {
        "automation": "partial", "term__working_days": "sabah", "term__clause": CLAUSE, "term__source": "assumption",
    }, mends=True)  # fmt: skip
    expect(page.locator(".az-faults")).to_contain_text("1.7")
    expect(page.locator('[name="term__working_days"]')).to_have_value("sabah")
    eye.look(page, "editor-term-to-mend")
    write(page, f"{at}term/", {"term__lower": "1", "term__working_days": "5"})
    write(page, f"{at}result/", {
        "kind": "permit", "name": {"az": "Milli ixrac nişanından istifadəyə icazə", "en": "Permission to use the mark"},
        "validity__days": "365", "validity__text": {"az": "1 il", "en": "1 year"},
    })  # fmt: skip
    write(page, f"{at}kind/", {"kind": "interactive"})


def provision(page: Page, eye: Eye, at: str) -> None:
    """2.1 to 2.6.2."""
    write(page, f"{at}fee/", {"amount": "0"})
    page.goto(f"{at}users/")
    tick(page, "users", "legal")
    keep(page)
    write(page, f"{at}place/", {})
    page.goto(f"{at}known/new/")
    fill_in(page, {"register__participant": "state-tax-service"})
    fill_in(page, both("name", "Vergi ödəyicisinin uçotu", "Registration as a taxpayer"))
    fill_in(page, both("identified_by", "VÖEN", "Taxpayer number (VÖEN)"))
    rows(page, "register__facts", [both("label", **label) | {"source": source} for label, source in FACTS])
    eye.glance(page, "editor-known-document")
    keep(page)
    write(page, f"{at}documents/new/", {"name": LAYOUT, "why": WHY})


def the_form(page: Page, eye: Eye, at: str) -> None:
    """Questions of three kinds, the last asked for one answer only; the page they stand on; the result (2.6, 1.8)."""
    ask(page, at, "text", WHICH, {"max_length": "200"})
    keep(page)
    ask(page, at, "choice", WHERE, {"choices": PLACES})
    keep(page)
    ask(page, at, "number", MANY, {"minimum": "1"})
    page.locator('[name="when__mode"][value="simple"]').check()
    page.locator('[name="when__0__subject"]').select_option("answers.where_will_the_mark_stand")
    page.locator('[name="when__0__value"] option[value="packaging"]').wait_for(state="attached")
    fill_in(page, {"when__0__operator": "is", "when__0__value": "packaging"})
    page.locator("#preview-shows-form").check()
    expect(page.locator(".az-preview__form")).to_contain_text(MANY["az"])
    eye.glance(page, "editor-question")
    keep(page)
    page.goto(f"{at}sections/new/")
    fill_in(page, both("title", "Nişandan istifadə", "Use of the mark"))
    fill_in(page, both("tasks-0-title", "Mal və nişan", "Goods and mark"))
    for box in page.locator('main form [name="tasks-0-questions"], main form [name="tasks-0-documents"]').all():
        box.check()
    keep(page)
    page.goto(f"{at}document/")
    fill_in(page, both("text", "Aşağıda göstərilən şəxsə milli ixrac nişanından istifadəyə icazə verilir.",
                       "The person named below is permitted to use the national export mark."))  # fmt: skip
    rows(page, "fields", [both("label", **label) | {"value": value} for label, value in LINES])
    keep(page)


def ask(page: Page, at: str, kind: str, label: dict[str, str], of_kind: dict[str, str]) -> None:
    """A question is written; the fields of its kind come as the kind is picked."""
    page.goto(f"{at}questions/new/")
    for name in ("label__az", "label__en"):
        expect(page.locator(f"main form [name={name}]")).to_have_value("")
    fill_in(page, both("label", **label) | both("why", **WHY))
    page.locator('main form [name="kind"]').select_option(kind)
    page.locator(f'main form [name="{next(iter(of_kind))}"]').wait_for()
    fill_in(page, of_kind)


def rows(page: Page, name: str, values: list[dict[str, str]]) -> None:
    """The rows of a table are filled in, each added as the one before it is kept."""
    for number, row in enumerate(values):
        if number:
            page.locator(f'button[name="row"][value="{name}:add"]').click()
            page.locator(f'[name="{name}-{number}-{next(iter(row))}"]').wait_for(state="attached")
        fill_in(page, {f"{name}-{number}-{key}": value for key, value in row.items()})


def procedures(page: Page, eye: Eye, at: str) -> None:
    """3.2 to 3.6.3: two steps with their checklists, the grounds of refusal, the standard wording for the rest."""
    write(page, f"{at}request/", {})
    for ground in GROUNDS:
        write(page, f"{at}grounds/new/", {"text": ground, "clause": CLAUSE, "source": "assumption"})
    for name, point in STEPS:
        write(page, f"{at}steps/new/", {
            "name": name, "responsible": EXPERT, "working_days": "2", "content": DONE,
            "result": {"az": "Rəy portalda qeyd edilir.", "en": "The finding is noted on the portal."},
            "checklist-0-text": point, "checklist-0-clause": CLAUSE, "after__mode": "next",
        })  # fmt: skip
    page.goto(f"{at}steps/")
    eye.look(page, "editor-steps")
    write(page, f"{at}decision/", {
        "silence__rule": "none", "silence__text": {"az": "Şikayət verilə bilər.", "en": "A complaint may be made."},
        "silence__clause": CLAUSE,
    })  # fmt: skip
    write(page, f"{at}control/", {})
    write(page, f"{at}disputes/", {})


def clerk_looks_it_over(page: Page, eye: Eye, draft: str) -> None:
    """The form is tried out, the legal text and the differences are read, and the draft is published (S9.7)."""
    page.goto(f"/drafts/{draft}/edit/form/")
    eye.look(page, "editor-trial")
    page.goto(f"/drafts/{draft}/edit/form/")
    page.locator("main form [name$=where_will_the_mark_stand][value=advertising]").check()
    expect(page.locator("main form [name*=how_many_packages]")).to_have_count(0)
    page.locator("main form [name$=where_will_the_mark_stand][value=packaging]").check()
    expect(page.locator("main form [name*=how_many_packages]")).to_be_visible()
    answer(page, {"on_which_goods_will_the_mark_be_used": GOODS})
    page.locator("main form [name*=how_many_packages]").fill("20000")
    press(page)
    expect(page.locator("main .govuk-summary-card").first).to_contain_text(GOODS)
    page.goto(f"/drafts/{draft}/edit/differences/")
    expect(page.locator("main h1")).to_be_visible()
    page.goto(f"/drafts/{draft}/text/")
    expect(page.locator("main")).to_contain_text(CONTENT["az"])
    page.goto(f"/drafts/{draft}/publish/")
    eye.look(page, "draft-publish")
    page.goto(f"/drafts/{draft}/publish/")
    save(page)
    eye.look(page, "draft-published")


# -- the public, the head, the registry


def public_discusses(anybody: Page, clerk: Page, eye: Eye, stack: Stack, draft: str) -> None:
    """Somebody who is not signed in comments on a clause, the clerk answers in public, and the time runs out (S9.7)."""
    anybody.goto("/regulations/discussions/")
    anybody.locator("main a[href$='/" + draft + "/']").click()
    anybody.goto(f"/regulations/discussions/{draft}/")
    follow(anybody.locator("main a[href$='?clause=1.8']"))
    eye.look(anybody, "discussion-comment")
    save(anybody, {"text": REMARK, "name": "Kamran Əliyev"})
    expect(anybody.locator("#comment-1")).to_contain_text(REMARK)
    clerk.goto(f"/drafts/{draft}/comments/")
    eye.look(clerk, "draft-comments")
    clerk.goto(f"/drafts/{draft}/comments/1/answer/")
    save(clerk, {"text": REPLY})
    anybody.reload()
    expect(anybody.locator("main")).to_contain_text(REPLY)
    eye.look(anybody, "discussion-answered")
    days_pass(stack, draft)
    clerk.goto(f"/drafts/{draft}/")
    expect(clerk.locator("main a[href$='/performers/']")).to_be_visible()


def days_pass(stack: Stack, draft: str) -> None:
    """The last day of the discussion is yesterday: the calendar is the one thing that no browser can move.

    What runs every ten minutes is asked for at once.
    """
    with psycopg.connect(stack.environment["DATABASE_URL"]) as database:
        table = "services_regulationdraft"
        database.execute(f"UPDATE {table} SET discussed_until = current_date - 1 WHERE reference = %s", [draft])
        database.commit()
        stack.manage("procrastinate", "defer", "services.close_discussions", '{"timestamp": 0}')
        status, deadline = "", time.monotonic() + SECONDS / 1000
        while status != "drafted":
            assert time.monotonic() < deadline, "the discussion does not end"
            time.sleep(0.1)
            row = database.execute(f"SELECT status FROM {table} WHERE reference = %s", [draft]).fetchone()
            status = row[0] if row else ""
            database.commit()


def head_approves(clerk: Page, head: Page, eye: Eye, stack: Stack, draft: str) -> None:
    """Nobody else takes part, so the head signs the legal text with the own key (S9.2, S9.8)."""
    clerk.goto(f"/drafts/{draft}/performers/")
    save(clerk)
    clerk.goto(f"/drafts/{draft}/head/")
    save(clerk)
    sign_in(head, stack, "economy", "head")
    head.wait_for_url("**/desk/")
    head.goto(f"/drafts/{draft}/")
    head.locator("main form[action$='/sign/'] button").wait_for(timeout=SECONDS)
    eye.look(head, "draft-head-signs")
    head.goto(f"/drafts/{draft}/")
    head.locator("main form[action$='/sign/'] button").click()
    sign(head, eye, stack, "economy", "head", "sign-regulation")
    head.wait_for_url(f"**/drafts/{draft}/", timeout=SECONDS)
    eye.look(head, "draft-approved")


def head_applies_to_the_registry(page: Page, eye: Eye, stack: Stack) -> str:
    """The form of S-A2 is filled in from the regulation; the head reads it and signs (S10.3). Returns the case."""
    page.goto("/filings/")
    page.locator("main table a").first.click()
    page.wait_for_url("**/check/")
    expect(page.locator("main")).to_contain_text(NAME["az"])
    eye.look(page, "registration-check")
    press(page)
    sign(page, eye, stack, "economy", "head")
    page.wait_for_url("**/submitted/", timeout=SECONDS)
    eye.look(page, "registration-submitted")
    return case_of(page)


def registrar_enters_it(page: Page, anybody: Page, eye: Eye, stack: Stack, case: str) -> str:
    """The registry's operator checks, registers and signs; the service has its number (S10.3, S10.4)."""
    anybody.goto("/services/pending/")
    expect(anybody.locator("main")).to_contain_text(NAME["az"])
    sign_in(page, stack, "communications", "officer")
    page.wait_for_url("**/desk/")
    page.goto("/desk/registry/")
    page.locator(f"main a[href='/desk/cases/{case}/']").click()
    page.wait_for_url(f"**/desk/cases/{case}/")
    expect(page.locator("main")).not_to_contain_text("registry.")  # every event of the case is told in words
    eye.look(page, "desk-registration")
    page.goto(f"/desk/cases/{case}/take-on/")
    save(page)
    finish_steps(page, case)
    grant(page, eye, stack, case, "communications", "registration")
    anybody.goto("/services/?q=" + NAME["en"].replace(" ", "+"))
    found = anybody.locator("main h3 a", has_text=NAME["az"])
    expect(found).to_be_visible()
    number = urlsplit(found.get_attribute("href") or "").path.strip("/").split("/")[-1]
    assert re.fullmatch(r"ES-\d{6}", number)
    return number


def anybody_finds_it(page: Page, eye: Eye, number: str) -> str:
    """Whoever looks for it finds it, reads the regulation and takes the PDF along (S7.1, S10.5).

    Returns what the service is called in its addresses.
    """
    page.goto("/services/")
    page.fill("#q", MISSPELT)
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/?q=*")
    expect(page.locator("main h3 a").first).to_contain_text(NAME["az"])
    eye.look(page, "catalogue-found")
    page.goto("/services/?q=" + MISSPELT.replace(" ", "+"))
    page.locator("main h3 a").first.click()
    page.wait_for_url(f"**/services/{number}/")
    eye.look(page, "service")
    page.goto(f"/services/{number}/")
    start = page.locator("main a.govuk-button--start").get_attribute("href") or ""
    service = start.strip("/").split("/")[-1]
    page.goto(f"/regulations/{service}/")
    expect(page.locator("main")).to_contain_text(CONTENT["az"])
    eye.look(page, "regulation")
    response = until_made(page, f"/regulations/{service}/1/regulation.pdf")
    assert response.headers["content-type"] == "application/pdf"
    assert response.body().startswith(b"%PDF-")
    return service


# -- the applicant and the clerk


def exporter_applies(page: Page, eye: Eye, stack: Stack, service: str) -> str:
    """One task, what the state holds shown and not asked, a file that does not do, the signature (S7.1, S7.2, S7.4)."""
    page.goto(f"/apply/{service}/")
    expect(page.locator("main a[href^='/sign-in/']")).to_be_visible()
    sign_in(page, stack, None, "exporter")
    page.goto(f"/apply/{service}/")
    eye.look(page, "apply")
    page.goto(f"/apply/{service}/")
    page.locator("#start button").click()
    page.wait_for_url("**/filings/FL-*/")
    filing = reference(page)
    expect(page.locator("main")).to_contain_text("Şəki Fındıq")
    eye.look(page, "filing-tasks")
    page.goto(f"/filings/{filing}/")
    page.locator("main .govuk-task-list a").first.click()
    task = urlsplit(page.url).path
    eye.look(page, "filing-task")
    page.goto(task)
    answer(page, {"on_which_goods_will_the_mark_be_used": GOODS, "where_will_the_mark_stand": "packaging"})
    page.set_input_files("main form input[type=file]", wrong_file())
    press(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.locator("main form [name*=on_which_goods]")).to_have_value(GOODS)
    expect(page.locator("main form [name*=where_will][value=packaging]")).to_be_checked()
    expect(page.locator("main form [name*=how_many_packages]")).to_be_visible()
    expect(page.locator(".govuk-error-summary li")).to_have_count(1)
    eye.glance(page, "filing-wrong-file")
    page.set_input_files("main form input[type=file]", picture("maket.png"))
    page.locator("main form [name*=how_many_packages]").fill("20000")
    press(page)
    page.wait_for_url("**/check/")
    for told in (GOODS, "maket.png", "Şəki Fındıq"):
        expect(page.locator("main")).to_contain_text(told)
    eye.look(page, "filing-check")
    press(page)
    sign(page, eye, stack, None, "exporter")
    page.wait_for_url("**/submitted/", timeout=SECONDS)
    eye.look(page, "filing-submitted")
    return case_of(page)


def decide_together(clerk: Page, exporter: Page, eye: Eye, stack: Stack, case: str) -> None:
    """The clerk asks once more, the applicant answers with a signature, the steps are done, the clerk signs the result
    (S6.3, S7.4, S12.2)."""
    at = f"/desk/cases/{case}/"
    clerk.goto("/desk/")
    clerk.locator(f"main a[href='{at}']").wait_for()
    eye.look(clerk, "desk-new")
    clerk.goto(f"{at}take-on/")
    save(clerk)
    clerk.goto(f"{at}ask/")
    eye.look(clerk, "desk-ask")
    clerk.goto(f"{at}ask/")
    fill_in(clerk, {
        "az_1": "Nişan qablaşdırmanın hansı tərəfində olacaq?", "en_1": "On which side will the mark stand?",
        "kind_1": "text", "reason_az": "Maketdə görünmür.", "reason_en": "The layout does not show it.",
    })  # fmt: skip
    press(clerk)
    clerk.wait_for_url("**/ask/check/")
    clerk.goto(f"{at}ask/check/")
    save(clerk)

    exporter.goto(f"/cases/{case}/")
    expect(exporter.locator("#asked")).to_be_visible()
    eye.look(exporter, "case-asked")
    exporter.goto(f"/cases/{case}/answer/")
    eye.look(exporter, "case-answer")
    exporter.goto(f"/cases/{case}/answer/")
    save(exporter, {"question_q1": "Ön tərəfdə, yuxarı sağ küncdə"})
    sign(exporter, eye, stack, None, "exporter", "case-answer-sign")
    exporter.wait_for_url(f"**/cases/{case}/", timeout=SECONDS)

    clerk.goto(at)
    expect(clerk.locator("main")).to_contain_text("yuxarı sağ küncdə")
    eye.look(clerk, "desk-case-answered")
    finish_steps(clerk, case)
    grant(clerk, eye, stack, case, "economy", "result")


def exporter_has_the_document(exporter: Page, anybody: Page, eye: Eye, case: str) -> None:
    """The document is in the cabinet, its code verifies for anybody, and the history of use shows it (S6.1.3)."""
    exporter.goto(f"/cases/{case}/")
    expect(exporter.locator("section[aria-labelledby=result] a[href^='/documents/']")).to_be_visible()
    eye.look(exporter, "case-granted")
    exporter.goto(f"/cases/{case}/")
    document = exporter.locator("section[aria-labelledby=result] a[href^='/documents/']").get_attribute("href") or ""
    assert exporter.request.get(document).body().startswith(b"%PDF-")
    anybody.goto(exporter.locator("section[aria-labelledby=result] a[href^='/verify/']").get_attribute("href") or "")
    expect(anybody.locator(".az-verdict").first).not_to_have_class(re.compile("--bad|--old"))
    for told in (case, "Şəki Fındıq"):
        expect(anybody.locator("main")).to_contain_text(told)
    eye.look(anybody, "verify-result")
    exporter.goto("/filings/")
    expect(exporter.locator("main table")).to_contain_text(case)
    eye.look(exporter, "filings")


def clerk_begins_the_next_version(clerk: Page, anybody: Page, eye: Eye, service: str) -> None:
    """A new version is written beside the one in force, which stays as it is until it is registered (S9.1)."""
    clerk.goto("/drafts/new/")
    save(clerk, {"way": "version"})
    fill_in(clerk, {"pattern": service})
    save(clerk)
    draft = reference(clerk)
    other = "İcazə nişanın reklamda istifadəsinə də verilir."
    write(clerk, f"/drafts/{draft}/edit/name/", {"content": {"az": other, "en": "It is given for advertising too."}})
    clerk.goto(f"/drafts/{draft}/edit/differences/")
    expect(clerk.locator("main ins", has_text="reklamda")).to_be_visible()
    eye.look(clerk, "editor-differences-version")
    anybody.goto(f"/regulations/{service}/")
    expect(anybody.locator("main")).to_contain_text(CONTENT["az"])
    expect(anybody.locator("main")).not_to_contain_text(other)


# -- shorter ways


def test_an_automatic_service_answers_at_once(stack: Stack, new_page: Callable[..., Page], pictures: Path) -> None:
    """S-A1 1.7 (note 1), S6.3: full automation decides while one watches; the result carries the portal's seal."""
    page, eye = new_page(), Eye(pictures)
    eye.watch(page)
    sign_in(page, stack, None, "exporter")
    page.goto("/apply/taxpayer-extract/")
    page.locator("#start button").click()
    page.wait_for_url("**/filings/FL-*/")
    page.locator("main .govuk-task-list a").first.click()
    answer(page, {"purpose": "bank"})
    press(page)
    page.wait_for_url("**/check/")
    press(page)
    sign(page, eye, stack, None, "exporter")
    page.wait_for_url("**/submitted/", timeout=SECONDS)
    case = case_of(page)
    page.goto(f"/cases/{case}/")
    expect(page.locator("section[aria-labelledby=result] a[href^='/documents/']")).to_be_visible(timeout=SECONDS)
    eye.look(page, "automatic-granted")
    with psycopg.connect(stack.environment["DATABASE_URL"]) as database:
        row = database.execute(
            "SELECT c.submitted_at, c.decided_at FROM cases_case c WHERE c.reference = %s", [case]
        ).fetchone()
    assert row
    seconds = (row[1] - row[0]).total_seconds()
    (pictures / "seconds-to-the-decision.json").write_text(json.dumps(seconds))
    assert seconds <= 2.0
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))


def test_anybody_calculates_without_signing_in(stack: Stack, new_page: Callable[..., Page], pictures: Path) -> None:
    """S4.2-4.3: an informational service asks nobody who they are, and its answer is kept until it changes."""
    page, eye = new_page(), Eye(pictures)
    eye.watch(page)
    page.goto("/calculators/promotion-calculator/")
    eye.look(page, "calculator")
    page.goto("/calculators/promotion-calculator/")
    fill_in(page, {"customs_value": "145000", "product_group": "fresh", "consignments": "2"})
    press(page)
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("main dl")).to_contain_text(re.compile(r"4.350,00"))
    eye.look(page, "calculator-result")
    first = page.request.get(page.url)
    assert first.headers["cache-control"].startswith("public, max-age=")
    assert "set-cookie" not in first.headers
    again = page.request.get(page.url, headers={"If-None-Match": first.headers["etag"]})
    assert again.status == 304
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))


# -- what the ways need


@pytest.fixture
def pictures(screenshots: Path, request: pytest.FixtureRequest) -> Path:
    """Where this test leaves its pictures; those of an earlier run are gone."""
    folder = screenshots / str(request.node.originalname).removeprefix("test_")
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return folder


def sign_in(page: Page, stack: Stack, body: str | None, role: str) -> None:
    """The person of the sandbox is signed in, each in a window of their own."""
    page.goto("/sign-in/")
    use_key(page, key(stack, body, role, "auth"), "sandbox")
    page.wait_for_url(re.compile("/desk/|/cabinet/|/filings/|/letters/|/sign-in/confirm/"))
    if "/confirm/" in page.url:
        fill_in(page, {"phone": "+994501234567"})
        press(page)
        page.wait_for_url(lambda url: "/sign-in/" not in url)


def sign(page: Page, eye: Eye, stack: Stack, body: str | None, role: str, name: str = "") -> None:
    """The document is made, shown and signed; `name` of the picture, if it is looked at."""
    page.wait_for_url("**/sign/SG-*/", timeout=SECONDS)
    address = page.locator("iframe.az-document").get_attribute("src") or ""
    assert page.request.get(address).body().startswith(b"%PDF-")
    if name:
        eye.look(page, name)
    use_key(page, key(stack, body, role, "sign"), "sandbox")
    page.wait_for_url(lambda url: "/sign/" not in url, timeout=SECONDS)


def finish_steps(page: Page, case: str) -> None:
    """Each step that is under way is finished with everything on its checklist ticked."""
    for _step in range(10):
        page.goto(f"/desk/cases/{case}/")
        forms = page.locator("main form[action*='/steps/']:not([action$='/start/'])")
        if forms.count() == 0:
            return
        form = forms.first
        for box in form.locator("[name=checklist]").all():
            box.check()
        with page.expect_navigation():
            form.locator("button.govuk-button").first.click()
    raise AssertionError("there is always one more step")


def grant(page: Page, eye: Eye, stack: Stack, case: str, body: str, name: str) -> None:
    """The result is drawn up, checked and signed by the officer; the case is granted with the signature."""
    at = f"/desk/cases/{case}/"
    page.goto(f"{at}grant/")
    save(page)
    eye.look(page, f"{name}-check")
    page.goto(f"{at}grant/check/")
    press(page)
    sign(page, eye, stack, body, "officer")
    page.wait_for_url(f"**{at}", timeout=SECONDS)
    expect(page.locator("section[aria-labelledby=result]")).to_be_visible(timeout=SECONDS)


def key(stack: Stack, body: str | None, role: str, purpose: str) -> Path:
    """The person's key file for the purpose: auth or sign."""
    people: list[dict[str, Any]] = stack.directory["people"]
    one = next(one for one in people if one["role"] == role and one.get("body") == body)
    return stack.sandbox / str(one[f"{purpose}_p12"])


def reference(page: Page, at: int = 1) -> str:
    """What the page is about, out of its address."""
    return urlsplit(page.url).path.strip("/").split("/")[at]


def case_of(page: Page) -> str:
    """The case that the receipt names."""
    link = page.locator("main a[href^='/cases/']").first.get_attribute("href") or ""
    return link.strip("/").split("/")[1]


def until_made(page: Page, address: str) -> APIResponse:
    """The file behind the address, as soon as there is one."""
    deadline = time.monotonic() + SECONDS / 1000
    while True:
        response = page.request.get(address)
        if response.status == 200:
            return response
        assert time.monotonic() < deadline, f"{address}: {response.status}"
        time.sleep(0.2)


def wrong_file() -> FilePayload:
    """A text that says it is a picture."""
    return {"name": "maket.png", "mimeType": "image/png", "buffer": "Bu, şəkil deyil.".encode()}


def digest_of_the_project() -> str:
    """Of every file that is part of the project; not of what running it leaves behind."""
    left = {"var", "node_modules", "dist", "build", "__pycache__"}
    whole = hashlib.sha256()
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(name for name in names if name not in left and not name.startswith("."))
        for name in sorted(files):
            path = Path(folder) / name
            whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def programs(stack: Stack) -> dict[str, list[int]]:
    """The process ids of each program of the portal and the sandbox, with those that it started."""
    return {name: sorted(family(process.pid)) for name, process in stack.processes.items()}


def family(pid: int) -> Iterator[int]:
    """The process and all that came from it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))
