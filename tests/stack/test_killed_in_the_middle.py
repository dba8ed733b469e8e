"""Every program killed in the middle of the main job, and started again: nothing is lost, nothing is there twice.

The kills are SIGKILL, as by a power cut: nobody may tidy up. The database is killed like the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from demo.journey import Journey
from tests.stack.conftest import HAZELNUTS_TO_GERMANY
from tests.stack.consignments import PLANT, SERVICE_OF, Ledger, Scripts, mark_on, rows, stage_on
from tools.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
DATABASE = "database"
LATER = ("quality", "origin")
"""Bodies that decide only once another has granted."""


class PowerCut:
    """Kills programs and starts them again, as `make run` would be started again."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.killed: list[str] = []

    def everything(self) -> None:
        self.of([*self.stack.names(), DATABASE])

    def of(self, names: Iterable[str]) -> None:
        names = list(names)
        for name in names:
            self.stack.kill(name)
            self.killed.append(name)
        if DATABASE in names:
            self.stack.start_database()
        others = [name for name in names if name != DATABASE]
        if DATABASE in names and "worker" not in names:
            # A worker whose database went away ends by itself, and is started again like any program that ended.
            self.stack.processes["worker"].wait(15)
            others.append("worker")
        for name in others:
            self.stack.launch(name)
        for name in others:
            self.stack.wait_for(name)


def in_the_middle(journey: Journey, scripts: Scripts, cut: Callable[[str], None]) -> None:
    """The main job, with `cut` at each of the four moments."""
    journey.open_cabinet()
    journey.enter_good()
    journey.draft_contract()
    journey.sign_contract()
    journey.buyer_signs()
    cut("contract")
    journey.fill_application()
    journey.submit_application()
    cut("submission")
    first_permit(journey)
    for program in LATER:
        scripts.take_back(program)
    cut("first permit")
    journey.await_permits()
    journey.declare()
    cut("lodging")
    journey.await_release()
    journey.fetch_dossier()


def first_permit(journey: Journey) -> None:
    """One body has granted, and the others have not."""
    page = journey.exporter.wait(
        f"/operations/{journey.operation}/", lambda page: mark_on(page, PLANT) == "granted", 60
    )
    assert {mark_on(page, SERVICE_OF[program]) for program in LATER} & {"granted"} == set()


@pytest.fixture
def journey(stack: Stack, tmp_path: Path, scripts: Scripts) -> Journey:
    # So that the first permit is there while the others are not.
    for program in LATER:
        scripts.say(program, decision="silent")
    return Journey(
        stack.url, stack.directory, stack.sandbox, tmp_path / "documents", HAZELNUTS_TO_GERMANY, say=lambda _text: None
    )


def test_everything_is_killed_after_contract_submission_first_permit_and_lodging(
    stack: Stack, journey: Journey, scripts: Scripts
) -> None:
    power = PowerCut(stack)

    in_the_middle(journey, scripts, lambda _moment: power.everything())

    assert set(power.killed) == {*stack.names(), DATABASE}
    released(journey)
    nothing_is_lost_and_nothing_is_there_twice(stack, journey)


ONE_HALF = {
    "contract": ["web"],
    "submission": ["worker", "plant"],
    "first permit": [DATABASE],
    "lodging": ["web", "customs"],
}
"""Moment -> what is killed while the rest lives on and goes on talking to it."""


def test_a_part_is_killed_each_time_while_the_others_go_on_talking_to_it(
    stack: Stack, journey: Journey, scripts: Scripts
) -> None:
    power = PowerCut(stack)

    in_the_middle(journey, scripts, lambda moment: power.of(ONE_HALF[moment]))

    released(journey)
    nothing_is_lost_and_nothing_is_there_twice(stack, journey)


def released(journey: Journey) -> None:
    assert stage_on(journey.exporter.open(f"/operations/{journey.operation}/")) == "released"


def nothing_is_lost_and_nothing_is_there_twice(stack: Stack, journey: Journey) -> None:
    application, declaration = journey.application, journey.declaration
    cases = {
        service: reference
        for reference, service in rows(
            stack, "select c.reference, v.service from cases_case c join services_regulationversion v"
                   " on v.id = c.regulation_id where c.application_reference = %s", application,
        )
    }  # fmt: skip
    assert sorted(cases) == sorted(SERVICE_OF.values())
    assert rows(stack, "select p.status, count(*) from permits_permit p join cases_case c on c.id = p.case_id"
                       " where c.application_reference = %s group by 1", application) == [("issued", 3)]  # fmt: skip
    assert rows(stack, "select status, count(*) from customs_declaration where application_reference = %s group by 1",
                application) == [("released", 1)]  # fmt: skip

    nothing_is_on_its_way(stack, [*cases.values(), declaration])
    # Every message once: by its id, and by what it says of what.
    assert (
        rows(stack, "select message_id from exchange_message group by direction, message_id having count(*) > 1") == []
    )
    for reference in cases.values():
        assert messages(stack, reference) == {
            ("out", "case.submitted"): 1, ("in", "case.accepted"): 1, ("in", "case.step_started"): 3,
            ("in", "case.granted"): 1,
        }  # fmt: skip
    assert messages(stack, declaration) == {
        ("out", "declaration.lodged"): 1, ("in", "declaration.accepted"): 1, ("in", "declaration.channel_assigned"): 1,
        ("in", "declaration.released"): 1,
    }  # fmt: skip

    subjects = [*cases.values(), application, declaration, journey.operation]
    assert rows(stack, "select subject, type from exchange_message where subject = any(%s)"
                       " and status in ('delivered', 'accepted') and type <> 'case.step_started'"
                       " group by subject, direction, type having count(*) > 1", subjects) == []  # fmt: skip
    assert rows(stack, "select type from exchange_message where subject = any(%s)"
                       " and status not in ('delivered', 'accepted', 'rejected')", subjects) == []  # fmt: skip

    # The exporter was told of each thing once.
    assert rows(stack, "select subject, kind from notices_notice where subject = any(%s) and kind <>"
                       " 'case.step_started' group by subject, kind having count(*) > 1", subjects) == []  # fmt: skip

    # Every event once.
    for reference in cases.values():
        told = events(stack, reference)
        assert {name: told.get(name) for name in ("case.submitted", "case.accepted", "case.granted")} == {
            "case.submitted": 1, "case.accepted": 1, "case.granted": 1,
        }  # fmt: skip
        assert told["case.step_started"] == 3
    told = events(stack, declaration)
    assert {told[name] for name in ("declaration.lodged", "declaration.accepted", "declaration.released")} == {1}
    assert events(stack, journey.contract)["contract.concluded"] == 1
    assert events(stack, application)["application.submitted"] == 1

    # And so in the ledgers of everybody outside.
    for program, service in SERVICE_OF.items():
        ledger = Ledger(stack.sandbox, program)
        assert len(ledger.received("case.submitted", cases[service])) == 1
        assert len(ledger.sent("case.granted", cases[service])) == 1
        assert len([one for one in ledger.records("permit").values() if one["case"] == cases[service]]) == 1
    customs = Ledger(stack.sandbox, "customs")
    assert len(customs.received("declaration.lodged", declaration)) == 1
    assert len(customs.sent("declaration.released", declaration)) == 1
    assert len([key for key in customs.records("use") if key.endswith(f"|{declaration}")]) == 3


def nothing_is_on_its_way(stack: Stack, subjects: list[str], seconds: float = 60) -> None:
    """A message whose receipt was lost with a program is sent again later than the body's own answers come."""
    deadline = time.monotonic() + seconds
    while waiting := rows(stack, "select message_id, status from exchange_message where direction = 'out'"
                                 " and subject = any(%s) and status in ('queued', 'retrying')", subjects):  # fmt: skip
        assert time.monotonic() < deadline, waiting
        time.sleep(0.5)


def messages(stack: Stack, subject: str) -> dict[tuple[str, str], int]:
    """(direction, type) -> how many took effect; to the treasury go others, about fees."""
    found = rows(stack, "select direction, type, count(*) from exchange_message where subject = %s"
                        " and status in ('delivered', 'accepted') and type not like 'fee.%%'"
                        " and type <> 'case.fee_paid' group by 1, 2", subject)  # fmt: skip
    return {(direction, kind): number for direction, kind, number in found}


def events(stack: Stack, subject: str) -> dict[str, int]:
    return dict(rows(stack, "select name, count(*) from audit_event where subject = %s group by name", subject))
