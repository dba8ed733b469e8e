"""Signatures stay provable: a document is stamped anew before its newest stamp ends (P1.3.7; trap 6, threat 10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.documents import actions, proofs, queries, tasks
from azexport.documents.models import Document
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import Missing, OutsideFailure
from azexport.kernel.text import both
from azexport.signatures import outside, pades
from azexport.signatures.errors import Refused
from azexport.signatures.models import TrustService
from azexport.signatures.states import Verdict
from azexport.signatures.validation import validate_pdf
from sandbox.timestamps import TimeStampAuthority
from tests.factories.parties import make_member, sign_in
from tests.factories.signatures import SandboxPki, a_pdf, look, pki, sandbox_pki, sign_directly, trust_of

__all__ = ["pki", "sandbox_pki"]

READERS = {"specimen": "tests.documents.test_proofs.knows_it"}
KNOWN: set[str] = set()


def knows_it(actor: Actor, document: Document) -> bool:
    """A room knows the version that it had made, by its reference."""
    return document.reference in KNOWN


@pytest.fixture(autouse=True)
def readers(settings: Settings) -> None:
    settings.DOCUMENT_READERS = "tests.documents.test_proofs.READERS"
    KNOWN.clear()


class Authority(outside.Network):
    """The sandbox's door, but with a time-stamp authority whose certificate is valid for so many days."""

    def __init__(self, pki: SandboxPki, days: int) -> None:
        root = pki.centres()["az-root"]
        subject = {"C": "AZ", "O": "Sandbox E-imza", "CN": f"Time stamps for {days} days"}
        name = f"tsa-{days}"
        root.issue(subject, usage="timestamp", validity=timedelta(days=days)).write(pki.folder / "pki", name)
        self.authority = TimeStampAuthority(pki.folder / "pki", name, root.chain)
        self.asked = 0

    def post(self, address: str, content: bytes, media_type: str, *, timeout: float) -> bytes:
        if media_type != "application/timestamp-query":
            return super().post(address, content, media_type, timeout=timeout)
        self.asked += 1
        return self.authority.answer(content)


@pytest.fixture(scope="module")
def ending(sandbox_pki: SandboxPki) -> Authority:
    """An authority whose certificate ends in ninety days."""
    return Authority(sandbox_pki, 90)


@pytest.fixture
def stamps_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From now on this authority answers."""
    return lambda door: monkeypatch.setattr(outside, "_door", door)


@pytest.fixture(scope="module")
def contract(sandbox_pki: SandboxPki, ending: Authority) -> bytes:
    """A contract whose time stamps were made by the authority that is about to end."""
    before = outside.door()
    outside.use(ending)
    try:
        key = sandbox_pki.key("people/leyla-mammadova-sign")
        return sign_directly(a_pdf(), "Seller", key, trust=trust_of(sandbox_pki))
    finally:
        outside.use(before)


@pytest.fixture
def signed(pki: SandboxPki, contract: bytes) -> bytes:
    return contract


def stored(content: bytes, **given: Any) -> Document:
    report = look(content)
    values: dict[str, Any] = {
        "kind": "specimen", "title": both("Müqavilə", "Contract"), "content": content, "by": SYSTEM,
        "now": datetime.now(UTC), "signatures": [report.as_data()],
        "facts": [{"label": both("Nömrə", "Number"), "value": "1"}],
    } | given  # fmt: skip
    document = actions.store(**values)
    KNOWN.add(document.reference)
    return document


def renew(document: Document) -> Document | None:
    return proofs.renew(document.reference, now=datetime.now(UTC))


def test_a_document_about_to_lose_its_proof_gets_a_new_version_under_the_same_code(signed: bytes) -> None:
    document = stored(signed)
    assert proofs.look() == 0
    assert proofs.due(now=datetime.now(UTC)) == [document]
    renewed = renew(document)
    assert renewed is not None
    document.refresh_from_db()
    assert (document.status, renewed.status, renewed.code) == ("superseded", "issued", document.code)
    assert (renewed.previous, renewed.facts, renewed.signatures) == (document, document.facts, document.signatures)
    assert renewed.proof_ends_at is not None
    assert document.proof_ends_at is not None
    assert renewed.proof_ends_at > document.proof_ends_at + timedelta(days=3000)
    content = queries.content(renewed)
    assert content.startswith(signed)
    assert queries.by_code(document.code) == renewed
    last = list(history([renewed.reference]))[-1]
    assert (last.name, last.data["previous"]) == ("document.renewed", document.reference)


def test_the_renewed_document_can_be_verified_when_the_old_one_cannot_any_more(signed: bytes) -> None:
    later = datetime.now(UTC) + timedelta(days=3 * 365)
    assert look(signed, now=later, online=False).verdict is Verdict.INDETERMINATE
    document = stored(signed)
    proofs.look()
    renewed = renew(document)
    assert renewed is not None
    (report,) = validate_pdf(queries.content(renewed), now=later, online=False)
    assert report.verdict is Verdict.ACCEPTED, report.details


def test_run_again_it_makes_no_second_version(signed: bytes) -> None:
    document = stored(signed)
    proofs.look()
    renewed = renew(document)
    assert renewed is not None
    assert renew(document) is None
    assert renew(renewed) is None
    proofs.look()
    assert proofs.due(now=datetime.now(UTC)) == []
    assert Document.objects.count() == 2


def test_of_two_that_renew_at_once_one_makes_a_version(signed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    document = stored(signed)
    proofs.look()
    real = pades.renew_other

    def overtaken(*given: Any, **named: Any) -> Any:
        made = real(*given, **named)
        monkeypatch.setattr(pades, "renew_other", real)
        assert renew(document) is not None
        return made

    monkeypatch.setattr(pades, "renew_other", overtaken)
    assert renew(document) is None
    assert Document.objects.count() == 2


def test_a_proof_that_holds_for_long_is_left_alone(pki: SandboxPki) -> None:
    document = stored(sign_directly(a_pdf(), "Seller", pki.key("people/leyla-mammadova-sign")))
    proofs.look()
    document.refresh_from_db()
    assert document.proof_algorithms == ["ec_256", "sha256", "sha256_ecdsa"]
    assert proofs.due(now=datetime.now(UTC)) == []
    assert renew(document) is None
    assert proofs.due(now=datetime.now(UTC) + timedelta(days=3600)) == [document]


def test_a_proof_by_what_is_named_weak_is_due_however_long_its_certificate_is_valid(
    signed: bytes, settings: Settings
) -> None:
    settings.PROOF_RENEWED_BEFORE = timedelta(days=1)
    document = stored(signed)
    proofs.look()
    assert proofs.due(now=datetime.now(UTC)) == []
    settings.WEAK_PROOFS = ("ec_256",)
    assert proofs.due(now=datetime.now(UTC)) == [document]
    # The authority has no other key yet: one more stamp of the weak kind is not kept.
    assert renew(document) is None
    assert Document.objects.count() == 1


def test_a_stamp_that_ends_as_early_is_not_kept(signed: bytes, ending: Authority, stamps_of: Any) -> None:
    document = stored(signed)
    proofs.look()
    stamps_of(ending)
    assert renew(document) is None
    document.refresh_from_db()
    assert document.status == DocumentStatus.ISSUED


def test_a_proof_that_has_ended_is_not_made_to_look_whole_again(signed: bytes) -> None:
    """Only a stamp from before the end of the last one proves what that one proved (trap 6)."""
    document = stored(signed)
    proofs.look()
    assert proofs.renew(document.reference, now=datetime.now(UTC) + timedelta(days=91)) is None
    assert Document.objects.count() == 1


def test_while_no_stamp_can_be_had_the_document_stays_due(signed: bytes) -> None:
    document = stored(signed)
    proofs.look()
    TrustService.objects.filter(kind="timestamp").update(url="http://localhost:9/tsa")
    with pytest.raises(OutsideFailure):
        renew(document)
    TrustService.objects.filter(kind="timestamp").update(status="withdrawn")
    with pytest.raises(Refused):
        renew(document)
    assert proofs.due(now=datetime.now(UTC)) == [document]


@pytest.mark.parametrize("status", [DocumentStatus.REVOKED, DocumentStatus.REJECTED])
def test_what_counts_for_nothing_is_not_renewed(signed: bytes, status: DocumentStatus) -> None:
    document = stored(signed)
    proofs.look()
    actions.set_status(document, status, by=SYSTEM, now=datetime.now(UTC))
    assert proofs.due(now=datetime.now(UTC)) == []


def test_what_is_no_pdf_any_reader_can_read_is_looked_at_once(signed: bytes) -> None:
    broken = stored(b"%PDF-1.7 no more")
    unsigned = stored(signed, signatures=[])
    proofs.look()
    for document, found in ((broken, ["unreadable"]), (unsigned, None)):
        document.refresh_from_db()
        assert document.proof_algorithms == found
    assert proofs.due(now=datetime.now(UTC) + timedelta(days=9999)) == []


# --- rooms know the version that they had made


def test_who_may_open_a_document_may_open_what_it_was_renewed_as(signed: bytes) -> None:
    document = stored(signed)
    proofs.look()
    renewed = renew(document)
    assert renewed is not None
    client = sign_in(Client(), make_member())
    moved = client.get(f"/documents/{document.reference}/")
    assert moved.headers["Location"] == f"/documents/{renewed.reference}/"
    opened = client.get(moved.headers["Location"])
    assert (opened.status_code, opened.content) == (200, queries.content(renewed))
    KNOWN.clear()
    for reference in (document.reference, renewed.reference):
        with pytest.raises(Missing):
            queries.readable(reference, make_member())


def test_a_renewed_document_can_still_be_revoked_and_signed_by_the_next(signed: bytes) -> None:
    document = stored(signed)
    proofs.look()
    renewed = renew(document)
    assert renewed is not None
    actions.set_status(document, DocumentStatus.REVOKED, by=SYSTEM, now=datetime.now(UTC))
    renewed.refresh_from_db()
    assert renewed.status == DocumentStatus.REVOKED
    actions.set_status(document, DocumentStatus.ISSUED, by=SYSTEM, now=datetime.now(UTC))
    document.refresh_from_db()
    again = stored(signed, previous=document)
    assert (again.previous, again.code, again.renewal) == (renewed, document.code, False)


# --- the jobs


def names() -> list[str]:
    return sorted(job.task_name for job in ProcrastinateJob.objects.filter(status="todo"))


def test_by_night_everything_due_gets_a_job_of_its_own_in_batches(
    signed: bytes, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """Killed in the middle, the next night goes on where it stopped: what is done is not due."""
    monkeypatch.setattr(proofs, "BATCH", 2)
    made = [stored(signed) for _ in range(3)]
    tasks.keep_proofs(0)
    assert names() == ["documents.look_at_proofs"]
    tasks.look_at_proofs(after=0)
    assert Document.objects.filter(proof_algorithms__isnull=True).count() == 1
    tasks.look_at_proofs(after=made[1].pk)
    assert Document.objects.filter(proof_algorithms__isnull=True).count() == 0
    assert names().count("documents.renew_proofs") == 1
    tasks.renew_proofs(after=0)
    tasks.renew_proofs(after=0)
    assert names().count("documents.renew_proof") == 2
    tasks.renew_proofs(after=made[1].pk)
    assert names().count("documents.renew_proof") == 3
    with django_assert_num_queries(1):
        proofs.due(now=datetime.now(UTC))


@pytest.mark.parametrize("rows", [1, 3])
def test_looking_costs_one_query_and_two_for_each_document(
    signed: bytes, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        stored(signed)
    with django_assert_num_queries(1 + 2 * rows):
        proofs.look()
