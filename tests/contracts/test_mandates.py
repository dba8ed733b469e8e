"""Whose signature does not count any more, and who does not come at all (P10.3.1(3-4), P10.3.3(6))."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client

from azexport.audit.queries import history
from azexport.contracts import actions
from azexport.kernel.actor import SYSTEM
from azexport.lifecycle import announce
from azexport.notices.models import Mail, Notice
from azexport.parties.actions import ANONYMOUS, accept_invitation, decline_invitation
from azexport.parties.models import Mandate, Member
from tests.contracts.conftest import client_of
from tests.factories.contracts import (
    NOW,
    asked,
    completed,
    invitation_token,
    make_awaiting_buyer,
    make_frozen,
    make_offered,
    paper_of,
)
from tests.factories.parties import make_foreign_member, make_member


def dismiss(member: Member) -> None:
    Mandate.objects.filter(person=member.person).update(ended_at=NOW, ended_by="PS-TEST")


def test_a_seller_dismissed_before_the_signature_is_completed_has_signed_in_vain_and_their_successor_signs(
    seller: Member,
) -> None:
    contract = make_frozen(seller)
    unsigned = paper_of(contract).document
    dismiss(seller)

    contract = completed(contract, "Seller", seller)

    assert (contract.status, contract.document, contract.seller_signed_at) == ("awaiting_seller", None, None)
    assert paper_of(contract).document == unsigned
    assert not Mail.objects.filter(link__startswith="/invitation/").exists()
    # It is on record: the request with its result and report, and who gave it.
    assert bytes(asked(contract).result).endswith(b"Seller")
    assert history([contract.paper]).filter(name="paper.signed_in_vain", actor_id=seller.actor_id).exists()
    notice = Notice.objects.get(kind="contract.signed_in_vain")
    assert notice.organisation == seller.organisation
    assert "no longer acted for Sheki Findiq LLC" in notice.body["en"]

    successor = make_member(organisation=seller.organisation)
    browser = client_of(successor)
    page = browser.get(f"/contracts/{contract.reference}/").content.decode()
    assert "no longer acted for the organisation when it was completed" in page
    assert browser.post(f"/contracts/{contract.reference}/sign/").status_code == 302
    assert asked(contract).signer_id == successor.actor_id
    contract = completed(contract, "Seller", successor)
    assert contract.status == "awaiting_buyer"
    assert contract.document is not None
    assert contract.document.previous == unsigned


def test_a_buyer_dismissed_before_the_signature_is_completed_concludes_nothing_and_the_sellers_signature_stays(
    seller: Member, buyer: Member
) -> None:
    contract = make_offered(seller, buyer)
    signed_once = contract.document
    actions.open_signing(contract, by=buyer, now=NOW)
    dismiss(buyer)

    contract = completed(contract, "Buyer", buyer)

    assert (contract.status, contract.document, contract.concluded_at) == ("awaiting_buyer", signed_once, None)
    assert Notice.objects.get(kind="contract.signed_in_vain").organisation == buyer.organisation
    anna = make_foreign_member(buyer.organisation)
    actions.open_signing(contract, by=anna, now=NOW)
    contract = completed(contract, "Buyer", anna)
    assert contract.status == "concluded"
    assert contract.document is not None
    assert [one["field"] for one in contract.document.signatures] == ["Seller", "Buyer"]
    assert contract.document.previous == signed_once


def test_a_signature_in_vain_is_told_once_however_often_it_is_completed(seller: Member) -> None:
    contract = make_frozen(seller)
    dismiss(seller)
    completed(contract, "Seller", seller)
    announce("signing.completed.paper", asked(contract), by=SYSTEM, now=NOW)
    assert Notice.objects.filter(kind="contract.signed_in_vain").count() == 1


def test_who_acts_for_the_other_party_meanwhile_does_not_sign_for_the_former(seller: Member, buyer: Member) -> None:
    """The mandate that counts is the one for the party whose signature it is."""
    contract = make_offered(seller, buyer)
    actions.open_signing(contract, by=buyer, now=NOW)
    Mandate.objects.filter(person=buyer.person).update(organisation=seller.organisation)
    assert completed(contract, "Buyer", buyer).status == "awaiting_buyer"


def test_the_seller_hears_that_the_invitation_was_declined_and_can_send_it_elsewhere(
    at_seller: Client, seller: Member, buyer: Member
) -> None:
    contract = make_awaiting_buyer(seller)
    decline_invitation(token=invitation_token(contract), by=ANONYMOUS, now=NOW)
    contract.refresh_from_db()
    assert (contract.status, contract.buyer) == ("awaiting_buyer", None)
    assert "jonas.weber@weber-nuss.example was declined" in Notice.objects.get(
        kind="contract.invitation_declined"
    ).body["en"]  # fmt: skip
    page = at_seller.get(f"/contracts/{contract.reference}/").content.decode()
    assert "the invitation was declined" in page
    assert "The invitation was declined" in page
    assert "anonymous" not in page
    at_seller.post(f"/contracts/{contract.reference}/invite/", {"email": "office@weber.example"})
    assert "the invitation was declined" not in at_seller.get(f"/contracts/{contract.reference}/").content.decode()
    accept_invitation(token=invitation_token(contract), member=buyer, now=NOW)
    contract.refresh_from_db()
    assert contract.buyer == buyer.organisation


def test_a_declined_invitation_that_is_not_sent_again_lapses_with_its_term(seller: Member, buyer: Member) -> None:
    contract = make_awaiting_buyer(seller)
    decline_invitation(token=invitation_token(contract), by=buyer, now=NOW)
    contract.refresh_from_db()
    assert contract.invitation_expires_at is not None
    later: datetime = contract.invitation_expires_at + timedelta(seconds=1)
    assert actions.lapse_expired(now=later) == 1
    assert actions.lapse_expired(now=later) == 0
