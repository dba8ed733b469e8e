"""What customs says about a lodged declaration (P4.2.6.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from azexport.customs import actions, tasks
from azexport.customs.models import Declaration
from azexport.documents import queries as documents
from azexport.exchange.models import Message
from azexport.kernel.errors import AzexportError, IllegalTransition, Missing, NotAllowed, OutsideFailure, RuleViolated
from azexport.notices.models import Notice
from azexport.parties.models import Member
from azexport.signatures.states import Verdict
from azexport.signatures.validation import SignatureReport
from sandbox.permit_documents.signing import Desk
from tests.factories.contracts import run_jobs
from tests.factories.customs import NOW, customs_office, fresh, make_frozen, make_lodged, release_file, says
from tests.factories.participants import participant
from tests.factories.signatures import SandboxPki, a_pdf

OFFICER = {"name": "Rauf Əliyev", "position": "Inspector"}
MORE = {"az": "Miqdar artıqdır", "en": "More than the permit allows"}
REASONS = [{"code": "QUANTITY", "permit": "N-1", "text": MORE}]


def _report(verdict: Verdict, body: str | None) -> SignatureReport:
    from azexport.signatures.identity import CertificateIdentity

    signer = CertificateIdentity(
        common_name="R", given_name="R", surname="Ə", organisation="Customs", voen=None, fin=None, foreign_id=None,
        organisation_id=None, body=body, title="", country="AZ", email=None, fingerprint="0", serial="1", issuer="x",
    )  # fmt: skip
    return SignatureReport("Customs", verdict, signer, NOW, "B-LTA", "")


@pytest.fixture
def signature(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the validation of the release says; by default that it is the customs' own."""

    def says_so(verdict: Verdict = Verdict.ACCEPTED, body: str | None = "border-house") -> None:
        monkeypatch.setattr(tasks, "validate_pdf", lambda content, **given: [_report(verdict, body)])

    says_so()
    return says_so


def _released(declaration: Declaration) -> Declaration:
    says(declaration, "release", number="26AZ0001", released_at="2026-10-05T07:00:00Z", officer=OFFICER,
         document=release_file())  # fmt: skip
    run_jobs("customs.check_release")
    return fresh(declaration)


def test_customs_accepts_picks_a_channel_and_releases(browser: Client, declarant: Member, signature: Any) -> None:
    declaration = make_lodged(declarant)
    base = f"/declarations/{declaration.reference}"
    assert "checks them" in browser.get(f"{base}/").content.decode()
    declaration = says(declaration, "accept", number="26AZ0001", officer=OFFICER)
    assert (declaration.status, declaration.number) == ("accepted", "26AZ0001")
    assert "registered the declaration as 26AZ0001" in browser.get(f"{base}/state/?was=lodged").content.decode()
    declaration = says(declaration, "assign_channel", channel="green", officer=OFFICER)
    assert "Green" in browser.get(f"{base}/state/?was=accepted").content.decode()
    declaration = _released(declaration)
    assert declaration.status == "released"
    assert declaration.release_document is not None
    assert documents.content(declaration.release_document) == b"%PDF-1.7 release"
    assert declaration.release_document.signatures[0]["verdict"] == "accepted"
    assert Notice.objects.filter(organisation=declarant.organisation, kind="declaration.released").count() == 1
    page = browser.get(f"{base}/")
    assert "Released for export" in page.content.decode()
    assert "Rauf Əliyev" in page.content.decode()
    assert browser.get(f"/documents/{declaration.release_document.reference}/").status_code == 200


def test_a_release_signed_with_the_key_of_customs_own_official_is_accepted(pki: SandboxPki, declarant: Member) -> None:
    directory = json.loads((pki.folder / "directory.json").read_text())
    office = participant(directory["programs"]["customs"]["code"], roles=("customs",))
    desk = Desk(pki.folder / "customs", directory["pki"]["tsa"])
    paper = desk.sign(a_pdf("Spare"), desk.official("head"), reason="release")
    declaration = make_lodged(declarant)
    says(declaration, "release", office, number="26AZ0001", document=release_file(paper))
    run_jobs("customs.check_release")
    assert (fresh(declaration).status, fresh(declaration).release_verdict) == ("released", "")


@pytest.mark.parametrize(
    ("verdict", "body", "shown"),
    [
        (Verdict.REVOKED, "border-house", "has been revoked"),
        (Verdict.ALTERED, "border-house", "changed after it was signed"),
        (Verdict.ACCEPTED, "honey-office", "belongs to another person or organisation"),
        (Verdict.ACCEPTED, None, "belongs to another person or organisation"),
    ],
)
def test_a_release_without_a_good_signature_of_customs_releases_nothing(
    browser: Client, declarant: Member, signature: Any, verdict: Verdict, body: str | None, shown: str
) -> None:
    signature(verdict, body)
    declaration = _released(says(make_lodged(declarant), "accept", number="26AZ0001"))
    assert (declaration.status, declaration.release_document) == ("accepted", None)
    assert shown in browser.get(f"/declarations/{declaration.reference}/").content.decode()
    assert Notice.objects.filter(kind="declaration.release_rejected").exists()
    signature()
    assert _released(declaration).status == "released"


def test_a_real_file_that_is_not_signed_releases_nothing(pki: SandboxPki, declarant: Member) -> None:
    declaration = make_lodged(declarant)
    says(declaration, "release", number="26AZ0001", document=release_file(a_pdf("Customs")))
    run_jobs("customs.check_release")
    assert (fresh(declaration).status, fresh(declaration).release_verdict) == ("lodged", "unsigned")


def test_customs_does_not_release_and_the_exporter_corrects_and_lodges_again(
    browser: Client, declarant: Member
) -> None:
    declaration = says(make_lodged(declarant), "refuse_release", reasons=REASONS, officer=OFFICER)
    assert declaration.status == "not_released"
    page = browser.get(f"/declarations/{declaration.reference}/").content.decode()
    assert "More than the permit allows" in page
    assert "N-1" in page
    assert "More than" in Notice.objects.get(kind="declaration.not_released").body["en"]
    step = browser.post(f"/declarations/{declaration.reference}/again/")
    another = Declaration.objects.latest("id")
    assert step.url == f"/declarations/{another.reference}/check/"  # type: ignore[attr-defined]
    assert another.previous == declaration
    assert (another.lines, another.transport_identity) == (declaration.lines, declaration.transport_identity)
    assert declaration.reference in browser.get(step.url).content.decode()  # type: ignore[attr-defined]
    browser.post(step.url)  # type: ignore[attr-defined]
    assert fresh(another).status == "awaiting_signature"


def test_messages_that_overtake_each_other_end_in_the_same_state(declarant: Member, signature: Any) -> None:
    declaration = says(make_lodged(declarant), "assign_channel", channel="yellow")
    assert declaration.status == "under_control"
    declaration = says(declaration, "accept", number="26AZ0001")
    assert (declaration.status, declaration.number) == ("under_control", "26AZ0001")
    declaration = _released(declaration)
    declaration = says(declaration, "assign_channel", channel="yellow")
    assert declaration.status == "released"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("accept", {}, "CUS-001"),
        ("accept", {"number": 7}, "CUS-001"),
        ("accept", {"number": "9" * 61}, "CUS-001"),
        ("assign_channel", {"channel": "blue"}, "CUS-002"),
        ("refuse_release", {"reasons": []}, "CUS-003"),
        ("release", {"document": release_file()}, "CUS-001"),
    ],
)
def test_an_incomplete_message_is_refused_and_changes_nothing(
    declarant: Member, name: str, body: dict[str, Any], code: str
) -> None:
    declaration = make_lodged(declarant)
    with pytest.raises(RuleViolated) as refusal:
        says(declaration, name, **body)
    assert refusal.value.code == code
    assert fresh(declaration).status == "lodged"


def test_a_release_without_its_document_is_refused(declarant: Member) -> None:
    declaration = make_lodged(declarant)
    with pytest.raises(AzexportError, match="not-a-file"):
        says(declaration, "release", number="26AZ0001")


def test_only_customs_may_speak_about_a_declaration(declarant: Member) -> None:
    declaration = make_lodged(declarant)
    with pytest.raises(NotAllowed):
        says(declaration, "accept", participant("honey-customs"), number="26AZ0001")


def test_customs_cannot_speak_about_what_was_never_lodged(declarant: Member) -> None:
    declaration = make_frozen(declarant)
    with pytest.raises(Missing):
        says(declaration, "accept", customs_office(), number="26AZ0001")


def test_a_decided_declaration_is_not_decided_again(declarant: Member, signature: Any) -> None:
    declaration = says(make_lodged(declarant), "refuse_release", reasons=REASONS)
    with pytest.raises(IllegalTransition):
        says(declaration, "release", number="26AZ0001", document=release_file())
    with pytest.raises(IllegalTransition):
        says(declaration, "refuse_release", reasons=REASONS)


def test_a_release_waits_while_a_centre_does_not_answer(declarant: Member, signature: Any) -> None:
    declaration = make_lodged(declarant)
    says(declaration, "release", number="26AZ0001", document=release_file())
    by = {"actor_kind": "participant", "actor_id": "border-house", "actor_name": "Customs"}
    signature(Verdict.INDETERMINATE)
    with pytest.raises(OutsideFailure):
        tasks.check_release(reference=declaration.reference, participant="border-house", by=by)
    assert (fresh(declaration).status, fresh(declaration).release_verdict) == ("lodged", "")
    signature()
    tasks.check_release(reference=declaration.reference, participant="border-house", by=by)
    assert fresh(declaration).status == "released"


def test_a_release_that_came_during_the_check_of_another_is_not_taken_for_it(
    declarant: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = make_lodged(declarant)
    says(declaration, "release", number="26AZ0001", document=release_file())

    def meanwhile(content: bytes, **given: Any) -> list[SignatureReport]:
        Declaration.objects.filter(pk=declaration.pk).update(received_release=b"%PDF-1.7 another")
        return [_report(Verdict.ACCEPTED, "border-house")]

    monkeypatch.setattr(tasks, "validate_pdf", meanwhile)
    by = {"actor_kind": "participant", "actor_id": "border-house", "actor_name": "Customs"}
    tasks.check_release(reference=declaration.reference, participant="border-house", by=by)
    assert fresh(declaration).status == "lodged"


def test_a_release_is_checked_once(declarant: Member, signature: Any) -> None:
    declaration = _released(make_lodged(declarant))
    document = declaration.release_document
    tasks.check_release(
        reference=declaration.reference, participant="border-house",
        by={"actor_kind": "participant", "actor_id": "x", "actor_name": "x"},
    )  # fmt: skip
    assert fresh(declaration).release_document == document


def test_a_message_that_cannot_be_delivered_is_shown(browser: Client, declarant: Member) -> None:
    declaration = make_lodged(declarant)
    Message.objects.filter(subject=declaration.reference).update(status="retrying", next_attempt_at=NOW)
    assert "does not answer" in browser.get(f"/declarations/{declaration.reference}/").content.decode()
    Message.objects.filter(subject=declaration.reference).update(status="parked", next_attempt_at=None)
    assert "could not be delivered" in browser.get(f"/declarations/{declaration.reference}/").content.decode()


def test_only_one_that_was_not_released_is_lodged_again(browser: Client, declarant: Member) -> None:
    declaration = make_lodged(declarant)
    assert browser.post(f"/declarations/{declaration.reference}/again/").status_code == 409
    with pytest.raises(IllegalTransition):
        actions.draft_again(declaration, by=declarant, now=NOW)
