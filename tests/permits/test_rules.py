"""What a permit must be: each way to fail has its own verdict (P10.3.3(6), P4.2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from azexport.permits.rules import Evidence, judge
from azexport.permits.states import PermitVerdict
from azexport.signatures.identity import CertificateIdentity
from azexport.signatures.states import Verdict
from azexport.signatures.validation import SignatureReport

PERMIT: dict[str, Any] = {
    "number": "H-1",
    "valid_from": "2026-10-05",
    "valid_until": "2026-12-31",
    "voen": "1401555071",
    "destination": "DE",
    "lines": [{"line": 1, "hs": "080222", "quantity": "20000", "unit": "KGM"}],
}
GOODS = [{"line": 1, "hs": "0802.22", "quantity": "20000.000", "unit": "KGM", "description": "Nuts"}]


def signer(body: str | None = "honey-office") -> CertificateIdentity:
    return CertificateIdentity(
        "Head", "A", "B", "Office", None, None, None, f"GOVAZ-{body}", body, "", "AZ", None, "f", "1", "i"
    )


def report(verdict: Verdict = Verdict.ACCEPTED, body: str | None = "honey-office") -> SignatureReport:
    return SignatureReport("Sig", verdict, signer(body), None, "B-LTA", "")


def evidence(**changes: Any) -> Evidence:
    """A permit in order; `permit` changes it on paper and in the message alike."""
    permit = PERMIT | changes.pop("permit", {})
    good = Evidence(
        reports=[report()], attached=permit, permit=permit, provider="honey-office", voen="1401555071",
        destination="DE", goods=GOODS, today=date(2026, 10, 5),
    )  # fmt: skip
    return replace(good, **changes)


def line(**changes: Any) -> dict[str, Any]:
    return {"lines": [PERMIT["lines"][0] | changes]}


def test_a_permit_in_order_is_accepted() -> None:
    assert judge(evidence()) is None


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.ACCEPTED])
def test_a_signature_that_is_not_accepted_decides_with_its_own_verdict(verdict: Verdict) -> None:
    finding = judge(evidence(reports=[report(), report(verdict)]))

    assert finding is not None
    assert finding.code == verdict.value
    assert finding.text["az"]
    assert finding.text["en"]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"reports": []}, Verdict.UNSIGNED),
        ({"reports": [report(body="wax-office")]}, PermitVerdict.FOREIGN_SIGNER),
        ({"reports": [report(body=None)]}, PermitVerdict.FOREIGN_SIGNER),
        ({"reports": [report(), report(body="wax-office")]}, PermitVerdict.FOREIGN_SIGNER),
        ({"attached": None}, PermitVerdict.WRONG_DATA),
        ({"attached": PERMIT | {"number": "H-2"}}, PermitVerdict.WRONG_DATA),
        ({"permit": {"voen": "9900000001"}}, PermitVerdict.WRONG_TAXPAYER),
        ({"permit": {"voen": None}}, PermitVerdict.WRONG_TAXPAYER),
        ({"voen": None}, PermitVerdict.WRONG_TAXPAYER),
        ({"permit": {"lines": []}}, PermitVerdict.WRONG_GOODS),
        ({"permit": {"lines": "all"}}, PermitVerdict.WRONG_GOODS),
        ({"permit": {"lines": ["all"]}}, PermitVerdict.WRONG_GOODS),
        ({"permit": {"lines": PERMIT["lines"] * 2}}, PermitVerdict.WRONG_GOODS),
        ({"permit": line(line=2)}, PermitVerdict.WRONG_GOODS),
        ({"permit": line(hs="080221")}, PermitVerdict.WRONG_GOODS),
        ({"permit": line(quantity="40000")}, PermitVerdict.WRONG_QUANTITY),
        ({"permit": line(quantity="19999.999")}, PermitVerdict.WRONG_QUANTITY),
        ({"permit": line(quantity="NaN")}, PermitVerdict.WRONG_QUANTITY),
        ({"permit": line(quantity="much")}, PermitVerdict.WRONG_QUANTITY),
        ({"permit": line(unit="TNE")}, PermitVerdict.WRONG_QUANTITY),
        ({"permit": {"destination": "FR"}}, PermitVerdict.WRONG_DESTINATION),
        ({"permit": {"valid_until": "2026-10-04"}}, PermitVerdict.WRONG_VALIDITY),
        ({"permit": {"valid_from": "2026-10-06"}}, PermitVerdict.WRONG_VALIDITY),
        ({"permit": {"valid_until": "never"}}, PermitVerdict.WRONG_VALIDITY),
        ({"permit": {"valid_from": None}}, PermitVerdict.WRONG_VALIDITY),
    ],
)
def test_each_way_to_fail_has_its_own_verdict(changes: dict[str, Any], verdict: Verdict | PermitVerdict) -> None:
    finding = judge(evidence(**changes))

    assert finding is not None
    assert finding.code == verdict.value


def test_the_signature_is_looked_at_before_anything_else() -> None:
    finding = judge(evidence(reports=[report(Verdict.REVOKED)], permit={"voen": "9900000001"}))

    assert finding is not None
    assert finding.code == "revoked"


def test_every_verdict_is_told_in_both_languages() -> None:
    from azexport.kernel.text import of_message

    texts = [of_message(one.message) for one in PermitVerdict]

    assert all(text["az"] != text["en"] for text in texts)
    assert len({text["az"] for text in texts}) == len(texts)
