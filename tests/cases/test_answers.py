"""Answering a body's request for more: drafted, put on paper, signed, and only then sent (S7.4, S12.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from azexport.audit.models import Event
from azexport.calendar import queries as calendar
from azexport.cases import actions
from azexport.cases.models import Case, FurtherInformationRequest
from azexport.cases.states import CaseStatus
from azexport.documents import queries as documents
from azexport.documents.models import Document, Paper
from azexport.documents.states import DocumentStatus, PaperStatus
from azexport.exchange.models import Message
from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated
from azexport.notices.models import Notice
from azexport.parties.models import Mandate, Member
from azexport.signatures import queries as trust
from azexport.signatures.validation import validate
from tests.cases.test_filing_signed import sign
from tests.factories import papers
from tests.factories.cases import (
    accepted,
    again,
    asks,
    desk_case,
    desk_row,
    open_case,
    prepare_answer,
    says,
    supplies,
    words,
)
from tests.factories.contracts import leyla, run_jobs
from tests.factories.parties import make_head, make_member, make_officer, sign_in
from tests.factories.services import NOW
from tests.factories.signatures import SandboxPki

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a report"


@pytest.fixture
def member() -> Member:
    return make_member()


@pytest.fixture
def case(member: Member) -> Case:
    """A case whose body asks for a laboratory and its report."""
    return asks(accepted(open_case(member)))


def browser(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


def page(case: Case, name: str = "") -> str:
    return f"/cases/{case.reference}/{name}"


def asked() -> FurtherInformationRequest:
    return FurtherInformationRequest.objects.get()


# ------------------------------------------------------------------------------------------------ signed and sent


def test_an_answer_goes_to_the_body_when_it_is_signed_and_not_before(member: Member, case: Case) -> None:
    """S12.2: what a person sends to a state body carries an enhanced signature. S7.4: the clock runs on from then."""
    client = browser(member)
    shown = client.get(page(case, "answer/")).content.decode()
    for part in ("Which laboratory?", "A report is needed.", "It is sent when it is signed", "Continue to signing"):
        assert part in shown

    given = {"question_lab": "Bakı", "question_report": SimpleUploadedFile("report.pdf", PDF)}
    sent = client.post(page(case, "answer/"), given)

    paper = Paper.objects.get()
    assert sent["Location"] == f"/papers/{paper.reference}/"
    assert (again(case).status, asked().answered_at) == (CaseStatus.INFORMATION_REQUESTED, None)
    assert not Message.objects.filter(type="case.information_supplied").exists()
    assert calendar.clocks_for([case.reference])[case.reference].due_on is None
    waits = client.get(page(case)).content.decode()
    assert "Your answer is written and waits for its signature" in waits
    assert "Bakı" not in waits

    signed = papers.signed(paper)

    assert again(case).status == CaseStatus.ACCEPTED
    assert calendar.clocks_for([case.reference])[case.reference].due_on is not None
    request = asked()
    assert (request.answers, request.document) == ({"lab": "Bakı", "report": "report.pdf"}, signed.document)
    assert (request.drafted_answers, request.drafted_files) == ({}, [])
    body = Message.objects.get(type="case.information_supplied").data
    assert signed.document is not None
    assert body["answer_document"] == {
        "$document": signed.document.reference, "name": f"{case.reference}-answer.pdf",
    }  # fmt: skip
    assert body["documents"] == [{"$document": request.documents[0]["reference"], "name": "report.pdf"}]
    after = client.get(page(case)).content.decode()
    for part in (
        "Bakı",
        "Signed answer",
        f"/documents/{signed.document.reference}/",
        request.documents[0]["reference"],
    ):
        assert part in after
    assert client.get(page(case, "answer/")).status_code == 404


def test_the_paper_says_what_was_asked_and_answered_in_both_languages_and_for_machines(
    case: Case, member: Member
) -> None:
    kinds = {"text": "a", "number": "12.5", "date": "2026-10-05", "boolean": True, "odd": "c"}
    case = supplies(case, member, {"lab": "Bakı"})
    questions = [{"id": kind, "label": words(f"Which {kind}?"), "kind": kind} for kind in kinds]
    case = says(case, "request_information", request="R2", questions=questions, reason=words("So."))

    paper = papers.printed(prepare_answer(case, member, kinds))

    assert [row["value"] for row in paper.data["rows"]] == [
        {"az": "a", "en": "a"},
        {"az": "12,5", "en": "12.5"},
        {"az": "5 oktyabr 2026", "en": "5 October 2026"},
        {"az": "Bəli", "en": "Yes"},
        {"az": "c", "en": "c"},
    ]
    assert paper.attachment is not None
    assert (paper.attachment["case"], paper.attachment["answers"]) == (case.reference, kinds)
    assert paper.document is not None
    assert documents.content(paper.document).startswith(b"%PDF-")


def test_an_answer_with_a_real_signature_reaches_a_body_on_the_desk(pki: SandboxPki) -> None:
    """From the page of questions to the officer's desk; the signature is valid for archiving."""
    member = leyla()
    row = desk_row()
    clerk = make_officer("honey-office")
    case = actions.officers.take_on(case=desk_case(member, row), by=clerk, now=NOW)
    actions.officers.request_information(
        case=case, questions=[{"id": "hive", "label": words("Which hive?"), "kind": "text"}], reason=words("So."),
        by=clerk, now=NOW,
    )  # fmt: skip
    client = browser(member)
    paper_page = client.post(page(case, "answer/"), {"question_hive": "The third"})["Location"]
    run_jobs("documents.render_paper")
    sign_page = client.get(paper_page)["Location"]

    done = sign(client, pki, "people/leyla-mammadova-sign")

    assert client.get(client.get(sign_page)["Location"])["Location"] == page(case)
    assert done.return_url.startswith("/papers/")
    document = asked().document
    assert document is not None
    (report,) = validate(documents.content(document), trust.trust_list(), now=datetime.now(UTC))
    assert (report.accepted, report.level) == (True, "B-LTA")
    desk = browser(clerk)
    shown = desk.get(f"/desk/cases/{case.reference}/").content.decode()
    for part in ("The third", "Signed answer", document.reference):
        assert part in shown
    assert desk.get(f"/documents/{document.reference}/").status_code == 200
    assert browser(make_member()).get(f"/documents/{document.reference}/").status_code == 404
    assert Notice.objects.filter(kind="desk.information_supplied", organisation=clerk.organisation).exists()


# ------------------------------------------------------------------------------------------------ the draft


def test_an_answer_is_saved_and_gone_on_with_later_its_files_too(member: Member, case: Case) -> None:
    """S4.4: one may stop at any time. The body sees nothing of a draft."""
    client = browser(member)
    given = {"question_lab": "Ba", "question_report": SimpleUploadedFile("report.pdf", PDF), "later": "1"}

    assert client.post(page(case, "answer/"), given)["Location"] == page(case)

    assert "Continue your answer" in client.get(page(case)).content.decode()
    shown = client.get(page(case, "answer/")).content.decode()
    assert 'value="Ba"' in shown
    assert "Attached: report.pdf" in shown
    assert "(optional)" not in shown
    [kept] = asked().drafted_files
    assert client.get(f"/documents/{kept['reference']}/").status_code == 200
    clerk = make_officer(case.provider.code)
    assert browser(clerk).get(f"/documents/{kept['reference']}/").status_code == 404
    for secret in ("report.pdf", "Answer begun"):
        assert secret not in browser(clerk).get(f"/desk/cases/{case.reference}/").content.decode()
    assert client.post(page(case, "answer/"), {"question_lab": "Bakı"}).status_code == 302
    assert Paper.objects.get().attachment["answers"] == {"lab": "Bakı", "report": "report.pdf"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"question_lab": ""}, "Answer this question of the body."),
        ({"question_lab": "x"}, "Answer this question of the body."),
        ({"question_lab": "x", "question_report": ("virus.pdf", b"MZ not a pdf")}, "none of these: PDF, JPEG, PNG"),
        ({"question_lab": "x", "question_report": ("big.pdf", PDF + b"0" * 10 * 1024 * 1024)}, "larger than 10 MB"),
    ],
)
def test_a_poor_answer_is_told_how_to_mend_it(
    member: Member, case: Case, given: dict[str, Any], complaint: str
) -> None:
    """S7.4."""
    data = {name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value for name, value in given.items()}

    response = browser(member).post(page(case, "answer/"), data)

    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert not Paper.objects.exists()


def test_a_good_file_is_kept_where_another_answer_is_wrong(member: Member, case: Case) -> None:
    client = browser(member)
    poor = client.post(
        page(case, "answer/"), {"question_lab": "", "question_report": SimpleUploadedFile("report.pdf", PDF)}
    )
    assert poor.status_code == 422
    assert "Attached: report.pdf" in poor.content.decode()
    assert client.post(page(case, "answer/"), {"question_lab": "Bakı"}).status_code == 302
    assert asked().paper


def test_every_kind_of_question_can_be_answered_and_an_extra_file_removed(member: Member) -> None:
    kinds = {"text": "a", "long_text": "b", "number": "12,5", "date": "2026-10-05", "boolean": "true", "odd": "c"}
    questions = [{"id": kind, "label": {"az": kind}, "kind": kind} for kind in kinds]
    case = says(accepted(open_case(member)), "request_information", request="R1", questions=questions)
    client = browser(member, "az")  # where the comma is decimal
    fields = {f"question_{name}": value for name, value in kinds.items()}
    extra = {"supplied_file": SimpleUploadedFile("plan.pdf", PDF), "later": "1"}
    assert client.post(page(case, "answer/"), {**fields, **extra}).status_code == 302
    shown = client.get(page(case, "answer/")).content.decode()
    assert 'value="12,5"' in shown
    assert "plan.pdf" in shown

    assert client.post(page(case, "answer/"), {**fields, "remove__supplied_file": "on"}).status_code == 302

    request = asked()
    assert request.drafted_files == []
    assert request.answers_drafted() == {
        "text": "a", "long_text": "b", "number": "12.5", "date": "2026-10-05", "boolean": True, "odd": "c",
    }  # fmt: skip

    papers.signed(Paper.objects.get())

    for reader, address in (
        (client, page(case)),
        (browser(make_officer(case.provider.code), "az"), f"/desk{page(case)}"),
    ):
        read = reader.get(address).content.decode()
        assert all(part in read for part in ("12,5", "5 oktyabr 2026", "Bəli"))


def test_an_answer_that_waits_for_its_signature_is_changed_only_after_it_is_taken_back(
    member: Member, case: Case
) -> None:
    client = browser(member)
    paper = papers.printed(prepare_answer(case, member, {"lab": "Ba"}))
    assert "Go to signing" in client.get(page(case, "answer/")).content.decode()
    assert client.post(page(case, "answer/"), {"question_lab": "Bakı"}).status_code == 409
    with pytest.raises(IllegalTransition):
        actions.prepare_answer(case=case, by=member, now=NOW)

    assert client.post(page(case, "answer/reopen/"))["Location"] == page(case, "answer/")

    discarded = papers.fresh(paper)
    assert discarded.status == PaperStatus.DISCARDED
    assert discarded.document is not None
    assert discarded.document.status == DocumentStatus.REVOKED
    assert 'value="Ba"' in client.get(page(case, "answer/")).content.decode()
    assert client.post(page(case, "answer/reopen/")).status_code == 409
    with pytest.raises(NotAllowed):
        actions.keep_answer(case=case, answers={}, files={}, by=make_member(), now=NOW)


# ------------------------------------------------------------------------------------------------ in vain


def test_an_answer_that_nobody_waits_for_any_more_cannot_be_signed(member: Member, case: Case) -> None:
    paper = papers.printed(prepare_answer(case, member, {"lab": "x"}))

    says(case, "refuse", grounds=[{"ground": "no-bees"}])

    assert papers.fresh(paper).status == PaperStatus.DISCARDED
    assert browser(member).get(page(case, "answer/")).status_code == 404


def test_the_signature_of_somebody_who_acts_for_the_applicant_no_more_sends_nothing(member: Member, case: Case) -> None:
    paper = papers.printed(prepare_answer(case, member, {"lab": "x"}))
    Mandate.objects.filter(person=member.person).update(ended_at=NOW, ended_by="x")

    papers.signed(paper)

    assert (again(case).status, asked().paper, asked().answered_at) == (CaseStatus.INFORMATION_REQUESTED, "", None)
    assert Event.objects.filter(name="case.answer_signed_in_vain").count() == 1
    assert Document.objects.filter(kind="case-answer").latest("id").status == DocumentStatus.REVOKED


def test_a_signature_that_is_announced_twice_changes_nothing_more(member: Member, case: Case) -> None:
    paper = papers.signed(prepare_answer(case, member, {"lab": "x"}))
    before = again(case).changes
    assert paper.document is not None

    actions.answer_signed(paper, by=member, now=NOW, data={"document": paper.document.reference})

    assert again(case).changes == before
    assert documents.by_reference(paper.document.reference).status == DocumentStatus.ISSUED


# ------------------------------------------------------------------------------------------------ a public body


@pytest.fixture
def theirs() -> Case:
    """A case that a public body has applied for, in which it is asked for more."""
    row = desk_row(provision__users=["state"])
    officer = make_officer("pollen-office")
    clerk = make_officer("honey-office")
    case = actions.officers.take_on(case=desk_case(officer, row), by=clerk, now=NOW)
    return actions.officers.request_information(
        case=case, questions=[{"id": "a", "label": words("Which?"), "kind": "text"}], reason={}, by=clerk, now=NOW
    )


def test_a_public_bodys_answer_is_signed_by_its_head(theirs: Case) -> None:
    """S12.2: an officer writes it; it waits on the head's desk."""
    officer, head = make_officer("pollen-office"), make_head("pollen-office")
    client = browser(officer)
    assert "Send to the head for signature" in client.get(page(theirs, "answer/")).content.decode()

    assert client.post(page(theirs, "answer/"), {"question_a": "This"})["Location"] == page(theirs, "answer/")

    assert f"signature of {head.actor_name}" in client.get(page(theirs, "answer/")).content.decode()
    paper = papers.printed(Paper.objects.get())
    assert paper.signer_id == head.actor_id
    assert f"/papers/{paper.reference}/" in browser(head).get("/desk/").content.decode()
    assert Notice.objects.filter(kind="case.answer_to_sign", organisation=head.organisation).exists()
    papers.signed(paper)
    assert again(theirs).status == CaseStatus.ACCEPTED


def test_a_public_body_without_a_head_cannot_answer_yet(theirs: Case) -> None:
    with pytest.raises(RuleViolated) as refused:
        prepare_answer(theirs, make_officer("pollen-office"), {"a": "This"})

    assert [one.code for one in refused.value.violations] == ["CAS-021"]
