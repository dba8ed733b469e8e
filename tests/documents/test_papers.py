"""Freeze, render, sign: the one flow of a document that a person signs (S12.2, P5.1)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.documents import papers, queries
from azexport.documents.models import Document, Paper
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.signatures import actions as signatures
from azexport.signatures.models import SigningRequest
from tests.factories import papers as factory
from tests.factories.contracts import run_jobs
from tests.factories.parties import make_head, make_member, sign_in

pytestmark = pytest.mark.django_db

heard: list[tuple[str, str, str]] = []
EVENTS = {
    "signing.completed.paper": ["azexport.documents.papers.signed"],
    "signing.failed.paper": ["azexport.documents.papers.signature_failed"],
    "paper.signed.specimen": ["tests.documents.test_papers.hear"],
    "paper.failed.specimen": ["tests.documents.test_papers.hear"],
}
DATA = {
    "title": both("Nümunə", "Specimen"), "number": "SP-1", "date": both("5 oktyabr 2026", "5 October 2026"),
    "seller": {"name": "Şəki Fındıq MMC", "address": "Şəki", "voen": "3433956371", "signer": "Leyla Məmmədova"},
    "buyer": {"name": "Weber Nuss GmbH", "address": "Hamburg", "signer": "Jonas Weber"},
    "terms": [{"label": both("Yer", "Place"), "value": "Şəki"}],
    "rows": [["1", "Fındıq", "080222", "20", "169"]], "total": "169",
}  # fmt: skip


def hear(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    heard.append((subject.subject, by.actor_name, str(data.get("document") or data.get("verdict"))))


@pytest.fixture(autouse=True)
def events(settings: Settings) -> None:
    heard.clear()
    settings.EVENTS = "tests.documents.test_papers.EVENTS"


@pytest.fixture
def leyla() -> Member:
    return make_member()


def put_forward(member: Member, now: datetime, **given: Any) -> Paper:
    values: dict[str, Any] = {
        "purpose": "specimen", "subject": "SP-1", "kind": "specimen", "title": both("Nümunə", "Specimen"),
        "template": "documents/specimen.typ", "data": DATA, "signer": member, "expected": member.expected,
        "return_url": "/notices/", "by": member, "now": now,
    } | given  # fmt: skip
    return papers.put_forward(**values)


def test_a_job_prints_the_paper_and_asks_its_signer(leyla: Member, now: datetime) -> None:
    paper = put_forward(leyla, now, attachment={"net": Decimal("2.5"), "on": date(2026, 10, 5)})
    assert (paper.status, paper.document) == ("rendering", None)
    paper = factory.printed(paper)
    assert paper.status == "waiting"
    assert paper.document is not None
    assert paper.document.code == paper.code
    request = SigningRequest.objects.get(reference=paper.signing)
    assert (request.signer_id, request.content_sha256) == (leyla.actor_id, paper.document.sha256)
    assert request.expected["fin"] == leyla.person.fin


def test_the_same_for_machines_stands_inside_the_file(leyla: Member, now: datetime) -> None:
    paper = factory.printed(put_forward(leyla, now, attachment={"net": Decimal("2.5"), "on": date(2026, 10, 5)}))
    assert paper.document is not None
    reader = PdfFileReader(io.BytesIO(queries.content(paper.document)))
    described = reader.root["/AF"][0].get_object()
    assert str(described["/UF"]) == "SP-1.json"
    assert json.loads(described["/EF"]["/F"].data) == {"net": "2.5", "on": "2026-10-05"}


def test_the_same_paper_is_the_same_bytes(leyla: Member, now: datetime) -> None:
    paper = put_forward(leyla, now)
    assert papers.render(paper) == papers.render(queries.paper(paper.reference))


def test_who_put_it_forward_hears_of_the_signature_with_the_signed_document(leyla: Member, now: datetime) -> None:
    paper = factory.signed(put_forward(leyla, now))
    assert paper.status == "signed"
    assert paper.document is not None
    assert paper.document.previous is not None
    assert paper.document.signatures == [paper.report]
    assert heard == [("SP-1", leyla.actor_name, paper.document.reference)]
    assert [event.name for event in history([paper.reference]).order_by("id")] == [
        "paper.put_forward", "paper.offered", "paper.signed", "paper.signed.specimen",
    ]  # fmt: skip


def test_a_second_completion_and_a_second_printing_change_nothing(leyla: Member, now: datetime) -> None:
    paper = factory.signed(put_forward(leyla, now))
    request = SigningRequest.objects.get(reference=paper.signing)
    papers.signed(request, by=leyla, now=now, data={})
    papers.offer(paper.reference, b"%PDF other", now=now)
    assert factory.fresh(paper).document == paper.document
    assert len(heard) == 1


def test_a_signature_on_another_file_than_the_one_that_waits_counts_for_nothing(leyla: Member, now: datetime) -> None:
    paper = factory.printed(put_forward(leyla, now))
    request = SigningRequest.objects.get(reference=paper.signing)
    request.content_sha256 = "0" * 64
    papers.signed(request, by=leyla, now=now, data={})
    assert factory.fresh(paper).status == "waiting"
    assert heard == []
    assert history([paper.reference]).filter(name="paper.signature_discarded").exists()


def test_a_signature_that_is_not_accepted_leaves_the_paper_waiting_and_says_why(leyla: Member, now: datetime) -> None:
    paper = factory.refused(factory.printed(put_forward(leyla, now)))
    assert (paper.status, paper.verdict) == ("waiting", "revoked")
    assert heard == [("SP-1", leyla.actor_name, "revoked")]
    again = papers.ask(paper, signer=leyla, expected=leyla.expected, by=leyla, now=now)
    assert again.verdict == ""
    assert again.signing != paper.signing
    assert factory.signed(again).status == "signed"


def test_another_signer_may_be_asked_over_the_same_document(leyla: Member, now: datetime) -> None:
    head, paper = make_head(), factory.printed(put_forward(leyla, now))
    paper = papers.ask(paper, signer=head, expected=head.expected, by=leyla, now=now)
    assert queries.paper_for(paper.reference, head) == paper
    with pytest.raises(Missing):
        queries.paper_for(paper.reference, leyla)
    request = SigningRequest.objects.get(reference=paper.signing)
    assert request.signer_id == head.actor_id


def test_only_a_paper_that_waits_is_signed_again(leyla: Member, now: datetime) -> None:
    paper = put_forward(leyla, now)
    with pytest.raises(IllegalTransition):
        papers.ask(paper, signer=leyla, expected=leyla.expected, by=leyla, now=now)


def test_a_discarded_paper_can_be_signed_no_more_and_its_code_says_revoked(leyla: Member, now: datetime) -> None:
    paper = papers.discard(factory.printed(put_forward(leyla, now)), by=leyla, now=now)
    found = queries.by_code(paper.code)
    assert found is not None
    assert (paper.status, found.status) == ("discarded", "revoked")
    with pytest.raises(IllegalTransition):
        papers.discard(paper, by=leyla, now=now)
    request = SigningRequest.objects.get(reference=paper.signing)
    papers.signed(request, by=leyla, now=now, data={})
    assert factory.fresh(paper).status == "discarded"
    assert heard == []


def test_a_paper_that_was_discarded_before_its_job_ran_is_never_offered(leyla: Member, now: datetime) -> None:
    papers.discard(put_forward(leyla, now), by=leyla, now=now)
    assert run_jobs("documents.render_paper") == 1
    assert not Document.objects.exists()
    assert not SigningRequest.objects.exists()


def test_a_newer_paper_of_the_same_purpose_and_subject_takes_the_place_of_the_older(
    leyla: Member, now: datetime
) -> None:
    older = factory.printed(put_forward(leyla, now))
    newer = put_forward(leyla, now)
    other = put_forward(leyla, now, purpose="other")
    assert [one.status for one in queries.papers_of("SP-1")] == ["rendering", "rendering", "discarded"]
    assert queries.papers_of("SP-1") == [other, newer, older]


# -------------------------------------------------------------------------------------------------------- pages


def test_the_signer_waits_then_signs_then_is_back_where_they_were(leyla: Member, now: datetime) -> None:
    client = sign_in(Client(), leyla)
    paper = put_forward(leyla, timezone.now())
    assert "hx-get" in client.get(f"/papers/{paper.reference}/").content.decode()
    assert "hx-get" in client.get(f"/papers/{paper.reference}/state/").content.decode()
    paper = factory.printed(paper)
    assert client.get(f"/papers/{paper.reference}/state/").headers["HX-Redirect"] == f"/sign/{paper.signing}/"
    assert client.get(f"/papers/{paper.reference}/").headers["Location"] == f"/sign/{paper.signing}/"
    # The signing page leads back here whether or not they signed: no endless round.
    assert client.get(f"/papers/{paper.reference}/back/").status_code == 200
    factory.signed(paper)
    for address in (f"/papers/{paper.reference}/", f"/papers/{paper.reference}/back/"):
        assert client.get(address).headers["Location"] == "/notices/"


def test_after_a_refused_cancelled_or_expired_signature_the_page_offers_to_sign_again(
    leyla: Member, now: datetime
) -> None:
    """S7.4: told what is wrong and how to go on."""
    client = sign_in(Client(), leyla)
    paper = factory.refused(factory.printed(put_forward(leyla, timezone.now())))
    page = client.get(f"/papers/{paper.reference}/").content.decode()
    assert "geri götürülüb" in page or "ləğv" in page
    answer = client.post(f"/papers/{paper.reference}/")
    paper = factory.fresh(paper)
    assert answer.headers["Location"] == f"/sign/{paper.signing}/"
    signatures.cancel(paper.signing, by=leyla, now=timezone.now())
    assert f'action="/papers/{paper.reference}/"' in client.get(f"/papers/{paper.reference}/").content.decode()
    client.post(f"/papers/{paper.reference}/")
    SigningRequest.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert f'action="/papers/{paper.reference}/"' in client.get(f"/papers/{paper.reference}/").content.decode()


def test_a_discarded_papers_page_says_so(leyla: Member, now: datetime) -> None:
    paper = papers.discard(put_forward(leyla, now), by=leyla, now=now)
    page = sign_in(Client(), leyla).get(f"/papers/{paper.reference}/").content.decode()
    assert "hx-get" not in page
    assert f'action="/papers/{paper.reference}/"' not in page


@pytest.mark.parametrize("page", ["", "state/", "back/"])
def test_a_paper_is_nobody_elses(leyla: Member, now: datetime, page: str) -> None:
    paper = put_forward(leyla, now)
    assert sign_in(Client(), make_member()).get(f"/papers/{paper.reference}/{page}").status_code == 404
    assert Client().get(f"/papers/{paper.reference}/{page}").status_code == 302


def test_waiting_costs_few_queries(leyla: Member, now: datetime, django_assert_max_num_queries: Any) -> None:
    client, paper = sign_in(Client(), leyla), put_forward(leyla, now)
    with django_assert_max_num_queries(4):
        client.get(f"/papers/{paper.reference}/state/")
