"""A permit as it comes: a paper signed in the body's own system, checked, issued or rejected (P10.3.3(6), P6.1.9)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azexport.cases.models import Case
from azexport.documents import queries as documents
from azexport.documents.models import Document
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import AzexportError, IllegalTransition, OutsideFailure, RuleViolated
from azexport.notices.models import Notice
from azexport.permits import actions, queries
from azexport.permits.models import Permit
from azexport.permits.paper import attached_permit
from azexport.permits.permissions import may_read
from azexport.permits.states import PermitStatus
from azexport.signatures import validation
from azexport.signatures.states import Verdict
from sandbox.permit_documents.printing import print_paper, template_for
from sandbox.permit_documents.signing import Desk
from tests.factories import services
from tests.factories.cases import OFFICER, accepted, file, granted, office, open_case, permit_of, says
from tests.factories.parties import make_member
from tests.factories.services import NOW
from tests.factories.signatures import SandboxPki
from tests.permits.test_rules import report

pytestmark = pytest.mark.django_db


def paper(permit: dict[str, Any]) -> bytes:
    """The permit printed as a body prints it, not signed yet."""
    words = {"az": "Bal idarəsi", "en": "Honey office"}
    data = {
        "permit": permit,
        "application": {"answers": {}, "consignee": {}, "applicant": {}, "goods": [], "application": "AP-1",
                        "case": "CS-1", "service": "honey-seal", "destination": "DE"},
        "fields": {"case": "CS-1"},
        "letterhead": {"name": words},
        "officer": {**OFFICER, "position": words, "certificate": "00"},
    }  # fmt: skip
    at = datetime(2026, 10, 5, tzinfo=UTC)
    return print_paper(template_for("generic"), data, check_url="http://localhost:1/x", at=at)


@pytest.fixture
def signs_anything(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The signature of what comes has this verdict: for tests that are about the data."""

    def set_verdict(verdict: Verdict = Verdict.ACCEPTED, body: str = "honey-office") -> None:
        monkeypatch.setattr(validation, "validate_pdf", lambda content, **given: [report(verdict, body)])

    set_verdict()
    return set_verdict


def grant(case: Case, content: bytes | None = None, **changes: Any) -> Permit:
    permit = permit_of(case, **changes)
    says(case, "grant", permit=permit, document=file(content or paper(permit)), officer=OFFICER)
    return Permit.objects.latest("id")


def checked(permit: Permit, now: datetime = NOW) -> Permit:
    return actions.check(reference=permit.reference, by=SYSTEM, now=now)


def test_a_permit_in_order_is_issued_stored_attached_and_announced(signs_anything: Any) -> None:
    member = make_member()
    permit = checked(grant(accepted(open_case(member))))

    case = Case.objects.get()
    assert permit.status == PermitStatus.ISSUED
    assert permit.document is not None
    assert permit.document.kind == "permit"
    assert case.result_document == permit.document
    assert not case.being_checked
    assert attached_permit(documents.content(permit.document)) == permit.data
    assert Notice.objects.filter(kind="case.granted", organisation=member.organisation).count() == 1
    assert queries.issued_for(case.application_reference) == [permit]
    assert queries.issued_for(case.application_reference, on=NOW.date() + timedelta(days=365)) == []
    assert may_read(member, permit.document)
    assert not may_read(make_member(), permit.document)


def test_checking_twice_changes_nothing(signs_anything: Any) -> None:
    permit = grant(accepted(open_case()))
    checked(permit)

    assert checked(permit).status == PermitStatus.ISSUED
    assert Document.objects.filter(kind="permit").count() == 1


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"voen": "9900000001"}, "wrong_taxpayer"),
        ({"lines": [{"line": 1, "hs": "040900", "quantity": "40000", "unit": "KGM"}]}, "wrong_quantity"),
        ({"lines": [{"line": 1, "hs": "170290", "quantity": "20000", "unit": "KGM"}]}, "wrong_goods"),
        ({"destination": "FR"}, "wrong_destination"),
        ({"valid_until": "2026-10-04"}, "wrong_validity"),
    ],
)
def test_a_permit_that_is_not_what_was_applied_for_is_rejected_and_the_case_says_why(
    signs_anything: Any, changes: dict[str, Any], verdict: str
) -> None:
    permit = checked(grant(accepted(open_case()), **changes))

    case = Case.objects.get()
    assert (permit.status, permit.verdict) == (PermitStatus.REJECTED, verdict)
    assert (case.status, case.verdict) == ("permit_rejected", verdict)
    assert case.verdict_text["az"] != case.verdict_text["en"]
    assert permit.document is not None
    assert permit.document.status == "rejected"
    assert case.result_document is None
    assert Notice.objects.filter(kind="case.permit_rejected").exists()
    assert queries.issued_for(case.application_reference) == []


def test_the_paper_and_the_message_must_say_the_same(signs_anything: Any) -> None:
    case = accepted(open_case())
    other = paper(permit_of(case, number="H-2026-0009"))

    assert checked(grant(case, other)).verdict == "wrong_data"


@pytest.mark.parametrize("content", [b"%PDF-1.7 nothing else", b"not a pdf at all"])
def test_a_file_that_is_no_paper_has_no_data(content: bytes) -> None:
    assert attached_permit(content) is None


def test_after_a_rejected_permit_the_body_may_send_a_good_one_even_under_the_same_number(signs_anything: Any) -> None:
    case = accepted(open_case())
    checked(grant(case, destination="FR"))

    good = checked(grant(Case.objects.for_page().get()))

    assert good.status == PermitStatus.ISSUED
    assert [one.status for one in queries.of_case(case.reference)] == ["issued", "rejected"]
    assert Case.objects.get().verdict == ""


def test_a_number_is_given_once_by_a_body() -> None:
    row = services.load()
    granted(accepted(open_case(row=row)))
    second = accepted(open_case(row=row))

    with pytest.raises(RuleViolated) as refused:
        granted(second)

    assert [one.code for one in refused.value.violations] == ["PER-001"]
    assert Case.objects.get(pk=second.pk).status == "accepted"


def test_the_same_number_of_another_body_is_another_permit() -> None:
    granted(accepted(open_case(row=services.load())))
    [wax] = services.load_all(services.honey(id="wax-seal", requirements=[], general__provider="wax-office"))
    granted(accepted(open_case(row=wax)))

    assert Permit.objects.count() == 2


def test_a_file_that_is_not_the_one_its_digest_names_is_refused() -> None:
    case = accepted(open_case())
    broken = file() | {"sha256": "0" * 64}

    with pytest.raises(AzexportError) as refused:
        says(case, "grant", permit=permit_of(case), document=broken, officer=OFFICER)

    assert refused.value.status == 422
    assert not Permit.objects.exists()


def test_while_a_centre_does_not_answer_the_permit_waits(signs_anything: Any) -> None:
    permit = grant(accepted(open_case()))
    signs_anything(Verdict.INDETERMINATE)

    with pytest.raises(OutsideFailure):
        checked(permit)
    assert Permit.objects.get().status == PermitStatus.RECEIVED

    signs_anything(Verdict.ACCEPTED)
    assert checked(permit).status == PermitStatus.ISSUED


def test_what_is_checked_cannot_be_checked_into_something_else(signs_anything: Any) -> None:
    from azexport.lifecycle import move
    from azexport.permits.lifecycle import TABLE

    permit = checked(grant(accepted(open_case())))

    with pytest.raises(IllegalTransition):
        move(permit, "reject", table=TABLE, by=SYSTEM, now=NOW)


# ------------------------------------------------------------------------------------------- with real signatures


class Officials:
    """The officials' keys of the sandbox's bodies."""

    def __init__(self, pki: SandboxPki) -> None:
        self.pki = pki
        self.tsa = json.loads((pki.folder / "directory.json").read_text())["pki"]["tsa"]

    def sign(self, content: bytes, key: str = "head", body: str = "plant") -> bytes:
        desk = Desk(self.pki.folder / body, self.tsa)
        return desk.sign(content, desk.official(key), reason="permit")


@pytest.fixture
def officials(pki: SandboxPki) -> Officials:
    return Officials(pki)


def body_code(name: str) -> str:
    import yaml

    from tests.factories.signatures import ROOT

    programs = yaml.safe_load((ROOT / "sandbox" / "data" / "programs.yaml").read_text())
    return str(programs[name]["code"])


def plant_case() -> tuple[Case, dict[str, Any]]:
    """A case with the body whose officials sign, and a permit that is valid today."""
    [row] = services.load_all(services.honey(general__provider=body_code("plant")))
    office(body_code("plant"))
    case = accepted(open_case(row=row))
    today = datetime.now(UTC).date()
    return case, permit_of(case, valid_from=str(today), valid_until=str(today + timedelta(days=90)))


def sent(case: Case, permit: dict[str, Any], content: bytes) -> Permit:
    says(case, "grant", permit=permit, document=file(content), officer=OFFICER)
    return checked(Permit.objects.latest("id"), now=datetime.now(UTC))


def test_a_permit_signed_by_the_head_of_the_body_is_issued(officials: Officials) -> None:
    case, permit = plant_case()

    row = sent(case, permit, officials.sign(paper(permit)))

    assert (row.status, row.verdict) == (PermitStatus.ISSUED, "accepted")
    assert row.signer["body"] == body_code("plant")
    assert row.document is not None
    assert row.document.signatures[0]["level"] == "B-LTA"


@pytest.mark.parametrize(
    ("key", "body", "verdict"),
    [
        ("revoked", "plant", "revoked"),
        ("untrusted", "plant", "unknown_centre"),
        ("head", "quality", "foreign_signer"),
    ],
)
def test_a_permit_signed_with_a_wrong_key_is_rejected_by_name(
    officials: Officials, key: str, body: str, verdict: str
) -> None:
    case, permit = plant_case()

    row = sent(case, permit, officials.sign(paper(permit), key, body))

    assert (row.status, row.verdict) == (PermitStatus.REJECTED, verdict)
    assert Case.objects.get().verdict == verdict


def test_a_permit_that_nobody_signed_is_rejected(officials: Officials) -> None:
    case, permit = plant_case()

    assert sent(case, permit, paper(permit)).verdict == "unsigned"


def test_a_permit_changed_after_signing_is_rejected(officials: Officials) -> None:
    case, permit = plant_case()
    content = bytearray(officials.sign(paper(permit)))
    content[content.index(b"/Producer") + 12] ^= 1 if b"/Producer" in content else 0

    assert sent(case, permit, bytes(content)).verdict in {"altered", "malformed", "bad_signature"}


def test_the_job_checks_and_being_run_twice_changes_nothing(signs_anything: Any) -> None:
    from azexport.permits import tasks

    today = datetime.now(UTC).date()
    case = accepted(open_case())
    permit = grant(case, valid_from=str(today - timedelta(days=1)), valid_until=str(today + timedelta(days=9)))
    for _run in range(2):
        tasks.check_permit(reference=permit.reference)

    assert Permit.objects.get().status == PermitStatus.ISSUED
