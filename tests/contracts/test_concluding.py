"""Signing, inviting, declining: from the frozen draft to the concluded contract (P4.1.2, P10.3.1(3-4))."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader

from azexport.audit.queries import history
from azexport.contracts import actions
from azexport.contracts.models import Contract
from azexport.documents import queries as documents
from azexport.documents.tasks import render_paper
from azexport.kernel.actor import SYSTEM, NamedActor
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.lifecycle import announce
from azexport.notices.models import Mail, Notice
from azexport.parties.actions import accept_invitation
from azexport.parties.models import Member
from azexport.signatures.models import SigningRequest
from azexport.signatures.states import Purpose
from azexport.signatures.validation import validate_pdf
from tests.factories import papers
from tests.factories.contracts import (
    NOW,
    asked,
    completed,
    invitation_token,
    make_awaiting_buyer,
    make_draft,
    make_frozen,
    make_offered,
    paper_of,
    run_jobs,
)
from tests.factories.parties import make_member
from tests.factories.signatures import SandboxPki, sign_request


def _actor(member: Member) -> NamedActor:
    return NamedActor(member.actor_kind, member.actor_id, member.actor_name)


def test_both_parties_sign_with_real_keys_and_the_contract_is_concluded(
    pki: SandboxPki, at_seller: Client, at_buyer: Client, seller: Member, buyer: Member
) -> None:
    contract = make_draft(seller)
    base = f"/contracts/{contract.reference}"
    assert at_seller.post(f"{base}/check/").url == f"{base}/"  # type: ignore[attr-defined]
    assert "being made" in at_seller.get(f"{base}/").content.decode()
    run_jobs("documents.render_paper")
    state = at_seller.get(f"{base}/state/?was=rendering")
    request = asked(contract)
    assert state.headers["HX-Redirect"] == f"/sign/{request.reference}/"

    sign_request(request, pki.key("people/leyla-mammadova-sign"), by=_actor(seller))
    contract.refresh_from_db()
    assert contract.status == "awaiting_buyer"
    accept_invitation(token=invitation_token(contract), member=buyer, now=datetime.now(UTC))
    page = at_buyer.get(f"{base}/").content.decode()
    assert "asks you to sign it" in page
    step = at_buyer.post(f"{base}/sign/")
    request = asked(contract, "Buyer")
    assert step.url == f"/sign/{request.reference}/"  # type: ignore[attr-defined]
    sign_request(request, pki.key("people/jonas-weber-sign"), by=_actor(buyer))

    contract.refresh_from_db()
    assert contract.status == "concluded"
    assert contract.document is not None
    content = documents.content(contract.document)
    assert contract.sha256 == hashlib.sha256(content).hexdigest()
    reports = validate_pdf(content, now=datetime.now(UTC), require=Purpose.SIGN)
    assert [(report.field, report.verdict, report.level) for report in reports] == [
        ("Seller", "accepted", "B-LTA"), ("Buyer", "accepted", "B-LTA"),
    ]  # fmt: skip
    assert [one["field"] for one in contract.document.signatures] == ["Seller", "Buyer"]
    assert {notice.organisation_id for notice in Notice.objects.filter(kind="contract.concluded")} == {
        seller.organisation.pk, buyer.organisation.pk,
    }  # fmt: skip
    for client in (at_seller, at_buyer):
        assert client.get(f"/documents/{contract.document.reference}/").content == content
        assert contract.sha256 in client.get(f"{base}/").content.decode()


def test_the_signing_request_is_the_sellers_and_of_the_stored_pdf(seller: Member) -> None:
    contract = make_frozen(seller)
    request, paper = asked(contract), paper_of(contract)
    assert paper.document is not None
    assert (request.signer_id, request.field, request.expected["fin"]) == (seller.actor_id, "Seller", "5XK7P2M")
    assert request.content_sha256 == paper.document.sha256
    assert paper.document.code == contract.code
    assert paper.return_url == f"/contracts/{contract.reference}/"


def test_the_public_facts_of_a_contract_name_the_parties_and_no_price(seller: Member) -> None:
    contract = make_frozen(seller)
    document = paper_of(contract).document
    assert document is not None
    values = [fact["value"] for fact in document.facts]
    assert values == [contract.reference, "Şəki Fındıq MMC", "3433956371", "Weber Nuss GmbH"]


def test_rendering_twice_makes_one_document(seller: Member) -> None:
    contract = actions.freeze(make_draft(seller), by=seller, now=NOW)
    render_paper(contract.paper)
    render_paper(contract.paper)
    paper = paper_of(contract)
    assert SigningRequest.objects.filter(subject=paper.reference).count() == 1
    assert paper.document is not None
    assert len(documents.history(paper.document)) == 1


def test_a_rendering_of_what_the_contract_said_before_it_was_changed_is_thrown_away(seller: Member) -> None:
    contract = actions.freeze(make_draft(seller), by=seller, now=NOW)
    actions.reopen(contract, by=seller, now=NOW)
    render_paper(paper_of(contract).reference)
    assert (paper_of(contract).status, paper_of(contract).document) == ("discarded", None)


def test_what_is_agreed_stands_inside_the_pdf_for_machines(seller: Member) -> None:
    """P10.3.1(3): nothing of what becomes of the contract later, which the signatures could not cover."""
    contract = make_frozen(seller)
    document = paper_of(contract).document
    assert document is not None
    described = PdfFileReader(io.BytesIO(documents.content(document))).root["/AF"][0].get_object()
    inside = json.loads(described["/EF"]["/F"].data)
    assert (inside["reference"], inside["total"], inside["goods"][0]["hs"]) == (
        contract.reference, "169000.00", "080222",
    )  # fmt: skip
    assert not {"status", "sha256", "concluded_at"} & set(inside)


def test_the_seller_can_take_it_back_and_change_it_before_signing(at_seller: Client, seller: Member) -> None:
    contract = make_frozen(seller)
    first = paper_of(contract).document
    assert first is not None
    at_seller.post(f"/contracts/{contract.reference}/reopen/")
    contract.refresh_from_db()
    first.refresh_from_db()
    assert (contract.status, contract.document, contract.paper, first.status) == ("drafted", None, "", "revoked")
    at_seller.post(f"/contracts/{contract.reference}/currency/", {"currency": "USD"})
    at_seller.post(f"/contracts/{contract.reference}/check/")
    run_jobs("documents.render_paper")
    contract.refresh_from_db()
    assert contract.status == "awaiting_seller"
    assert contract.code != first.code


def test_the_pdf_that_waits_for_the_seller_is_theirs_to_read(at_seller: Client, seller: Member) -> None:
    contract = make_frozen(seller)
    document = paper_of(contract).document
    assert document is not None
    assert f"/documents/{document.reference}/" in at_seller.get(f"/contracts/{contract.reference}/").content.decode()
    assert at_seller.get(f"/documents/{document.reference}/").status_code == 200


def test_a_signature_on_a_pdf_that_was_taken_back_changes_nothing(seller: Member) -> None:
    contract = make_frozen(seller)
    actions.reopen(contract, by=seller, now=NOW)
    completed(contract, "Seller", seller)
    assert (contract.status, contract.document) == ("drafted", None)
    assert "paper.signature_discarded" in [event.name for event in history([paper_of(contract).reference])]


def test_a_failed_signature_shows_its_verdict_and_can_be_tried_again(at_seller: Client, seller: Member) -> None:
    contract = make_frozen(seller)
    first = asked(contract)
    papers.refused(paper_of(contract), verdict="revoked", now=NOW)
    page = at_seller.get(f"/contracts/{contract.reference}/").content.decode()
    assert "has been revoked by its centre" in page
    assert "Try signing again" in page
    assert "A signature was not accepted" in page
    at_seller.post(f"/contracts/{contract.reference}/sign/")
    contract.refresh_from_db()
    paper = paper_of(contract)
    assert (paper.verdict, contract.status) == ("", "awaiting_seller")
    assert paper.signing != first.reference


def test_the_invitation_goes_to_the_buyer_by_e_mail_in_both_languages(seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    mail = Mail.objects.get(link__startswith="/invitation/")
    assert (mail.to, mail.language) == ("jonas.weber@weber-nuss.example", "en")
    assert "has signed the contract" in mail.body["en"]
    assert "imzalayıb" in mail.body["az"]
    assert contract.invitation_expires_at is not None


def test_the_invitation_says_who_sells_what_to_whom_before_anybody_accepts(client: Client, seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    actions.invite_again(contract, email="office@weber.example", by=seller, now=datetime.now(UTC))
    client.cookies["language"] = "en"
    page = client.get(f"/invitation/{invitation_token(contract)}/", follow=True).content.decode()
    assert f"Contract of sale {contract.reference}: Sheki Findiq LLC – Weber Nuss GmbH" in page
    assert f"{seller.actor_name} invites you" in page


def test_an_invitation_works_once(seller: Member, buyer: Member) -> None:
    contract = make_awaiting_buyer(seller)
    token = invitation_token(contract)
    accept_invitation(token=token, member=buyer, now=NOW)
    contract.refresh_from_db()
    assert contract.buyer == buyer.organisation
    with pytest.raises(Exception, match="invitation-used"):
        accept_invitation(token=token, member=buyer, now=NOW)


def test_the_seller_cannot_accept_the_own_invitation(seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    token = invitation_token(contract)
    with pytest.raises(RuleViolated) as refusal:
        accept_invitation(token=token, member=seller, now=NOW)
    assert refusal.value.code == "CON-013"
    contract.refresh_from_db()
    assert contract.buyer is None


def test_another_taxpayer_of_azerbaijan_cannot_be_the_foreign_buyer(seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    with pytest.raises(RuleViolated):
        accept_invitation(token=invitation_token(contract), member=make_member(), now=NOW)


def test_a_new_invitation_puts_the_former_one_out_of_use(at_seller: Client, seller: Member, buyer: Member) -> None:
    contract = make_awaiting_buyer(seller)
    first = invitation_token(contract)
    at_seller.post(f"/contracts/{contract.reference}/invite/", {"email": "office@weber.example"})
    assert Mail.objects.latest("id").to == "office@weber.example"
    with pytest.raises(Exception, match="invitation-withdrawn"):
        accept_invitation(token=first, member=buyer, now=NOW)
    accept_invitation(token=invitation_token(contract), member=buyer, now=NOW)
    with pytest.raises(IllegalTransition):
        actions.invite_again(contract, email="x@example.com", by=seller, now=NOW)


def test_the_buyer_declines_with_a_reason_and_the_seller_makes_a_new_version(
    at_seller: Client, at_buyer: Client, seller: Member, buyer: Member
) -> None:
    contract = make_offered(seller, buyer)
    base = f"/contracts/{contract.reference}"
    assert at_buyer.post(f"{base}/decline/", {"reason": " "}).status_code == 422
    at_buyer.post(f"{base}/decline/", {"reason": "The price is too high"})
    contract.refresh_from_db()
    assert contract.document is not None
    assert (contract.status, contract.document.status) == ("declined", "revoked")
    assert "The price is too high" in Notice.objects.get(kind="contract.declined").body["en"]
    assert "The price is too high" in at_seller.get(f"{base}/").content.decode()
    at_seller.post(f"{base}/copy/")
    fresh = Contract.objects.latest("id")
    assert (fresh.version, fresh.previous) == (2, contract)
    assert "The price is too high" in at_seller.get(f"/contracts/{fresh.reference}/").content.decode()


def test_declining_without_a_reason_is_refused_by_the_rule_too(seller: Member, buyer: Member) -> None:
    contract = make_offered(seller, buyer)
    with pytest.raises(RuleViolated) as refusal:
        actions.decline(contract, reason="  ", by=buyer, now=NOW)
    assert refusal.value.code == "CON-011"


def test_the_seller_withdraws_before_the_buyer_signs_and_the_buyer_is_told(
    at_seller: Client, at_buyer: Client, seller: Member, buyer: Member
) -> None:
    contract = make_offered(seller, buyer)
    base = f"/contracts/{contract.reference}"
    at_seller.post(f"{base}/withdraw/")
    assert Notice.objects.filter(organisation=buyer.organisation, kind="contract.withdrawn").exists()
    assert "taken this contract back" in at_buyer.get(f"{base}/").content.decode()
    assert at_buyer.post(f"{base}/sign/").status_code == 409


def test_an_invited_buyer_without_a_cabinet_is_told_of_the_withdrawal_by_e_mail(seller: Member, buyer: Member) -> None:
    contract = make_awaiting_buyer(seller)
    token = invitation_token(contract)
    actions.withdraw(contract, by=seller, now=NOW)
    assert "withdrawn" in Mail.objects.latest("id").subject["en"]
    with pytest.raises(Exception, match="invitation-withdrawn"):
        accept_invitation(token=token, member=buyer, now=NOW)


def test_a_concluded_contract_is_not_withdrawn_declined_or_signed_again(
    at_seller: Client, at_buyer: Client, seller: Member, buyer: Member
) -> None:
    contract = make_offered(seller, buyer)
    actions.open_signing(contract, by=buyer, now=NOW)
    completed(contract, "Buyer", buyer)
    assert contract.status == "concluded"
    base = f"/contracts/{contract.reference}"
    assert at_seller.post(f"{base}/withdraw/").status_code == 409
    assert at_buyer.post(f"{base}/decline/", {"reason": "No"}).status_code == 409
    assert at_buyer.post(f"{base}/sign/").status_code == 409
    assert at_seller.get(f"{base}/withdraw/").status_code == 409


def test_the_buyers_second_signature_on_the_same_pdf_is_put_on_record_only(seller: Member, buyer: Member) -> None:
    contract = make_offered(seller, buyer)
    actions.open_signing(contract, by=buyer, now=NOW)
    completed(contract, "Buyer", buyer)
    signed = contract.document
    request = asked(contract, "Buyer")
    announce("signing.completed.paper", request, by=SYSTEM, now=NOW)
    contract.refresh_from_db()
    assert contract.document == signed


def test_an_invitation_that_nobody_followed_lets_the_contract_lapse(at_seller: Client, seller: Member) -> None:
    contract = make_awaiting_buyer(seller)
    assert actions.lapse_expired(now=NOW) == 0
    assert contract.invitation_expires_at is not None
    assert actions.lapse_expired(now=contract.invitation_expires_at + timedelta(seconds=1)) == 1
    contract.refresh_from_db()
    assert contract.status == "lapsed"
    assert Notice.objects.filter(kind="contract.lapsed").count() == 1
    assert "invitation ran out" in at_seller.get(f"/contracts/{contract.reference}/").content.decode()
    assert actions.lapse_expired(now=NOW + timedelta(days=100)) == 0


def test_a_buyer_who_came_in_time_is_not_hurried(seller: Member, buyer: Member) -> None:
    contract = make_offered(seller, buyer)
    assert actions.lapse_expired(now=NOW + timedelta(days=100)) == 0
    contract.refresh_from_db()
    assert contract.status == "awaiting_buyer"


def test_neither_party_signs_in_the_others_turn(seller: Member, buyer: Member) -> None:
    contract = make_frozen(seller)
    with pytest.raises(IllegalTransition):
        actions.open_signing(contract, by=buyer, now=NOW)
    contract = make_offered(make_member(), buyer)
    with pytest.raises(IllegalTransition):
        actions.open_signing(contract, by=seller, now=NOW)
    with pytest.raises(NotAllowed):
        actions.decline(contract, reason="No", by=seller, now=NOW)


def test_the_snapshot_for_other_rooms_is_plain_json(seller: Member, buyer: Member) -> None:
    contract = make_offered(seller, buyer)
    data = json.loads(json.dumps(contract.as_data()))
    assert data["destination"] == "DE"
    assert data["goods"][0] == {
        "line": 1, "good": "", "hs": "080222", "description": "Qabığı təmizlənmiş fındıq, 2026-cı il məhsulu",
        "description_en": "Shelled hazelnuts, crop 2026", "quantity": "20000", "unit": "KGM", "price": "8.45",
        "amount": "169000.00", "net_kg": "20000", "gross_kg": "20400", "packages": 400, "package_kind": "BG",
        "origin": "AZ",
    }  # fmt: skip
