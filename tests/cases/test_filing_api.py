"""The machine door: a program files what a page would, and hears what a page would say (S7.1, S7.3, S7.4, S12.2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from azexport.cases.models import Filing
from azexport.documents import queries as documents
from azexport.documents.models import Document
from azexport.parties.models import Member
from azexport.services.json_schema import schema_of
from tests.factories import filings as factory
from tests.factories import papers
from tests.factories.parties import make_head, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
ANSWERS = {**factory.ANSWERS, "hectares": 12.5}


@pytest.fixture
def leyla() -> Member:
    return make_member()


@pytest.fixture
def program(leyla: Member) -> Client:
    factory.load_tea()
    client = sign_in(Client(), leyla)
    client.cookies["language"] = "en"
    return client


def uploaded(program: Client, content: bytes = factory.PDF) -> Any:
    return program.post("/api/files?name=deed.pdf", content, content_type="application/pdf")


def file(program: Client, key: str = "k-1", **changes: Any) -> Any:
    body = {"service": "tea-licence", "answers": ANSWERS} | changes
    if "documents" not in body:
        body["documents"] = {"deed": uploaded(program).json()["reference"]}
    return program.post(
        "/api/filings", json.dumps(body), content_type="application/json", headers={"idempotency-key": key}
    )


def pointers(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {one["pointer"]: one["message"] for one in answer.json()["violations"]}


def test_a_program_files_and_a_person_signs(program: Client, leyla: Member) -> None:
    answer = file(program)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    filing = Filing.objects.get()
    assert answer.headers["Location"] == f"/api/filings/{filing.reference}"
    assert told == {
        "reference": filing.reference, "service": "tea-licence", "version": "1", "status": "awaiting_signature",
        "sign": f"/papers/{filing.paper}/", "case": None, "submitted_at": None, "page": f"/filings/{filing.reference}/",
    }  # fmt: skip
    papers.signed(documents.paper(filing.paper))
    told = program.get(f"/api/filings/{filing.reference}").json()
    assert told["status"] == "submitted"
    assert told["case"] == factory.fresh(filing).case.reference  # type: ignore[union-attr]
    assert [one["reference"] for one in program.get("/api/filings").json()["filings"]] == [filing.reference]


def test_the_published_schema_and_the_door_ask_for_the_same(program: Client) -> None:
    """S-A1: the form, its schema and the door are one regulation."""
    schema = schema_of(factory.load_tea(version=2).regulation)["properties"]
    required = {f"/answers/{name}" for name in schema["answers"]["required"]}
    required |= {f"/documents/{name}" for name in schema["documents"]["required"]}
    assert set(pointers(file(program, answers={}, documents={}))) == required
    assert set(ANSWERS) == set(schema["answers"]["properties"])


def test_every_fault_is_told_at_once_with_its_place(program: Client) -> None:
    """S7.4: what is wrong, where, and nothing is kept."""
    answers = {
        "house": "",
        "hectares": "many",
        "organic": "perhaps",
        "markets": ["mars"],
        "colour": "green",
        "true": False,
    }
    answer = file(program, answers=answers, documents={"photo": "DC-1"})
    found = pointers(answer)
    assert set(found) == {
        "/answers/house", "/answers/hectares", "/answers/organic", "/answers/markets", "/answers/colour",
        "/answers/true", "/documents/photo", "/documents/deed",
    }  # fmt: skip
    assert not Filing.objects.exists()


def test_a_check_across_answers_stands_at_its_question(program: Client) -> None:
    found = pointers(file(program, answers={**ANSWERS, "hectares": 1}))
    assert found == {"/answers/markets": "A small garden sells in Azerbaijan only"}


def test_a_question_that_an_answer_brings_up_is_required_of_programs_too(program: Client) -> None:
    answers = {name: value for name, value in ANSWERS.items() if name != "certifier"}
    assert set(pointers(file(program, answers=answers))) == {"/answers/certifier"}
    assert file(program, answers={**answers, "organic": False}, key="k-2").status_code == 201


def test_the_same_key_files_once(program: Client) -> None:
    body: dict[str, Any] = {"documents": {"deed": uploaded(program).json()["reference"]}}
    first, second = file(program, **body), file(program, **body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["reference"] == second.json()["reference"]
    assert Filing.objects.count() == 1
    other = file(program, answers={**ANSWERS, "house": "B"}, **body)
    assert (other.status_code, other.json()["code"]) == (409, "key-reused")


def test_a_key_is_needed(program: Client) -> None:
    for key in ("", "x" * 201):
        answer = file(program, key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "unusable-request")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"service": 5}', b'{"service": "tea-licence", "answers": []}', b'{"service": "\\u0000"}',
     b'{"service": "tea-licence", "more": 1}', b"[" * 5000],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(program: Client, body: bytes) -> None:
    answer = program.post("/api/filings", body, content_type="application/json", headers={"idempotency-key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable-request")


def test_an_unknown_service_and_one_that_does_not_admit_the_caller_are_refused(program: Client) -> None:
    assert file(program, service="coffee-licence", documents={}).status_code == 404
    factory.load_tea(id="state-tea", provision__users=["state"])
    assert file(program, service="state-tea", documents={}).status_code == 403


def test_a_file_counts_by_its_content_and_for_who_sent_it_alone(program: Client) -> None:
    """S7.4, and nobody attaches what is not theirs."""
    answer = uploaded(program, b"MZ not a document")
    assert pointers(answer)[""].startswith("The file is none of these")
    stranger = sign_in(Client(), make_member())
    theirs = uploaded(stranger).json()["reference"]
    assert set(pointers(file(program, documents={"deed": theirs}))) == {"/documents/deed"}
    assert set(pointers(file(program, documents={"deed": "\x00"}))) == {"/documents/deed"}
    assert stranger.get(f"/documents/{Document.objects.get(reference=theirs).reference}/").status_code == 404


def test_a_bodys_program_sends_it_to_the_head() -> None:
    """S12.2: only the head's signature counts."""
    factory.load_tea(provision__users=["state"])
    make_head("tax-tower")
    client = sign_in(Client(), make_officer("tax-tower"))
    told = file(client).json()
    assert (told["status"], told["sign"]) == ("frozen", None)


def test_an_application_is_nobody_elses(program: Client) -> None:
    reference = file(program).json()["reference"]
    assert sign_in(Client(), make_member()).get(f"/api/filings/{reference}").status_code == 404
    answer = Client().get(f"/api/filings/{reference}", headers={"accept": "application/json"})
    assert answer.status_code == 403


@pytest.mark.parametrize("sent", ['{"service":"tea-licence","answers":{"house":"\\ud800"}}', '{"service":"\\udfff"}'])
def test_half_a_letter_is_no_text(program: Client, sent: str) -> None:
    """JSON can spell what no database and no document takes."""
    answer = program.post("/api/filings", sent, content_type="application/json", headers={"idempotency-key": "k-half"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unusable-request")
