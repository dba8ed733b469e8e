"""The bodies' programs, as the portal meets them: by their messages and their signed papers."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.sandbox.conftest import CentreKeys, Portal, Sandbox, wait_until

Script = Callable[[str, str], None]
NO_DELAYS = """
accept: {after: 0, officer: registrar}
steps:
  - {step: document-check, after: 0, officer: inspector}
  - {step: inspection, after: 0, officer: inspector}
decide: {after: 0}
"""


@pytest.fixture(scope="module")
def bodies(sandbox: Sandbox) -> Iterator[Sandbox]:
    for name in ("plant", "quality", "origin"):
        sandbox.start(name)
    yield sandbox
    for name in ("plant", "quality", "origin"):
        if name in sandbox.processes:
            sandbox.stop(name)


def application(case: str, **changes: Any) -> dict[str, Any]:
    return {
        "case": case,
        "application": "AP-TEST",
        "service": "a-service",
        "regulation_version": 1,
        "applicant": {"voen": "3433956371", "name": {"az": "Şəki Fındıq MMC", "en": "Shaki Hazelnut LLC"},
                      "address": {"az": "Şəki", "en": "Shaki"}, "representative": "Leyla Məmmədova"},
        "consignee": {"name": "Weber Nuss GmbH", "country": "DE", "address": "Hamburg"},
        "destination": "DE",
        "goods": [{"line": 1, "hs": "080222", "description": "Fındıq ləpəsi", "description_en": "Hazelnuts, shelled",
                   "quantity": "20000", "unit": "KGM", "net_kg": "20000", "gross_kg": "20400", "packages": 800,
                   "package_kind": "BG", "origin": "AZ"}],
        "answers": {"place_of_origin": "Şəki", "means_of_conveyance": "Avtomobil"},
        "documents": [],
        "fee": {"amount": "20.00", "currency": "AZN"},
        **changes,
    }  # fmt: skip


def submit(sandbox: Sandbox, name: str, **changes: Any) -> str:
    case = f"CS-{uuid.uuid4().hex[:8].upper()}"
    response = sandbox.post(name, sandbox.message(name, "case.submitted", application(case, **changes), case))
    assert response.status_code == 202, response.text
    return case


def tell(sandbox: Sandbox, name: str, kind: str, case: str, **body: Any) -> httpx.Response:
    return sandbox.post(name, sandbox.message(name, kind, {"case": case, **body}, case))


def received(portal: Portal, case: str, kind: str = "") -> list[dict[str, Any]]:
    return [one for one in list(portal.received) if one["subject"] == case and kind in ("", one["type"])]


def awaited(portal: Portal, case: str, kind: str) -> dict[str, Any]:
    wait_until(lambda: bool(received(portal, case, kind)), f"{kind} for {case}", 15)
    body: dict[str, Any] = received(portal, case, kind)[0]["body"]
    return body


def document(granted: dict[str, Any]) -> bytes:
    file = granted["document"]
    content = base64.b64decode(file["content_base64"])
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    return content


def attachment(pdf: bytes, name: str) -> Any:
    names = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    found = {str(names[place]): names[place + 1] for place in range(0, len(names), 2)}
    return json.loads(found[name]["/EF"]["/F"].data)


def pdfsig(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "permit.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", ["plant", "quality", "origin"])
def test_a_case_goes_through_all_steps_to_a_signed_permit(
    bodies: Sandbox, portal: Portal, tmp_path: Path, name: str
) -> None:
    case = submit(bodies, name)
    granted = awaited(portal, case, "case.granted")
    kinds = [one["type"] for one in received(portal, case)]
    assert kinds == ["case.accepted", "case.step_started", "case.step_started", "case.step_started", "case.granted"]
    assert granted["permit"]["voen"] == "3433956371"
    assert granted["permit"]["lines"] == [{"line": 1, "hs": "080222", "quantity": "20000", "unit": "KGM"}]
    pdf = document(granted)
    assert attachment(pdf, "permit.json") == granted["permit"]
    report = pdfsig(pdf, tmp_path)
    assert "Signature is Valid" in report
    assert f"Signer Certificate Common Name: {granted['officer']['name']}" in report
    assert report.count("Signature #") == 2, "the signature and the document time stamp"
    assert not portal.problems


def test_the_permit_is_pdf_a_3_with_its_data_in_the_file(bodies: Sandbox, portal: Portal) -> None:
    pdf = document(awaited(portal, submit(bodies, "plant"), "case.granted"))
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf


def test_issuing_takes_less_than_a_second(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS)
    awaited(portal, submit(bodies, "plant"), "case.granted")
    started = time.perf_counter()
    awaited(portal, submit(bodies, "plant"), "case.granted")
    assert time.perf_counter() - started < 1.5


def test_a_body_refuses_with_grounds_and_explanations(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "decision: refuse\n")
    case = submit(bodies, "plant")
    refused = awaited(portal, case, "case.refused")
    assert [one["ground"] for one in refused["grounds"]] == ["quarantine-pest"]
    assert set(refused["grounds"][0]["explanation"]) == {"az", "en"}
    assert not received(portal, case, "case.granted")


def test_a_body_asks_and_goes_on_when_it_is_answered(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "decision: ask\n")
    case = submit(bodies, "plant")
    asked = awaited(portal, case, "case.information_requested")
    assert [question["id"] for question in asked["questions"]] == ["warehouse", "inspection-date"]
    time.sleep(0.7)
    assert not received(portal, case, "case.granted")
    answers = {"warehouse": "Şəki", "inspection-date": "2026-12-01"}
    tell(bodies, "plant", "case.information_supplied", case, request=asked["request"], answers=answers, documents=[])
    awaited(portal, case, "case.granted")


def test_a_silent_body_decides_when_its_script_changes(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "decision: silent\n")
    case = submit(bodies, "plant")
    awaited(portal, case, "case.step_started")
    time.sleep(1.0)
    assert not received(portal, case, "case.granted")
    script("plant", NO_DELAYS)
    awaited(portal, case, "case.granted")


def test_a_late_decision_comes_late(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "late: 1.2\n")
    started = time.monotonic()
    awaited(portal, submit(bodies, "plant"), "case.granted")
    assert time.monotonic() - started >= 1.2


def test_a_body_waits_for_its_fee(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "wait_for_fee: true\n")
    case = submit(bodies, "plant")
    awaited(portal, case, "case.step_started")
    time.sleep(0.8)
    assert not received(portal, case, "case.granted")
    tell(bodies, "plant", "case.fee_paid", case, amount="20.00", currency="AZN", paid_at="2026-11-22T10:00:00Z")
    awaited(portal, case, "case.granted")


def test_a_withdrawn_case_gets_no_decision(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "late: 1\n")
    case = submit(bodies, "plant")
    awaited(portal, case, "case.step_started")
    assert tell(bodies, "plant", "case.withdrawn", case).status_code == 202
    time.sleep(1.5)
    assert not received(portal, case, "case.granted")


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("wrong_quantity: true", {"quantity": "40000"}),
        ("wrong_quantity: 1.5", {"quantity": "30000"}),
        ("wrong_taxpayer: true", {"voen": "1401555071"}),
        ('wrong_taxpayer: "1499390871"', {"voen": "1499390871"}),
    ],
)
def test_a_faulty_permit_says_the_same_in_message_and_paper(
    bodies: Sandbox, portal: Portal, script: Script, fault: str, seen: dict[str, str]
) -> None:
    script("plant", f"{NO_DELAYS}{fault}\n")
    granted = awaited(portal, submit(bodies, "plant"), "case.granted")
    permit = granted["permit"]
    assert {**permit, **permit["lines"][0]} == {**permit, **permit["lines"][0], **seen}
    assert attachment(document(granted), "permit.json") == permit


@pytest.mark.parametrize("key", ["revoked", "untrusted"])
def test_a_permit_can_be_signed_with_a_key_that_must_not_count(
    bodies: Sandbox, portal: Portal, script: Script, tmp_path: Path, key: str
) -> None:
    script("plant", f"{NO_DELAYS}signed_by: {key}\n")
    granted = awaited(portal, submit(bodies, "plant"), "case.granted")
    report = pdfsig(document(granted), tmp_path)
    assert f"Signer Certificate Common Name: {granted['officer']['name']}" in report
    assert granted["officer"]["name"] == ("Vaqif Abbasov" if key == "revoked" else "Elçin Hüseynov")


def test_a_tampered_permit_still_opens_but_its_signature_is_broken(
    bodies: Sandbox, portal: Portal, script: Script, tmp_path: Path
) -> None:
    script("plant", NO_DELAYS + "tamper: true\n")
    granted = awaited(portal, submit(bodies, "plant"), "case.granted")
    pdf = document(granted)
    assert attachment(pdf, "permit.json") == granted["permit"]
    assert "Digest Mismatch" in pdfsig(pdf, tmp_path)


def test_a_decision_sent_twice_has_one_message_id(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "send_twice: true\n")
    case = submit(bodies, "plant")
    awaited(portal, case, "case.granted")
    identifier = received(portal, case, "case.granted")[0]["message_id"]
    wait_until(lambda: portal.posts.count(identifier) == 2, "the decision came twice")


def test_out_of_order_the_decision_overtakes_the_acceptance(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + "out_of_order: 2\n")
    case = submit(bodies, "plant")
    awaited(portal, case, "case.accepted")
    kinds = [one["type"] for one in received(portal, case)]
    assert kinds.index("case.granted") < kinds.index("case.accepted")


def test_a_script_can_mean_one_applicant_only(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + 'exceptions: [{when: {applicant.voen: "1499390871"}, decision: refuse}]\n')
    meant = submit(bodies, "plant", applicant={"voen": "1499390871", "name": "Qəbələ Bağları MMC"})
    other = submit(bodies, "plant")
    awaited(portal, meant, "case.refused")
    awaited(portal, other, "case.granted")


def test_a_whole_script_can_mean_some_goods_only(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("plant", NO_DELAYS + 'when: {goods.hs: "081310"}\ndecision: refuse\n')
    awaited(portal, submit(bodies, "plant"), "case.granted")


def test_the_same_case_under_another_message_id_is_not_opened_again(bodies: Sandbox, portal: Portal) -> None:
    case = submit(bodies, "plant")
    again = bodies.post("plant", bodies.message("plant", "case.submitted", application(case), case))
    assert again.status_code == 202
    awaited(portal, case, "case.granted")
    time.sleep(0.5)
    assert len(received(portal, case, "case.accepted")) == len(received(portal, case, "case.granted")) == 1


def test_an_application_without_goods_is_refused_for_good(bodies: Sandbox) -> None:
    message = bodies.message("plant", "case.submitted", application("CS-EMPTY", goods=[]), "CS-EMPTY")
    assert bodies.post("plant", message).status_code == 422


def test_news_of_a_case_that_has_not_come_yet_are_asked_to_come_again(bodies: Sandbox) -> None:
    assert tell(bodies, "plant", "case.fee_paid", "CS-NOT-YET", amount="1").status_code == 425


def test_a_killed_body_goes_on_where_it_was_and_grants_once(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("quality", "late: 1\n")
    case = submit(bodies, "quality")
    awaited(portal, case, "case.accepted")
    bodies.stop("quality", signal.SIGKILL)
    bodies.start("quality")
    awaited(portal, case, "case.granted")
    time.sleep(0.5)
    assert len(received(portal, case, "case.granted")) == 1
    assert len(received(portal, case, "case.accepted")) == 1


def test_no_two_permits_have_one_number(bodies: Sandbox, portal: Portal, script: Script) -> None:
    script("origin", NO_DELAYS)
    cases = [submit(bodies, "origin") for _ in range(6)]
    numbers = {awaited(portal, case, "case.granted")["permit"]["number"] for case in cases}
    assert len(numbers) == len(cases)


def test_its_page_shows_cases_and_script_and_knows_its_permits(bodies: Sandbox, portal: Portal) -> None:
    case = submit(bodies, "plant")
    number = awaited(portal, case, "case.granted")["permit"]["number"]
    page = httpx.get(f"{bodies.url('plant')}/", trust_env=False)
    assert page.status_code == 200
    for words in (case, "Şəki Fındıq MMC", "decision: grant", number):
        assert words in page.text
    assert number in httpx.get(f"{bodies.url('plant')}/permits/{number}", trust_env=False).text
    assert httpx.get(f"{bodies.url('plant')}/permits/AZ-FIT-1999-000001", trust_env=False).status_code == 404


FOURTH = """
honey:
  port: 9
  code: honey-board
  name: {az: Arıçılıq Şurası, en: Honey Board}
  head: {given_name: Ayna, surname: Balayeva, fin: 9AB12CD, position: {az: Sədr, en: Chair}}
  former: {given_name: Eldar, surname: Qədirov, fin: 9EF34GH, position: {az: Keçmiş sədr, en: Former chair}}
"""


def test_an_invented_fourth_body_runs_by_its_script_alone(bodies: Sandbox, portal: Portal, tmp_path: Path) -> None:
    (bodies.folder / "programs.yaml").write_text(FOURTH)
    setup = ("setup", "--port-base", str(bodies.port_base), "--portal", bodies.portal_url)
    bodies.run(*setup)
    portal.keys = CentreKeys(bodies.directory)
    bodies.script(
        "honey",
        """
accept: {after: 0}
steps: [{step: tasting, after: 0}, {step: sealing, after: 0}]
decide: {after: 0}
permit:
  number: "BAL-{serial}"
  valid_days: 30
  fields: {title: {az: Bal sertifikatı, en: Honey certificate}}
""",
    )
    try:
        bodies.start("honey")
        granted = awaited(portal, submit(bodies, "honey", answers={"hive": 12}), "case.granted")
        assert bodies.stop("honey") == 0
    finally:
        if "honey" in bodies.processes:
            bodies.stop("honey", signal.SIGKILL)
        (bodies.folder / "programs.yaml").unlink()
        bodies.script("honey", "")
        bodies.run(*setup)
    assert granted["permit"]["number"] == "BAL-1"
    assert granted["officer"]["name"] == "Ayna Balayeva"
    assert "Signature is Valid" in pdfsig(document(granted), tmp_path)
