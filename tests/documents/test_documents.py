"""Storing documents, what the public may know of them, and who may open them (P5.4)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from azexport.audit.queries import history
from azexport.documents import actions, queries
from azexport.documents.models import Document
from azexport.documents.states import DocumentStatus
from azexport.kernel.actor import SYSTEM, Actor
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.kernel.text import both
from tests.factories.parties import make_member, sign_in

pytestmark = pytest.mark.django_db

READERS = {"open": "tests.documents.test_documents.anybody", "own": "tests.documents.test_documents.who_stored_it"}


def anybody(actor: Actor, document: Document) -> bool:
    return True


def who_stored_it(actor: Actor, document: Document) -> bool:
    return any(event.actor_id == actor.actor_id for event in history([document.reference]))


@pytest.fixture(autouse=True)
def readers(settings: Settings) -> None:
    settings.DOCUMENT_READERS = "tests.documents.test_documents.READERS"


def store(now: datetime, **given: Any) -> Document:
    values: dict[str, Any] = {
        "kind": "open", "title": both("Müqavilə", "Contract"), "content": b"%PDF-1.7 one", "by": SYSTEM, "now": now,
    } | given  # fmt: skip
    return actions.store(**values)


def test_a_document_keeps_its_bytes_digest_and_facts(now: datetime) -> None:
    facts = [{"label": both("Satıcı", "Seller"), "value": "Şəki Fındıq MMC"}]
    document = store(now, facts=facts, code="7K3M9XQ20ABC")
    assert queries.content(document) == b"%PDF-1.7 one"
    assert document.sha256 == hashlib.sha256(b"%PDF-1.7 one").hexdigest()
    assert (document.size, document.facts, document.shown_code) == (12, facts, "7K3M-9XQ2-0ABC")
    assert [event.name for event in history([document.reference])] == ["document.stored"]


def test_the_code_shows_the_newest_version_and_its_history(now: datetime) -> None:
    first = store(now, facts=[{"label": both("a", "a"), "value": "1"}])
    second = store(now, content=b"two", previous=first)
    third = store(now, content=b"three", previous=second)
    assert queries.by_code(first.code) == third
    assert third.facts == first.facts
    assert [one.status for one in queries.history(third)] == ["issued", "superseded", "superseded"]


def test_a_version_is_replaced_once(now: datetime) -> None:
    first = store(now)
    store(now, content=b"two", previous=first)
    with pytest.raises(IllegalTransition):
        store(now, content=b"other two", previous=first)
    assert Document.objects.count() == 2


@pytest.mark.parametrize("typed", ["7k3m-9xq2-oabc", " 7K3M 9XQ2 0ABC ", "7K3M9XQ2OABC"])
def test_a_code_is_found_as_people_type_it(now: datetime, typed: str) -> None:
    document = store(now, code="7K3M9XQ20ABC")
    assert queries.by_code(typed) == document


def test_an_unknown_code_finds_nothing() -> None:
    assert queries.by_code("0000-0000-0000") is None
    assert queries.by_code("") is None
    assert queries.by_code("x" * 5000) is None


def test_a_revoked_document_says_so_under_its_code_and_can_be_restored(now: datetime) -> None:
    document = actions.set_status(store(now), DocumentStatus.REVOKED, SYSTEM, now)
    found = queries.by_code(document.code)
    assert found is not None
    assert found.status == "revoked"
    assert actions.set_status(document, "issued", SYSTEM, now).status == "issued"
    with pytest.raises(IllegalTransition):
        actions.set_status(document, DocumentStatus.ISSUED, SYSTEM, now)


def test_codes_are_twelve_characters_and_never_the_same() -> None:
    codes = {actions.new_code() for _ in range(100)}
    assert len(codes) == 100
    assert {len(code) for code in codes} == {12}


def test_a_reader_opens_a_pdf_in_the_browser_and_has_it_once(now: datetime) -> None:
    client, document = sign_in(Client(), make_member()), store(now)
    answer = client.get(f"/documents/{document.reference}/")
    assert answer.content == b"%PDF-1.7 one"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    again = client.get(f"/documents/{document.reference}/", headers={"if-none-match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_anything_but_a_pdf_is_saved_not_shown(now: datetime) -> None:
    document = store(now, media_type="text/html", content=b"<script>")
    answer = sign_in(Client(), make_member()).get(f"/documents/{document.reference}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("kind", ["own", "unlisted"])
def test_a_document_is_not_there_for_those_who_may_not_read_it(now: datetime, kind: str) -> None:
    document = store(now, kind=kind)
    client = sign_in(Client(), make_member())
    assert client.get(f"/documents/{document.reference}/").status_code == 404
    assert client.get("/documents/DC-0000-0000-0/").status_code == 404
    with pytest.raises(Missing):
        queries.readable(document.reference, SYSTEM if kind == "unlisted" else make_member())


def test_nobody_opens_a_document_without_signing_in(now: datetime) -> None:
    answer = Client().get(f"/documents/{store(now).reference}/")
    assert answer.status_code == 302
    assert "/sign-in/" in answer.headers["Location"]


def test_opening_a_document_costs_three_queries(now: datetime, django_assert_max_num_queries: Any) -> None:
    client, document = sign_in(Client(), make_member()), store(now)
    with django_assert_max_num_queries(4):
        client.get(f"/documents/{document.reference}/")
