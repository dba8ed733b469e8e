"""One application with a real signature, from the start page to the receipt (S4.4, S12.2)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from django.test import Client

from azexport.cases.models import Filing
from azexport.documents import queries as documents
from azexport.signatures import actions as signatures
from azexport.signatures import queries as trust
from azexport.signatures.models import SigningRequest
from azexport.signatures.validation import validate
from tests.factories import filings as factory
from tests.factories.contracts import leyla, run_jobs
from tests.factories.parties import sign_in
from tests.factories.signatures import SandboxPki

pytestmark = pytest.mark.django_db


def sign(client: Client, pki: SandboxPki, name: str) -> SigningRequest:
    """What the browser's script does on the signing page, and the job after it."""
    key, request = pki.key(name), SigningRequest.objects.latest("id")
    here = f"/sign/{request.reference}"
    certificate = {"certificate": base64.b64encode(key.der).decode()}
    asked = client.post(f"{here}/certificate", certificate, content_type="application/json").json()
    value = key.sign_p1363(base64.b64decode(asked["signed_attributes"]))
    signature = {"signature": base64.b64encode(value).decode()}
    assert client.post(f"{here}/signature", signature, content_type="application/json").status_code == 202
    return signatures.complete(request.reference, now=datetime.now(UTC))


def test_a_signed_application_is_with_the_body_and_its_signature_is_valid(pki: SandboxPki) -> None:
    factory.load_tea()
    member = leyla()
    client = sign_in(Client(), member)
    client.post("/apply/tea-licence/")
    filing = factory.fill(Filing.objects.get(), member, now=datetime.now(UTC))
    paper_page = client.post(f"/filings/{filing.reference}/check/").headers["Location"]
    run_jobs("documents.render_paper")
    sign_page = client.get(paper_page).headers["Location"]
    shown = client.get(f"{sign_page}document").content
    done = sign(client, pki, "people/leyla-mammadova-sign")
    assert client.get(sign_page).headers["Location"] == done.return_url
    receipt = client.get(client.get(done.return_url).headers["Location"])
    filing = factory.fresh(filing)
    assert filing.case is not None
    assert filing.case.reference in receipt.content.decode()
    paper = documents.paper(filing.paper)
    assert paper.document is not None
    signed = documents.content(paper.document)
    assert signed.startswith(shown)
    (report,) = validate(signed, trust.trust_list(), now=datetime.now(UTC))
    assert (report.accepted, report.level) == (True, "B-LTA")
    assert client.get(f"/documents/{paper.document.reference}/").content == signed
