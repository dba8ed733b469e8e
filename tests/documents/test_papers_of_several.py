"""A paper that several sign, one after the other, each over what the former has signed (P10.3.1(3-4))."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.documents import papers, queries
from azexport.documents.models import Paper
from azexport.kernel.actor import Actor
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.parties.models import Mandate, Member
from azexport.parties.queries import acting_for
from azexport.signatures.models import SigningRequest
from tests.documents.test_papers import put_forward
from tests.factories import papers as factory
from tests.factories.parties import NOW, make_foreign_member, make_member, sign_in

pytestmark = pytest.mark.django_db

heard: list[tuple[str, str, object]] = []
HERE = "tests.documents.test_papers_of_several"
EVENTS = {
    "signing.completed.paper": ["azexport.documents.papers.signed"],
    "signing.failed.paper": ["azexport.documents.papers.signature_failed"],
    "paper.signed.specimen": [f"{HERE}.hear"],
    "paper.failed.specimen": [f"{HERE}.hear"],
}
SIGNERS = {"specimen": f"{HERE}.still_acts"}


def hear(subject: Paper, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    heard.append((data["field"], by.actor_name, data.get("complete", data.get("verdict"))))


def still_acts(signer: Actor, paper: Paper) -> bool:
    mandates = Mandate.objects.filter(person__reference=signer.actor_id).select_related("organisation")
    return any(acting_for(one.organisation, signer.actor_id) for one in mandates)


@pytest.fixture(autouse=True)
def events(settings: Settings) -> None:
    heard.clear()
    settings.EVENTS, settings.PAPER_SIGNERS = f"{HERE}.EVENTS", f"{HERE}.SIGNERS"


@pytest.fixture
def leyla(db: None) -> Member:
    return make_member()


@pytest.fixture
def jonas(db: None) -> Member:
    return make_foreign_member()


def offered(first: Member, now: datetime) -> Paper:
    return factory.printed(put_forward(first, now, fields=("Seller", "Buyer")))


def asked_of(second: Member, first: Member, now: datetime) -> Paper:
    """The first has signed, and the second is asked."""
    paper = factory.signed(offered(first, now))
    return papers.ask(paper, signer=second, expected=second.expected, by=second, now=now)


def dismiss(member: Member) -> None:
    Mandate.objects.filter(person=member.person).update(ended_at=NOW, ended_by="PS-TEST")


def test_the_document_has_a_field_for_each_and_the_first_is_asked_for_theirs(leyla: Member, now: datetime) -> None:
    paper = offered(leyla, now)
    assert paper.document is not None
    reader = PdfFileReader(io.BytesIO(queries.content(paper.document)))
    names = [str(one.get_object()["/T"]) for one in reader.root["/AcroForm"]["/Fields"]]
    assert names == ["Seller", "Buyer"]
    assert SigningRequest.objects.get().field == "Seller"


def test_the_second_signs_over_what_the_first_has_signed_each_as_themselves(
    leyla: Member, jonas: Member, now: datetime
) -> None:
    paper = factory.signed(offered(leyla, now))
    once = paper.document
    assert once is not None
    # Who is next may not be known yet: nobody is asked, and the paper waits.
    assert (paper.status, paper.signer_id, paper.signing, paper.field) == ("waiting", "", "", "Buyer")

    paper = papers.ask(paper, signer=jonas, expected=jonas.expected, by=jonas, now=now)
    request = SigningRequest.objects.get(reference=paper.signing)
    assert (request.field, request.signer_id, request.content_sha256) == ("Buyer", jonas.actor_id, once.sha256)
    assert request.expected["foreign_id"] == jonas.person.foreign_id

    paper = factory.signed(paper)
    assert paper.status == "signed"
    assert paper.document is not None
    assert (paper.document.previous, paper.document.code) == (once, paper.code)
    assert [one["field"] for one in paper.document.signatures] == ["Seller", "Buyer"]
    assert [(one["field"], one["signer_id"]) for one in paper.given] == [
        ("Seller", leyla.actor_id), ("Buyer", jonas.actor_id),
    ]  # fmt: skip
    assert heard == [("Seller", leyla.actor_name, False), ("Buyer", jonas.actor_name, True)]


def test_the_first_signers_completion_run_twice_does_not_stand_for_the_second(leyla: Member, now: datetime) -> None:
    paper = offered(leyla, now)
    request = SigningRequest.objects.get(reference=paper.signing)
    paper = factory.signed(paper)
    papers.signed(request, by=leyla, now=now, data={})
    papers.signature_failed(request, by=leyla, now=now, data={})
    assert factory.fresh(paper).given == paper.given
    assert len(heard) == 1
    assert history([paper.reference]).filter(name="paper.signature_discarded").exists()


def test_a_second_signature_that_fails_leaves_the_first_where_it_is(
    leyla: Member, jonas: Member, now: datetime
) -> None:
    paper = asked_of(jonas, leyla, now)
    once = paper.document
    paper = factory.refused(paper)
    assert (paper.status, paper.verdict, paper.document) == ("waiting", "revoked", once)
    assert heard[-1] == ("Buyer", jonas.actor_name, "revoked")
    paper = papers.ask(paper, signer=jonas, expected=jonas.expected, by=jonas, now=now)
    assert factory.signed(paper).status == "signed"


def test_who_acts_for_the_party_no_more_signs_in_vain_and_somebody_else_signs_over_the_same(
    leyla: Member, jonas: Member, now: datetime
) -> None:
    """P10.3.3(6): whoever signs acts for the party when the signature is completed."""
    paper = asked_of(jonas, leyla, now)
    once = paper.document
    dismiss(jonas)

    paper = factory.signed(paper)

    assert (paper.status, paper.verdict, paper.document) == ("waiting", "no_mandate", once)
    assert heard[-1] == ("Buyer", jonas.actor_name, "no_mandate")
    assert history([paper.reference]).filter(name="paper.signed_in_vain", actor_id=jonas.actor_id).exists()
    anna = make_foreign_member(organisation=jonas.organisation)
    paper = factory.signed(papers.ask(paper, signer=anna, expected=anna.expected, by=anna, now=now))
    assert (paper.status, paper.verdict) == ("signed", "")
    assert [one["signer_id"] for one in paper.given] == [leyla.actor_id, anna.actor_id]


def test_a_signature_in_vain_that_is_completed_twice_is_told_once(leyla: Member, now: datetime) -> None:
    paper = offered(leyla, now)
    request = SigningRequest.objects.get(reference=paper.signing)
    dismiss(leyla)
    factory.signed(paper)
    papers.signed(request, by=leyla, now=now, data={})
    assert heard == [("Seller", leyla.actor_name, "no_mandate")]


def test_a_paper_that_one_has_signed_can_be_discarded_and_then_nobody_signs_it(
    leyla: Member, jonas: Member, now: datetime
) -> None:
    paper = papers.discard(asked_of(jonas, leyla, now), by=leyla, now=now)
    found = queries.by_code(paper.code)
    assert found is not None
    assert (paper.status, found.status) == ("discarded", "revoked")
    with pytest.raises(IllegalTransition):
        papers.ask(paper, signer=jonas, expected=jonas.expected, by=jonas, now=now)
    factory.ended(paper, "completed", "accepted", now)
    assert factory.fresh(paper).status == "discarded"


def test_who_has_signed_is_led_on_and_never_signs_for_the_next(leyla: Member, jonas: Member) -> None:
    now = timezone.now()
    paper = factory.signed(offered(leyla, now))
    client = sign_in(Client(), leyla)
    for address in ("", "back/"):
        assert client.get(f"/papers/{paper.reference}/{address}").headers["Location"] == "/notices/"
    assert client.get(f"/papers/{paper.reference}/state/").headers["HX-Redirect"] == "/notices/"
    assert client.post(f"/papers/{paper.reference}/").headers["Location"] == "/notices/"
    assert SigningRequest.objects.count() == 1
    with pytest.raises(Missing):
        queries.paper_for(paper.reference, jonas)
    paper = papers.ask(paper, signer=jonas, expected=jonas.expected, by=jonas, now=now)
    answer = sign_in(Client(), jonas).get(f"/papers/{paper.reference}/")
    assert answer.headers["Location"] == f"/sign/{paper.signing}/"
