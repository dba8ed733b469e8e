"""Customs, as the portal meets it: declarations lodged with real contracts and real permits, released or not."""

from __future__ import annotations

import base64
import io
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificates
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from sandbox.permit_documents.printing import print_paper, template_for
from sandbox.permit_documents.signing import Desk, HeldKey, Official
from sandbox.wire import file_member
from tests.sandbox.conftest import Portal, Sandbox, wait_until
from tests.sandbox.test_body import NO_DELAYS, attachment, awaited, document, received, submit

Script = Callable[[str, str], None]
FAST = "accept: {after: 0}\nverify: {after: 0}\ncontrol: {green: 0, yellow: 0, red: 0}\n"
SERVICES = {"plant": "phytosanitary-certificate", "quality": "eu-food-quality-certificate"}
SELLER, OTHER, BUYER = "leyla-mammadova", "rashad-guliyev", "jonas-weber"


@pytest.fixture(scope="module")
def border(sandbox: Sandbox) -> Iterator[Sandbox]:
    for name in ("plant", "quality", "customs"):
        sandbox.start(name)
        sandbox.script(name, FAST if name == "customs" else NO_DELAYS)
    yield sandbox
    for name in ("plant", "quality", "customs"):
        sandbox.script(name, "")
        sandbox.stop(name)


def person(sandbox: Sandbox, key: str) -> Official:
    """A demo person as somebody who signs."""
    content = (sandbox.folder / "people" / f"{key}-sign.p12").read_bytes()
    private, certificate, above = pkcs12.load_key_and_certificates(content, b"sandbox")
    assert certificate is not None
    assert private is not None

    def der(one: Any) -> asn1.Certificate:
        return asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER))

    if len(above) < 2:  # the root may be left out of a .p12
        roots = [load_pem_x509_certificates(path.read_bytes())[0] for path in (sandbox.folder / "trust").glob("*.pem")]
        above = [*above[:1], *(one for one in roots if one.subject == above[0].issuer)]
    above.sort(key=lambda one: one.subject == one.issuer)
    signer = HeldKey(private, der(certificate), [der(one) for one in above])  # type: ignore[arg-type]
    return Official(key, signer, certificate, tuple(above))


def paper(sandbox: Sandbox, *signers: str) -> bytes:
    """Any PDF, signed by the people one after the other."""
    permit = {"number": "X", "valid_from": "2026-01-01", "voen": "3433956371", "destination": "DE", "lines": []}
    application = {"service": "-", "answers": {}, "goods": [], "applicant": {}, "consignee": {}}
    data = {"permit": permit, "application": application, "fields": {}, "letterhead": {"name": {"az": "-", "en": "-"}},
            "officer": {"name": "-", "position": "-", "certificate": "-"}}  # fmt: skip
    pdf = print_paper(template_for("none"), data, check_url="http://localhost/", at=datetime(2026, 1, 1, tzinfo=UTC))
    desk = Desk(sandbox.folder / "customs", sandbox.directory["pki"]["tsa"])
    for signer in signers:
        pdf = desk.sign(pdf, person(sandbox, signer), reason="test")
    return pdf


def file(content: bytes) -> dict[str, str]:
    return file_member("file.pdf", "application/pdf", content)


@pytest.fixture(scope="module")
def papers(border: Sandbox) -> dict[str, bytes]:
    return {
        "contract": paper(border, SELLER, BUYER),
        "one side": paper(border, SELLER),
        "declaration": paper(border, SELLER),
        "other's": paper(border, OTHER),
    }


def permits(sandbox: Sandbox, portal: Portal, **changes: Any) -> list[dict[str, Any]]:
    """What the bodies grant on one application."""
    cases = {name: submit(sandbox, name, **changes) for name in SERVICES}
    granted = {name: awaited(portal, case, "case.granted") for name, case in cases.items()}
    return [
        {"number": one["permit"]["number"], "service": SERVICES[name], "file": one["document"]}
        for name, one in granted.items()
    ]


def declaration(papers: dict[str, bytes], given: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    quantity = changes.pop("quantity", "20000")
    hs = changes.pop("hs", "080222")
    return {
        "declarant": {"voen": "3433956371", "name": "Şəki Fındıq MMC", "fin": "5XK7P2M"},
        "exporter": {"voen": "3433956371", "name": "Şəki Fındıq MMC", "address": "Şəki"},
        "consignee": {"name": "Weber Nuss GmbH", "country": "DE", "address": "Hamburg"},
        "destination": "DE",
        "contract": {"reference": "CT-TEST", "file": file(papers["contract"])},
        "incoterm": "FCA", "place": "Bakı", "currency": "EUR", "total": "150000.00", "exchange_rate": "1.85",
        "customs_value_azn": "277500.00", "procedure": "1000", "exit_office": "AZ00100",
        "transport": {"mode": "3", "identity": "10-AA-100", "nationality": "AZ"},
        "items": [{"line": 1, "hs": hs, "description": "Fındıq ləpəsi", "origin": "AZ", "net_kg": quantity,
                   "gross_kg": quantity, "quantity": quantity, "unit": "KGM", "packages": 800, "package_kind": "BG",
                   "invoice_value": "150000.00", "statistical_value": "277500.00",
                   "permits": [one["number"] for one in given]}],
        "permits": given,
        "application_document": file(papers["declaration"]),
        "declaration_document": file(papers["declaration"]),
        **changes,
    }  # fmt: skip


def lodge(sandbox: Sandbox, body: dict[str, Any]) -> str:
    reference = f"DC-{uuid.uuid4().hex[:8].upper()}"
    message = sandbox.message("customs", "declaration.lodged", {"declaration": reference, **body}, reference)
    response = sandbox.post("customs", message)
    assert response.status_code == 202, response.text
    return reference


def reasons(portal: Portal, reference: str) -> list[str]:
    refused = awaited(portal, reference, "declaration.not_released")
    assert not received(portal, reference, "declaration.released")
    for reason in refused["reasons"]:
        assert set(reason["text"]) == {"az", "en"}
    return [reason["code"] for reason in refused["reasons"]]


def test_goods_with_all_permits_are_released_with_a_signed_document(
    border: Sandbox, portal: Portal, papers: dict[str, bytes], tmp_path: Path
) -> None:
    reference = lodge(border, declaration(papers, permits(border, portal)))
    released = awaited(portal, reference, "declaration.released")
    kinds = [one["type"] for one in received(portal, reference)]
    assert kinds == ["declaration.accepted", "declaration.channel_assigned", "declaration.released"]
    assert awaited(portal, reference, "declaration.channel_assigned")["channel"] == "green"
    assert released["number"] == awaited(portal, reference, "declaration.accepted")["number"]
    pdf = document(released)
    assert attachment(pdf, "release.json")["declaration"] == reference
    path = tmp_path / "release.pdf"
    path.write_bytes(pdf)
    report = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signer Certificate Common Name: Kamran İsmayılov" in report
    assert "Signature is Valid" in report
    assert not portal.problems


def test_a_permit_cannot_be_used_twice(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    given = permits(border, portal)
    awaited(portal, lodge(border, declaration(papers, given)), "declaration.released")
    assert reasons(portal, lodge(border, declaration(papers, given))) == ["permit_quantity", "permit_quantity"]


def test_a_permit_can_be_used_in_parts_until_it_is_used_up(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    given = permits(border, portal)
    for _ in range(2):
        part = lodge(border, declaration(papers, given, quantity="10000"))
        awaited(portal, part, "declaration.released")
    assert "permit_quantity" in reasons(portal, lodge(border, declaration(papers, given, quantity="1")))


def test_more_than_the_permit_covers_is_not_released(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    given = permits(border, portal)
    assert "permit_quantity" in reasons(portal, lodge(border, declaration(papers, given, quantity="20001")))


def test_other_goods_than_the_permit_names_are_not_released(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    assert "permit_hs" in reasons(portal, lodge(border, declaration(papers, permits(border, portal), hs="080221")))


def test_a_permit_under_another_number_is_not_accepted(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    given = [{**one, "number": f"{one['number']}9"} for one in permits(border, portal)]
    assert "permit_number" in reasons(portal, lodge(border, declaration(papers, given)))


def test_a_permit_for_another_country_is_not_accepted(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    given = permits(border, portal, destination="FR")
    assert "permit_destination" in reasons(portal, lodge(border, declaration(papers, given)))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("wrong_taxpayer: true", "permit_taxpayer"),
        ("wrong_quantity: 0.5", "permit_quantity"),
        ("signed_by: revoked", "permit_signer_revoked"),
        ("signed_by: untrusted", "permit_signer_of_unknown_centre"),
        ("tamper: true", "permit_altered"),
        ("permit: {number: 'OLD-{serial}', valid_days: -1}", "permit_expired"),
    ],
)
def test_customs_finds_out_a_faulty_permit(
    border: Sandbox, portal: Portal, papers: dict[str, bytes], fault: str, reason: str
) -> None:
    border.script("plant", f"{NO_DELAYS}{fault}\n")
    try:
        given = permits(border, portal)
    finally:
        border.script("plant", NO_DELAYS)
    reference = lodge(border, declaration(papers, given))
    assert reasons(portal, reference) == [reason]
    assert awaited(portal, reference, "declaration.channel_assigned")["channel"] == "red"


def test_a_permit_signed_by_somebody_who_is_no_official_is_not_accepted(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    given = permits(border, portal)
    given[0]["file"] = file(papers["other's"])
    assert reasons(portal, lodge(border, declaration(papers, given)))[0] == "permit_signer"


def test_a_permit_changed_by_an_increment_is_not_accepted(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    given = permits(border, portal)
    writer = IncrementalPdfFileWriter(io.BytesIO(base64.b64decode(given[0]["file"]["content_base64"])))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)
    output = io.BytesIO()
    writer.write(output)
    given[0]["file"] = file(output.getvalue())
    assert reasons(portal, lodge(border, declaration(papers, given))) == ["permit_changed_after_signing"]


def test_a_missing_permit_is_missed(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    given = permits(border, portal)
    body = declaration(papers, given)
    body["permits"] = given[:1]
    assert reasons(portal, lodge(border, body)) == ["permit_missing", "permit_required"]


def test_a_contract_signed_by_one_side_only_is_not_enough(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    contract = {"reference": "CT-TEST", "file": file(papers["one side"])}
    body = declaration(papers, permits(border, portal), contract=contract)
    assert reasons(portal, lodge(border, body)) == ["contract_signatures"]


def test_a_declaration_signed_by_somebody_else_is_not_accepted(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    body = declaration(papers, permits(border, portal), declaration_document=file(papers["other's"]))
    assert reasons(portal, lodge(border, body)) == ["declaration_signature"]


def test_dear_goods_go_through_the_yellow_channel(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    reference = lodge(border, declaration(papers, permits(border, portal), customs_value_azn="1000000.01"))
    awaited(portal, reference, "declaration.released")
    assert awaited(portal, reference, "declaration.channel_assigned")["channel"] == "yellow"


def test_the_script_can_refuse_the_release(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    border.script("customs", FAST + "decision: refuse\nchannel: red\n")
    try:
        assert reasons(portal, lodge(border, declaration(papers, permits(border, portal)))) == ["inspection"]
    finally:
        border.script("customs", FAST)


def test_silent_customs_releases_when_the_script_changes(
    border: Sandbox, portal: Portal, papers: dict[str, bytes]
) -> None:
    border.script("customs", FAST + "decision: silent\n")
    try:
        reference = lodge(border, declaration(papers, permits(border, portal)))
        awaited(portal, reference, "declaration.channel_assigned")
        time.sleep(0.7)
        assert not received(portal, reference, "declaration.released")
    finally:
        border.script("customs", FAST)
    awaited(portal, reference, "declaration.released")


def test_a_declaration_without_items_is_refused_for_good(border: Sandbox) -> None:
    message = border.message("customs", "declaration.lodged", {"declaration": "DC-1", "items": []}, "DC-1")
    assert border.post("customs", message).status_code == 422


def test_its_page_shows_what_it_decided_and_why(border: Sandbox, portal: Portal, papers: dict[str, bytes]) -> None:
    reference = lodge(border, declaration(papers, permits(border, portal), quantity="20001"))
    reasons(portal, reference)
    url = f"{border.url('customs')}/"
    wait_until(lambda: "left of the permit" in httpx.get(url, trust_env=False).text, "the page says why")
    assert reference in httpx.get(url, trust_env=False).text
