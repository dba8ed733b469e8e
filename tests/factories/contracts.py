"""Contracts for tests: drafted through the actions that users' pages call, then moved on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from azexport.contracts import actions
from azexport.contracts.models import Contract
from azexport.documents import actions as documents
from azexport.documents.models import Paper
from azexport.kernel.actor import SYSTEM
from azexport.kernel.text import both
from azexport.lifecycle import announce
from azexport.notices.models import Mail
from azexport.parties.actions import accept_invitation
from azexport.parties.models import Member
from azexport.signatures.models import SigningFile, SigningRequest
from tests.factories.parties import make_member, make_organisation, make_person

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
BUYER = {
    "name": "Weber Nuss GmbH",
    "country": "DE",
    "address": "Speicherstadt 4, 20457 Hamburg",
    "contact": "Jonas Weber",
    "email": "jonas.weber@weber-nuss.example",
}
LINE: dict[str, Any] = {
    "good": "",
    "hs": "080222",
    "description": both("Qabığı təmizlənmiş fındıq, 2026-cı il məhsulu", "Shelled hazelnuts, crop 2026"),
    "quantity": Decimal(20000),
    "unit": "KGM",
    "price": Decimal("8.45"),
    "net_kg": Decimal(20000),
    "gross_kg": Decimal(20400),
    "packages": 400,
    "package_kind": "BG",
}


def make_draft(seller: Member, *, lines: int = 1, **given: Any) -> Contract:
    """A draft with every answer given."""
    contract = actions.draft(by=seller, now=NOW)
    contract = actions.confirm_seller(contract, by=seller, now=NOW)
    values: dict[str, Any] = {
        "buyer_stated": BUYER,
        "place": "Şəki",
        "currency": "EUR",
        "incoterm": "FCA",
        "incoterm_place": "Şəki",
        "delivery_by": date(2026, 12, 15),
        "payment_terms": "part_advance",
        "payment_percent": 30,
        "governing_law": "cisg_az",
        "disputes": "icc",
    } | given
    contract = actions.answer(contract, section="all", values=values, by=seller, now=NOW)
    for _number in range(lines):
        actions.save_line(contract, line=None, values=LINE, by=seller, now=NOW)
    contract.refresh_from_db()
    return contract


def make_concluded(seller: Member, buyer: Member, **given: Any) -> Contract:
    """A concluded contract. Its PDF carries no real signature: for rooms that only need the contract."""
    contract = make_draft(seller, **given)
    code = documents.new_code()
    content = b"%PDF-1.7\n% signed by both parties: " + code.encode()
    contract.document = documents.store(
        kind=actions.KIND, title=actions.document_title(contract), content=content, code=code, by=seller, now=NOW
    )
    contract.code = code
    contract.buyer = buyer.organisation
    contract.status = "concluded"
    contract.frozen_at = contract.seller_signed_at = contract.concluded_at = NOW
    contract.save()
    return contract


def leyla() -> Member:
    """The seller whose key the sandbox has."""
    return make_member(person=make_person(fin="5XK7P2M"), organisation=make_organisation(voen="3433956371"))


def jonas() -> Member:
    """The buyer whose key the sandbox has."""
    return make_member(
        person=make_person(
            foreign_id="PNODE-L8X2T5V91", country="DE", given_name="Jonas", surname="Weber", language="en"
        ),
        organisation=make_organisation(
            foreign_id="NTRDE-HRB98765", name=both("Weber Nuss GmbH", "Weber Nuss GmbH"), registration_number="HRB98765"
        ),
    )


def run_jobs(name: str) -> int:
    """The waiting jobs of that name are done, as the worker would; returns how many there were."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    rows = ProcrastinateJob.objects.filter(task_name=name, status="todo").order_by("id")
    waiting = list(rows.values_list("id", "args"))
    # The worker's own bookkeeping is not ours to test: a done job is put out of the way.
    for number, arguments in waiting:
        app.tasks[name](**arguments)
        _forget(number)
    return len(waiting)


def _forget(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [number])


def make_frozen(seller: Member, **given: Any) -> Contract:
    """Confirmed, its PDF made, waiting for the seller's signature."""
    contract = make_draft(seller, **given)
    actions.freeze(contract, by=seller, now=NOW)
    run_jobs("documents.render_paper")
    contract.refresh_from_db()
    return contract


def paper_of(contract: Contract) -> Paper:
    """The newest paper about the contract, discarded or not."""
    return Paper.objects.filter(subject=contract.reference).latest("id")


def asked(contract: Contract, field: str = "Seller") -> SigningRequest:
    """The newest request for that signature on the contract's newest paper."""
    return SigningRequest.objects.filter(subject=paper_of(contract).reference, field=field).latest("id")


def completed(contract: Contract, field: str, member: Member) -> Contract:
    """What the end of a signing does, without the cryptography: a real request row, an invented result."""
    request = asked(contract, field)
    request.signer_id, request.signer_name = member.actor_id, member.actor_name
    request.status, request.report = "completed", {"field": field, "verdict": "accepted"}
    request.save()
    SigningFile.objects.create(request=request, role="result", content=request.content + b"\n% " + field.encode())
    announce("signing.completed.paper", request, by=SYSTEM, now=NOW)
    contract.refresh_from_db()
    return contract


def make_awaiting_buyer(seller: Member, **given: Any) -> Contract:
    """Signed by the seller, the buyer invited."""
    return completed(make_frozen(seller, **given), "Seller", seller)


def invitation_token(contract: Contract) -> str:
    """The secret in the newest letter to the buyer."""
    mail = Mail.objects.filter(link__startswith="/invitation/", to__gt="").latest("id")
    return str(mail.link.split("/")[2])


def make_offered(seller: Member, buyer: Member, **given: Any) -> Contract:
    """The buyer has accepted the invitation and is to sign."""
    contract = make_awaiting_buyer(seller, **given)
    accept_invitation(token=invitation_token(contract), member=buyer, now=NOW)
    contract.refresh_from_db()
    return contract
