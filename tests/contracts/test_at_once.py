"""Two hands on one contract at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from azexport.audit.queries import history
from azexport.contracts import actions
from azexport.contracts.models import Contract
from azexport.documents.tasks import render_paper
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import AzexportError, Missing
from azexport.lifecycle import announce, hold_subjects
from azexport.parties.actions import accept_invitation
from azexport.parties.models import Member
from azexport.parties.queries import open_invitation
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories.contracts import (
    NOW,
    asked,
    invitation_token,
    jonas,
    leyla,
    make_awaiting_buyer,
    make_draft,
    make_offered,
)


def _both(*calls: Callable[[], object]) -> list[str]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
        barrier.wait()
        try:
            call()
        except AzexportError as error:
            return error.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


def test_frozen_twice_at_once_is_frozen_once(fresh_database: str) -> None:
    seller = leyla()
    contract = make_draft(seller)
    copies = [Contract.objects.get(pk=contract.pk) for _number in range(2)]
    outcome = _both(*(lambda one=one: actions.freeze(one, by=seller, now=NOW) for one in copies))
    assert outcome == ["done", "illegal-transition"]
    from procrastinate.contrib.django.models import ProcrastinateJob

    assert ProcrastinateJob.objects.filter(task_name="documents.render_paper").count() == 1


def _arrives(request: SigningRequest) -> None:
    """The end of `signatures.complete`, which comes from the inside: it locks what it is about first."""
    with transaction.atomic():
        hold_subjects(request)
        announce("signing.completed.paper", request, by=SYSTEM, now=NOW)


def _given(contract: Contract, buyer: Member) -> SigningRequest:
    """The buyer's signature, about to be completed."""
    actions.open_signing(contract, by=buyer, now=NOW)
    request = asked(contract, "Buyer")
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    return request


def test_signed_twice_at_once_is_signed_once(fresh_database: str) -> None:
    seller, buyer = leyla(), jonas()
    contract = make_offered(seller, buyer)
    request = _given(contract, buyer)
    copies = [SigningRequest.objects.get(pk=request.pk) for _number in range(2)]
    outcome = _both(*(lambda one=one: _arrives(one) for one in copies))
    assert outcome == ["done", "done"]
    contract.refresh_from_db()
    assert contract.status == "concluded"
    names = [event.name for event in history([contract.reference, contract.paper])]
    assert names.count("contract.concluded") == 1
    assert names.count("paper.signature_discarded") == 1


def test_withdrawn_and_signed_at_once_ends_in_one_of_the_two(fresh_database: str) -> None:
    seller, buyer = leyla(), jonas()
    contract = make_offered(seller, buyer)
    request = _given(contract, buyer)
    outcome = _both(
        lambda: actions.withdraw(Contract.objects.get(pk=contract.pk), by=seller, now=NOW),
        lambda: _arrives(request),
    )
    assert outcome in (["done", "done"], ["done", "illegal-transition"])
    contract.refresh_from_db()
    assert contract.document is not None
    assert (contract.status, contract.document.status) in (("concluded", "issued"), ("withdrawn", "revoked"))


def test_withdrawn_and_accepted_at_once_leaves_no_invitation_open(fresh_database: str) -> None:
    """Both lock the contract first: neither waits for the other for ever."""
    seller, buyer = leyla(), jonas()
    contract = make_awaiting_buyer(seller)
    token = invitation_token(contract)
    outcome = _both(
        lambda: actions.withdraw(Contract.objects.get(pk=contract.pk), by=seller, now=NOW),
        lambda: accept_invitation(token=token, member=buyer, now=NOW),
    )
    assert outcome in (["done", "done"], ["done", "invitation-withdrawn"])
    contract.refresh_from_db()
    assert contract.status == "withdrawn"
    with pytest.raises(Missing):
        open_invitation(token, NOW)


def test_printed_twice_at_once_asks_for_one_signature(fresh_database: str) -> None:
    contract = actions.freeze(make_draft(seller := leyla()), by=seller, now=NOW)
    outcome = _both(*(lambda: render_paper(contract.paper) for _number in range(2)))
    assert outcome == ["done", "done"]
    assert SigningRequest.objects.filter(subject=contract.paper).count() == 1
