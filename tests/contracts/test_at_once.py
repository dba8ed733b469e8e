"""Two hands on one contract at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from azexport.contracts import actions
from azexport.contracts.models import Contract
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import AzexportError
from azexport.lifecycle import announce
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories.contracts import NOW, jonas, leyla, make_draft, make_frozen, make_offered
from tests.factories.parties import make_member


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

    assert ProcrastinateJob.objects.filter(task_name="contracts.render").count() == 1


def test_signed_twice_at_once_is_signed_once(fresh_database: str) -> None:
    seller, buyer = leyla(), jonas()
    contract = make_offered(seller, buyer)
    request = actions.open_signing(contract, by=buyer, now=NOW)
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    copies = [SigningRequest.objects.get(pk=request.pk) for _number in range(2)]
    outcome = _both(
        *(lambda one=one: announce("signing.completed.contract", one, by=SYSTEM, now=NOW) for one in copies)
    )
    assert outcome == ["done", "done"]
    contract.refresh_from_db()
    assert contract.status == "concluded"
    from azexport.audit.queries import history

    names = [event.name for event in history([contract.reference])]
    assert names.count("contract.concluded") == 1
    assert names.count("contract.signature_discarded") == 1


def test_withdrawn_and_signed_at_once_ends_in_one_of_the_two(fresh_database: str) -> None:
    seller, buyer = leyla(), jonas()
    contract = make_offered(seller, buyer)
    request = actions.open_signing(contract, by=buyer, now=NOW)
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% signed")
    _both(
        lambda: actions.withdraw(Contract.objects.get(pk=contract.pk), by=seller, now=NOW),
        lambda: announce("signing.completed.contract", request, by=SYSTEM, now=NOW),
    )
    contract.refresh_from_db()
    assert contract.document is not None
    assert (contract.status, contract.document.status) in (("concluded", "issued"), ("withdrawn", "revoked"))


def test_presented_twice_at_once_asks_for_one_signature(fresh_database: str) -> None:
    seller = leyla()
    contract = make_draft(seller)
    actions.freeze(contract, by=seller, now=NOW)
    contract.refresh_from_db()
    pdf = _pdf()
    outcome = _both(
        *(
            lambda: actions.present(
                contract, code=contract.code, content=pdf, signer=seller, expected=seller.expected, now=NOW
            )
            for _number in range(2)
        )
    )
    assert outcome == ["done", "done"]
    assert SigningRequest.objects.filter(subject=contract.reference).count() == 1


def _pdf() -> bytes:
    from azexport.documents import queries as documents

    frozen = make_frozen(make_member())
    assert frozen.document is not None
    return documents.content(frozen.document)
