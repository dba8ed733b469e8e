"""Steps of other bodies' services, as the portal asks participants' programs for them (docs/integration.md)."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Portal, Sandbox, wait_until

Script = Callable[[str, str], None]
CHECKLIST = [
    {"id": "clean", "text": {"az": "Təmizdir", "en": "Clean"}},
    {"id": "full", "text": {"az": "Tam", "en": "Full"}},
]
AT_ONCE = "start: 0, after: 0"


@pytest.fixture(scope="module")
def plant(sandbox: Sandbox) -> Iterator[Sandbox]:
    sandbox.start("plant")
    yield sandbox
    if "plant" in sandbox.processes:
        sandbox.stop("plant")


def request(case: str, **changes: Any) -> dict[str, Any]:
    return {
        "case": case, "service": "free-sale", "provider": "centre", "due_on": "2026-11-24",
        "step": {"id": "opinion", "name": {"az": "Rəy", "en": "Opinion"}, "checklist": CHECKLIST},
        "applicant": {"voen": "3433956371", "name": {"az": "Şəki Fındıq MMC", "en": "Shaki Hazelnut LLC"}},
        "answers": {}, "documents": [], "earlier_steps": [], **changes,
    }  # fmt: skip


def ask(sandbox: Sandbox, name: str = "plant", case: str = "", **changes: Any) -> str:
    case = case or f"CS-{uuid.uuid4().hex[:8].upper()}"
    message = sandbox.message(name, "case.step_requested", request(case, **changes), case)
    assert sandbox.post(name, message).status_code == 202
    return case


def withdraw(sandbox: Sandbox, case: str, step: str = "opinion") -> httpx.Response:
    body = {"case": case, "step": step, "reason": "case_ended", "case_status": "withdrawn"}
    return sandbox.post("plant", sandbox.message("plant", "case.step_withdrawn", body, case))


def said(portal: Portal, case: str, kind: str = "case.step_finished") -> list[dict[str, Any]]:
    return [one["body"] for one in list(portal.received) if one["subject"] == case and one["type"] == kind]


def answer(portal: Portal, case: str) -> dict[str, Any]:
    wait_until(lambda: bool(said(portal, case)), f"an answer for {case}")
    return said(portal, case)[0]


def test_a_body_that_is_asked_agrees_after_a_moment(plant: Sandbox, portal: Portal) -> None:
    case = ask(plant)
    given = answer(portal, case)
    assert (given["case"], given["step"], given["outcome"]) == (case, "opinion", "agreed")
    assert given["checklist"] == {"clean": True, "full": True}
    assert given["officer"]["name"] == "Murad Səfərov"
    assert [one["type"] for one in portal.received if one["subject"] == case] == [
        "case.step_started",
        "case.step_finished",
    ]
    assert not portal.problems


def test_every_participant_answers_not_only_bodies_of_permits(sandbox: Sandbox, portal: Portal) -> None:
    taxes, treasury = ask(sandbox, "taxes"), ask(sandbox, "treasury")
    assert answer(portal, taxes)["officer"]["name"] == "Lalə Kərimova"
    assert answer(portal, treasury)["outcome"] == "agreed"
    page = httpx.get(f"{sandbox.url('taxes')}/", trust_env=False).text
    assert taxes in page
    assert "case.step_finished: agreed" in page


def test_it_objects_with_a_note_or_leaves_something_unticked(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", f"opinion: {{{AT_ONCE}, outcome: object, note: Qadağa var., unticked: [full]}}\n")
    given = answer(portal, ask(plant))
    assert (given["outcome"], given["note"]) == ("objected", "Qadağa var.")
    assert given["checklist"] == {"clean": True, "full": False}


def test_it_answers_late_and_without_saying_that_it_has_begun(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", "opinion: {start: null, after: 0.2, late: 1}\n")
    started = time.monotonic()
    case = ask(plant)
    answer(portal, case)
    assert time.monotonic() - started >= 1.2
    assert not said(portal, case, "case.step_started")


def test_it_is_silent_until_its_script_changes(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", f"opinion: {{{AT_ONCE}, outcome: silent}}\n")
    case = ask(plant)
    wait_until(lambda: bool(said(portal, case, "case.step_started")), "it has begun")
    wait_until(lambda: "is silent" in httpx.get(f"{plant.url('plant')}/", trust_env=False).text, "its page says so")
    assert not said(portal, case)
    script("plant", f"opinion: {{{AT_ONCE}}}\n")
    assert answer(portal, case)["outcome"] == "agreed"


def test_a_script_can_mean_one_service_or_step_only(plant: Sandbox, portal: Portal, script: Script) -> None:
    when = "{service: free-sale, step.id: opinion}"
    script("plant", f"opinion: {{{AT_ONCE}, exceptions: [{{when: {when}, outcome: object}}]}}\n")
    meant, other = ask(plant), ask(plant, service="another")
    assert (answer(portal, meant)["outcome"], answer(portal, other)["outcome"]) == ("objected", "agreed")
    assert answer(portal, meant)["note"]


def test_what_is_withdrawn_is_not_answered(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", "opinion: {start: 0, after: 0.6}\n")
    case = ask(plant)
    wait_until(lambda: bool(said(portal, case, "case.step_started")), "it has begun")
    assert withdraw(plant, case).status_code == 202
    time.sleep(0.9)
    assert not said(portal, case)
    page = httpx.get(f"{plant.url('plant')}/", trust_env=False).text
    assert case in page
    assert "case.step_withdrawn: case_ended" in page


def test_a_withdrawal_that_overtakes_its_request_is_asked_to_come_again(plant: Sandbox) -> None:
    assert withdraw(plant, "CS-NOT-ASKED").status_code == 425


def test_a_request_without_a_step_is_refused_for_good(plant: Sandbox) -> None:
    message = plant.message("plant", "case.step_requested", request("CS-EMPTY", step={}), "CS-EMPTY")
    assert plant.post("plant", message).status_code == 422


def test_the_same_request_under_another_message_id_is_answered_once(
    plant: Sandbox, portal: Portal, script: Script
) -> None:
    script("plant", f"opinion: {{{AT_ONCE}}}\n")
    case = ask(plant)
    ask(plant, case=case)
    answer(portal, case)
    time.sleep(0.4)
    assert len(said(portal, case)) == 1


def test_an_answer_sent_twice_has_one_message_id(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", f"opinion: {{{AT_ONCE}, send_twice: true}}\n")
    case = ask(plant)
    answer(portal, case)
    [identifier] = {
        one["message_id"] for one in portal.received if one["subject"] == case and one["type"] == "case.step_finished"
    }
    wait_until(lambda: portal.posts.count(identifier) == 2, "the answer came twice")


def test_a_killed_body_answers_once_after_it_is_back(plant: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", "opinion: {start: 0, after: 0.7}\n")
    case = ask(plant)
    wait_until(lambda: bool(said(portal, case, "case.step_started")), "it has begun")
    plant.stop("plant", signal.SIGKILL)
    plant.start("plant")
    answer(portal, case)
    time.sleep(0.4)
    assert len(said(portal, case)) == len(said(portal, case, "case.step_started")) == 1


def test_a_body_ends_its_own_step_and_waits_for_what_others_say(plant: Sandbox, portal: Portal, script: Script) -> None:
    """Where the body is the provider: the others' steps follow its own, and it decides after them."""
    script("plant", """
accept: {after: 0, officer: registrar}
steps: [{step: document-check, after: 0, officer: inspector, finish: [clean]}]
decide: {after: 0, wait_for: [opinion]}
""")  # fmt: skip
    case = f"CS-{uuid.uuid4().hex[:8].upper()}"
    applied = request(case, goods=[{"line": 1, "hs": "080222", "quantity": "1", "unit": "KGM"}], destination="DE")
    assert plant.post("plant", plant.message("plant", "case.submitted", applied, case)).status_code == 202
    given = answer(portal, case)
    assert (given["step"], given["outcome"], given["checklist"]) == ("document-check", "done", {"clean": True})
    time.sleep(0.6)
    assert not said(portal, case, "case.granted")
    opinion = {"case": case, "step": "opinion", "performer": "other", "outcome": "agreed", "note": ""}
    assert plant.post("plant", plant.message("plant", "case.opinion_given", opinion, case)).status_code == 202
    wait_until(lambda: bool(said(portal, case, "case.granted")), "it is granted")
