"""What contracts leave to the worker."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from azexport.contracts import actions, paper
from azexport.contracts.models import Contract
from azexport.contracts.states import ContractStatus
from azexport.kernel.actor import NamedActor


@app.task(name="contracts.render", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
def render(*, reference: str, code: str, signer: dict[str, str], expected: dict[str, Any]) -> None:
    """The PDF of a frozen contract is made, stored and put forward for the seller's signature."""
    rows = Contract.objects.select_related("seller", "buyer").prefetch_related("lines")
    contract = rows.get(reference=reference)
    if contract.status != ContractStatus.FROZEN or contract.code != code:
        return
    actions.present(
        contract,
        code=code,
        content=paper.render(contract),
        signer=NamedActor(**signer),
        expected=expected,
        now=timezone.now(),
    )


@app.periodic(cron="*/10 * * * *")
@app.task(name="contracts.lapse", queueing_lock="contracts.lapse")
def lapse(timestamp: int) -> None:
    """Contracts nobody came to sign have lapsed."""
    actions.lapse_expired(now=timezone.now())
