"""Two hands on one application at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

from django.db import connection, transaction

from azexport.audit.queries import history
from azexport.cases.models import Case
from azexport.exchange.models import Message
from azexport.exports import actions, quantities
from azexport.exports.models import Application
from azexport.kernel.actor import SYSTEM
from azexport.kernel.errors import AzexportError
from azexport.lifecycle import announce, hold_subjects
from azexport.signatures.models import SigningRequest
from tests.factories.contracts import leyla, make_concluded
from tests.factories.exports import NOW, fresh, load_services, make_filled, make_offered, signed_request
from tests.factories.parties import make_foreign_member


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


@transaction.atomic
def _completed(request: SigningRequest) -> None:
    """The end of a signing: locks from the outside to the inside, then the announcement."""
    hold_subjects(request)
    announce("signing.completed.paper", request, by=SYSTEM, now=NOW)


def test_submitted_twice_at_once_opens_each_case_once(fresh_database: str) -> None:
    load_services()
    application = make_offered(leyla())
    request = signed_request(application)
    copies = [SigningRequest.objects.get(pk=request.pk) for _number in range(2)]
    outcome = _both(*(lambda one=one: announce("signing.completed.paper", one, by=SYSTEM, now=NOW) for one in copies))
    assert outcome == ["done", "done"]
    assert fresh(application).status == "submitted"
    assert Case.objects.count() == Message.objects.filter(type="case.submitted").count() == 3
    paper = application.paper
    assert paper is not None
    names = [event.name for event in history([application.reference, paper.reference])]
    assert names.count("application.submitted") == names.count("paper.signature_discarded") == 1


def test_frozen_twice_at_once_is_frozen_once(fresh_database: str) -> None:
    load_services()
    exporter = leyla()
    application = make_filled(exporter)
    copies = [Application.objects.get(pk=application.pk) for _number in range(2)]
    outcome = _both(*(lambda one=one: actions.freeze(one, by=exporter, now=NOW) for one in copies))
    assert outcome == ["done", "illegal-transition"]


def test_reopened_and_submitted_at_once_ends_in_one_of_the_two(fresh_database: str) -> None:
    load_services()
    exporter = leyla()
    application = make_offered(exporter)
    request = signed_request(application)
    copy = Application.objects.get(pk=application.pk)
    _both(
        lambda: actions.reopen(copy, by=exporter, now=NOW),
        lambda: _completed(request),
    )
    assert (fresh(application).status, Case.objects.count()) in (("submitted", 3), ("drafted", 0))


def test_of_two_that_want_the_last_of_the_goods_at_once_one_is_refused(fresh_database: str) -> None:
    """EXP-302: what is left is counted under the contract's lock."""
    load_services()
    exporter = leyla()
    contract = make_concluded(exporter, make_foreign_member())
    two = [make_filled(exporter, contract=contract, quantity="15000") for _number in range(2)]
    copies = [Application.objects.get(pk=one.pk) for one in two]
    outcome = _both(*(lambda one=one: actions.freeze(one, by=exporter, now=NOW) for one in copies))
    assert outcome == ["EXP-302", "done"]
    assert sorted(fresh(one).status for one in two) == ["awaiting_signature", "drafted"]
    assert quantities.left(contract) == {1: Decimal(5000)}
