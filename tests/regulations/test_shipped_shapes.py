"""The shapes a service can have, each with the shipped regulation that has it (S4.2-4.4, S6.1.1, S7.2, S8.2, S10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from azexport.services import actions
from azexport.services.schema import Question, Regulation

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = {one.id: one for one in actions.read_folder(ROOT / "regulations")}
S_A2 = {
    "name_az", "name_en", "other_performers", "content_az", "content_en", "legal_basis", "kind", "fee", "fee_text",
    "users", "place", "activity", "draft", "service", "effective_on",
}  # fmt: skip
"""What the application form to the registry asks (S-A2, items 3-10), and what ties it to the portal."""


def only(question: Question | None) -> Question:
    assert question is not None
    return question


def test_permits_of_the_main_job_come_from_one_application() -> None:
    # P4.1.4
    assert {one.id for one in SHIPPED.values() if one.requirements} == {
        "phytosanitary-certificate", "eu-food-quality-certificate", "certificate-of-origin",
    }  # fmt: skip


def test_one_is_fully_automatic_and_answered_in_the_same_second() -> None:
    extract = SHIPPED["taxpayer-extract"]

    assert [one.id for one in SHIPPED.values() if one.automatic] == ["taxpayer-extract"]
    assert extract.general.automation == "full"
    assert (extract.term.working_days, extract.term.processing is not None) == (0, True)
    assert extract.procedures.decision is not None
    assert extract.procedures.decision.ground in {one.id for one in extract.refusal_grounds}
    # S7.2: all that the extract says comes from the register; only its use is asked.
    assert len(extract.facts) == 8
    assert {one.id for one in extract.questions} == {"purpose", "recipient"}
    assert extract.result.document is not None


def test_one_is_a_calculator_open_to_all() -> None:
    # S4.3; the base of 3 % and coefficients of 1 to 2, as far as they could be read.
    [calculator] = [one for one in SHIPPED.values() if one.provision.calculator]

    assert calculator.id == "promotion-calculator"
    assert not calculator.interactive
    assert calculator.provision.calculator is not None
    assert calculator.provision.calculator.note is not None
    assert {one.currency for one in calculator.questions if one.kind == "money"} == {"AZN"}


def test_one_runs_through_two_bodies_in_sequence() -> None:
    permit = SHIPPED["export-control-permit"]

    assert [[permit.performer(step) for step in stage] for stage in permit.stages] == [
        ["communications"], ["economy"], ["communications"], ["communications"],
    ]  # fmt: skip


def test_one_asks_two_bodies_side_by_side_and_is_decided_within_a_working_day() -> None:
    # P10.3.5 (3), F6
    certificate = SHIPPED["free-sale-certificate"]

    assert [sorted(certificate.performer(step) for step in stage) for stage in certificate.stages] == [
        ["caerc"], ["economy", "plant-protection"], ["caerc"],
    ]  # fmt: skip
    assert certificate.term.working_days == 1
    assert certificate.term.source == "verified"


def test_one_is_not_decided_before_it_is_paid() -> None:
    [flagged] = [one for one in SHIPPED.values() if one.fee.before_decision]

    assert flagged.id == "veterinary-certificate"
    assert flagged.fee.bank is not None
    assert flagged.fee.ways is not None


def test_one_has_a_public_register_as_its_result() -> None:
    [one] = [one for one in SHIPPED.values() if one.register]

    assert one.id == "packing-station-approval"
    assert one.register is not None
    assert one.register.columns[0].value == "case.reference"


def test_some_are_pages_of_the_portal_and_one_is_text() -> None:
    # S4.3, P10.2
    assert {one.id: one.provision.runs_at for one in SHIPPED.values() if one.provision.runs_at} == {
        "permit-finder": "/finder/", "document-verification": "/verify/",
    }  # fmt: skip
    assert [one.id for one in SHIPPED.values() if one.provision.pages] == ["export-documents-guide"]


@pytest.mark.parametrize(
    ("service", "days", "asked"),
    [
        ("service-registration", 3, S_A2),
        ("registry-correction", 1, S_A2 | {"registry_number", "arose_on"}),
        ("registry-cancellation", 3, {"registry_number", "reason", "effective_on"}),
    ],
)
def test_the_registrys_own_services_are_for_state_bodies_on_the_form_of_the_decision(
    service: str, days: int, asked: set[str]
) -> None:
    # S10.3-10.8, S-A2; of a correction also when the change arose (S10.6). What the registry holds is not asked when an
    # entry is cancelled (S7.2).
    regulation = SHIPPED[service]

    assert (regulation.provider, regulation.provision.users) == ("communications", ("state",))
    assert regulation.term.working_days == days
    assert {one.id for one in regulation.questions} == asked
    assert regulation.fee.amount == 0


def test_the_registration_form_offers_the_choices_of_the_decision() -> None:
    # S3.1, S-A2 7-9
    form = SHIPPED["service-registration"]

    activity = only(form.question("activity"))
    assert [one.id for one in activity.choices] == [f"s3-1-{number}" for number in range(1, 30)]
    assert [one.id for one in only(form.question("kind")).choices] == ["informational", "interactive"]
    assert [one.id for one in only(form.question("fee")).choices] == ["free", "paid"]
    assert [one.id for one in only(form.question("users")).choices] == ["natural", "legal", "state", "other"]
    # A correction is asked on the same form.
    same = {one.id: one for one in SHIPPED["registry-correction"].questions}
    assert all(same[one.id] == one for one in form.questions)


def test_promotion_is_applied_for_with_what_the_customs_do_not_hold() -> None:
    # P4.1.5, S7.2: value and goods stand in the declaration; its number is enough.
    asked = {one.id for one in SHIPPED["export-promotion"].questions}

    assert "declaration_number" in asked
    assert not asked & {"customs_value", "goods", "hs_code"}


def test_originals_are_shown_at_handover_where_the_law_wants_them_notarised() -> None:
    # S-A1 2.6, note 2
    assert {(one.id, document.id) for one in SHIPPED.values() for document in one.documents if document.original} == {
        ("export-control-permit", "end-user-certificate"), ("packing-station-approval", "lease"),
    }  # fmt: skip


def test_every_kind_of_question_is_used_and_prefill_and_conditions_and_checks() -> None:
    questions = [question for one in SHIPPED.values() for question in one.questions]

    assert {one.kind for one in questions} >= {
        "text", "long_text", "number", "money", "date", "choice", "choices", "boolean", "country", "hs", "party",
        "goods", "statement",
    }  # fmt: skip
    assert {one.prefill for one in questions if one.prefill} >= {"person.phone", "person.email", "applicant.address"}
    assert any(one.when for one in questions)
    assert any(document.when for one in SHIPPED.values() for document in one.documents)
    assert sum(len(one.provision.checks) for one in SHIPPED.values()) >= 10


def test_standard_messages_are_named_where_there_are_some() -> None:
    assert {(one.id, mapping.standard) for one in SHIPPED.values() for mapping in one.procedures.messages} == {
        ("phytosanitary-certificate", "UN/CEFACT SPSCertificate"),
        ("veterinary-certificate", "UN/CEFACT SPSCertificate"),
        ("certificate-of-origin", "UBL CertificateOfOrigin"),
    }


def test_silence_grants_where_the_regulation_says_so_and_nowhere_else() -> None:
    granted: list[str] = []
    for regulation in SHIPPED.values():
        silence = regulation.procedures.silence
        if silence is not None and silence.rule == "granted":
            granted.append(regulation.id)

    assert granted == ["packing-station-approval"]


def titles(regulation: Regulation) -> list[str]:
    return [task.title.en for section in regulation.sections for task in section.tasks]


def test_no_two_tasks_of_a_form_have_the_same_title() -> None:
    assert all(len(set(titles(one))) == len(titles(one)) for one in SHIPPED.values())
