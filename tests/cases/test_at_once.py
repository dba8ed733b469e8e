"""An officer and a signature that arrives, at the same moment on the same case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, current_thread
from typing import Any

import pytest
from django.db import connection

from azexport.cases.actions import officers, transitions
from azexport.cases.states import CaseStatus
from azexport.documents.models import Paper
from azexport.kernel.errors import AzexportError
from azexport.signatures import actions as signatures
from azexport.signatures.models import SigningRequest
from tests.factories.cases import DOCUMENT, again, desk_case, desk_row, step
from tests.factories.papers import printed
from tests.factories.parties import make_officer
from tests.factories.services import NOW


class _Accepted:
    accepted = True

    def as_data(self) -> dict[str, Any]:
        return {"field": "Signer", "verdict": "accepted"}


def test_a_signature_that_arrives_while_the_officer_proposes_anew_does_not_wait_for_ever(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks are taken from the outside to the inside: the case, its paper, the request for a signature.

    The signature comes from the inside. Were it to reach the case last, each of the two would hold what the other
    waits for, as the officer who proposes again goes from the case to its older paper.
    """
    row = desk_row([step("tasting")], general__result__document=DOCUMENT)
    clerk = make_officer("honey-office")
    case = officers.take_on(case=desk_case(row=row), by=clerk, now=NOW)
    officers.finish_step(case=case, step="tasting", outcome="done", by=clerk, now=NOW)
    proposal: dict[str, Any] = {
        "case": case, "valid_from": NOW.date(), "valid_until": None, "remarks": {}, "by": clerk, "now": NOW,
    }  # fmt: skip
    paper = officers.propose_grant(**proposal)
    assert paper is not None
    request = SigningRequest.objects.get(reference=printed(paper).signing)
    SigningRequest.objects.filter(pk=request.pk).update(
        status="signed", signed_at=NOW, certificate=b"c", signed_attrs=b"a", signature_value=b"s"
    )
    monkeypatch.setattr(signatures, "_make", lambda one, now: (one.content + b"\n% signed", _Accepted()))
    arrived, proposing = Event(), Event()

    def locked(reference: str) -> Any:
        if current_thread().name.startswith("signature"):
            arrived.set()
            proposing.wait(timeout=0.5)
            return transitions.locked(reference)
        arrived.wait(timeout=5)
        found = transitions.locked(reference)
        proposing.set()
        return found

    monkeypatch.setattr(officers, "locked", locked)

    def run(call: Any) -> str:
        try:
            call()
        except AzexportError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(1, "signature") as signer, ThreadPoolExecutor(1, "officer") as officer:
        first = signer.submit(run, lambda: signatures.complete(request.reference, NOW + timedelta(seconds=5)))
        second = officer.submit(run, lambda: officers.propose_grant(**proposal))
        outcome = (first.result(timeout=10), second.result(timeout=10))

    assert outcome == ("done", "illegal-transition")
    assert (again(case).status, Paper.objects.get().status) == (CaseStatus.GRANTED, "signed")
