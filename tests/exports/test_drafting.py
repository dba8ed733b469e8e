"""Filling in the unified application: begun, interrupted, corrected, deleted, copied (P4.1.4, P10.3.3(3-4), S7.2)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azexport.audit.queries import history
from azexport.contracts.models import Contract
from azexport.exports import actions, rules
from azexport.exports.actions.drafts import scaled
from azexport.exports.forms import MAX_FILE, QuantityForm
from azexport.exports.models import Application, Attachment
from azexport.kernel.errors import IllegalTransition, NotAllowed
from azexport.parties.models import Member
from tests.exports.conftest import browser_of
from tests.factories.contracts import jonas, make_concluded, make_draft, make_offered
from tests.factories.exports import FOOD, NOW, ORIGIN, PDF, PLANT, fresh, make_begun, make_filled, make_submitted
from tests.factories.parties import make_foreign_member, make_member

PLANT_FORM = {"botanical_name__1": "Corylus avellana", "treated": "false"}
FOOD_FORM = {"lot_number__1": "L-26", "harvest_year__1": "2026", "storage_conditions": "Dry store"}
REPORT = f"file__{FOOD}__test-report"


def address(application: Application, page: str = "") -> str:
    return f"/applications/{application.reference}/{page}"


# ------------------------------------------------------------------------------------------------ beginning


def test_the_seller_begins_on_a_concluded_contract_with_its_goods(browser: Client, exporter: Member) -> None:
    contract = make_concluded(exporter, make_foreign_member())
    assert contract.reference in browser.get("/applications/new/").content.decode()
    response = browser.post("/applications/new/", {"contract": contract.reference})
    application = Application.objects.get()
    assert response.url == address(application)  # type: ignore[attr-defined]
    assert [line["quantity"] for line in application.lines] == ["20000"]
    page = browser.get(address(application)).content.decode()
    assert "You have completed 0 of 4 parts" in page


def test_the_buyer_does_not_export(exporter: Member) -> None:
    buyer = jonas()
    contract = make_concluded(exporter, buyer)
    assert browser_of(buyer).post("/applications/new/", {"contract": contract.reference}).status_code == 403
    with pytest.raises(NotAllowed):
        actions.start(contract=contract, by=buyer, now=NOW)


def test_another_organisation_does_not_find_the_contract(at_third: Client, exporter: Member) -> None:
    contract = make_concluded(exporter, make_foreign_member())
    assert at_third.post("/applications/new/", {"contract": contract.reference}).status_code == 404
    assert contract.reference not in at_third.get("/applications/new/").content.decode()


@pytest.mark.parametrize("make", [make_draft, lambda seller: make_offered(seller, jonas())])
def test_a_contract_that_is_not_concluded_carries_no_application(browser: Client, exporter: Member, make: Any) -> None:
    contract: Contract = make(exporter)
    assert browser.post("/applications/new/", {"contract": contract.reference}).status_code == 409
    with pytest.raises(IllegalTransition):
        actions.start(contract=contract, by=exporter, now=NOW)
    assert "There is no signed contract yet" in browser.get("/applications/new/").content.decode()


# ------------------------------------------------------------------------------------------------ goods


@pytest.mark.parametrize(
    ("quantity", "says"),
    [
        ("20000.001", "cannot be larger than in the contract"),
        ("0", "must be larger than zero"),
        ("-5", "must be larger than zero"),
        ("", "Enter the quantity"),
        ("many", "Enter a number"),
    ],
)
def test_a_quantity_that_cannot_be_is_refused(browser: Client, exporter: Member, quantity: str, says: str) -> None:
    application = make_begun(exporter)
    response = browser.post(address(application, "goods/"), {"quantity_1": quantity})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not fresh(application).lines_confirmed


def test_half_the_goods_are_half_the_weight_and_half_the_packages(browser: Client, exporter: Member) -> None:
    application = make_begun(exporter)
    response = browser.post(address(application, "goods/"), {"quantity_1": "10000"})
    assert response.url == address(application, "permits/")  # type: ignore[attr-defined]
    line = fresh(application).lines[0]
    assert {name: line[name] for name in ("quantity", "net_kg", "gross_kg", "packages", "amount")} == {
        "quantity": "10000", "net_kg": "10000", "gross_kg": "10200", "packages": 200, "amount": "84500.00",
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    quantity=st.decimals("0.001", "20000", places=3),
    gross=st.decimals("20000", "30000", places=3),
    packages=st.integers(1, 100_000),
)
def test_weights_and_packages_follow_the_quantity_in_proportion_and_never_exceed_the_contract(
    quantity: Decimal, gross: Decimal, packages: int
) -> None:
    whole = {"quantity": "20000", "net_kg": "20000", "gross_kg": str(gross), "packages": packages, "price": "8.45"}
    share = quantity / 20000
    line = scaled(whole, quantity)
    gram = Decimal("0.001")
    assert Decimal(line["quantity"]) == quantity
    assert Decimal(line["net_kg"]) == (20000 * share).quantize(gram, ROUND_HALF_UP)
    assert Decimal(line["net_kg"]) <= Decimal(line["gross_kg"]) <= gross
    assert abs(Decimal(line["gross_kg"]) - gross * share) <= gram
    assert 1 <= line["packages"] <= packages
    assert abs(line["packages"] - packages * share) <= 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantity=st.decimals("0.001", "100000", places=3), contracted=st.decimals("0.001", "100000", places=3))
def test_the_form_never_lets_more_through_than_the_contract_has(
    db: None, quantity: Decimal, contracted: Decimal
) -> None:
    line = {"line": 1, "description": "Fındıq", "description_en": "Nuts", "quantity": str(contracted), "unit": "KGM"}
    form = QuantityForm({"quantity_1": str(quantity)}, lines=[line], left={1: contracted}, quantities={})
    assert form.is_valid() is (quantity <= contracted)


# ------------------------------------------------------------------------------------------------ permits


def test_required_permits_are_shown_and_the_others_are_chosen(browser: Client, exporter: Member) -> None:
    """P4.1.4; a rule whose source could not be read says so."""
    application = make_begun(exporter)
    page = browser.get(address(application, "permits/")).content.decode()
    assert page.index("Required") < page.index("EXP-101") < page.index("Depends on you") < page.index("EXP-121")
    assert "Assumption" in page
    assert f'name="{ORIGIN}"' in page
    assert f'name="{PLANT}"' not in page
    refused = browser.post(address(application, "permits/"), {})
    assert (refused.status_code, fresh(application).permits_confirmed) == (422, False)
    assert "Say whether you apply for it" in refused.content.decode()
    assert browser.post(address(application, "permits/"), {ORIGIN: "no"}).status_code == 302
    assert fresh(application).chosen == {ORIGIN: False}


def test_a_required_permit_cannot_be_chosen_away(browser: Client, exporter: Member) -> None:
    application = make_begun(exporter)
    browser.post(address(application, "permits/"), {ORIGIN: "no", PLANT: "no"})
    page = browser.get(address(application)).content.decode()
    assert f"questions/{PLANT}/" in page
    assert f"questions/{ORIGIN}/" not in page


# ------------------------------------------------------------------------------------------------ questions


def test_a_question_of_several_bodies_is_asked_once_and_says_who_asks(browser: Client, exporter: Member) -> None:
    """P4.1.4, S7.2."""
    application = make_filled(exporter)
    pages = [browser.get(address(application, f"questions/{name}/")).content.decode()
             for name in ("common", PLANT, FOOD, ORIGIN)]  # fmt: skip
    for key in ("place_of_origin", "means_of_conveyance", "point_of_entry", "producer"):
        assert [f'name="{key}"' in page for page in pages] == [True, False, False, False]
    assert "Asked by" in pages[0]
    assert "Asked by" not in pages[1]


def test_an_answer_brings_up_another_question_and_its_withdrawal_takes_it_away(
    browser: Client, exporter: Member
) -> None:
    application = make_filled(exporter, answers={})
    page = address(application, f"questions/{PLANT}/")
    assert 'name="treatment"' not in browser.get(page).content.decode()
    assert browser.post(page, {**PLANT_FORM, "treated": "true"}).url == page  # type: ignore[attr-defined]
    assert 'name="treatment"' in browser.get(page).content.decode()
    assert browser.post(page, {**PLANT_FORM, "treated": "true"}).status_code == 422
    done = browser.post(page, {**PLANT_FORM, "treated": "true", "treatment": "Methyl bromide, 24 h"})
    assert done.url == address(application)  # type: ignore[attr-defined]
    browser.post(page, {**PLANT_FORM, "treated": "false"})
    assert 'name="treatment"' not in browser.get(page).content.decode()


def test_save_and_come_back_later_keeps_what_is_valid_and_loses_nothing(browser: Client, exporter: Member) -> None:
    """S7.2."""
    application = make_filled(exporter, answers={})
    page = address(application, f"questions/{FOOD}/")
    browser.post(page, {**FOOD_FORM, "storage_conditions": "Dry store"})
    sent = {"lot_number__1": "L-27", "harvest_year__1": "soon", "storage_conditions": "", "later": "1"}
    assert browser.post(page, sent).url == address(application)  # type: ignore[attr-defined]
    answers = fresh(application).answers
    assert answers["lot_number"] == {"1": "L-27"}
    assert answers["harvest_year"] == {"1": "2026"}
    assert answers["storage_conditions"] == "Dry store"
    assert FOOD not in fresh(application).sections
    assert "L-27" in browser.get(page).content.decode()


def test_an_invalid_answer_for_one_line_leaves_the_other_lines_answer_alone(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter, answers={}, contract=make_concluded(exporter, make_foreign_member(), lines=2))
    page = address(application, f"questions/{FOOD}/")
    both = {"harvest_year__1": "2025", "harvest_year__2": "2026", "later": "1"}
    browser.post(page, both)
    browser.post(page, {**both, "harvest_year__1": "1066", "harvest_year__2": "2024"})
    assert fresh(application).answers["harvest_year"] == {"1": "2025", "2": "2024"}


def test_what_is_invalid_is_shown_again_with_its_message(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter, answers={})
    response = browser.post(address(application, f"questions/{FOOD}/"), {**FOOD_FORM, "harvest_year__1": "1066"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "1066" in page
    assert "L-26" in page
    assert fresh(application).answers["storage_conditions"] == "Dry store"


def test_a_section_that_is_not_asked_is_not_there(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter, chosen={ORIGIN: False})
    assert browser.get(address(application, f"questions/{ORIGIN}/")).status_code == 404


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7" + b"0" * MAX_FILE, "larger than 5 MB; scan it at a lower resolution"),
        (b"MZ\x90\x00 a program", "not a PDF, JPEG or PNG; save it as one of these"),
        (b"", "The file is empty; choose another"),
    ],
    ids=["too large", "wrong type", "empty"],
)
def test_a_file_that_cannot_be_taken_is_refused_with_how_to_mend_it(
    browser: Client, exporter: Member, content: bytes, says: str
) -> None:
    """S7.4. What the browser calls the file counts for nothing."""
    application = make_filled(exporter)
    upload = SimpleUploadedFile("report.pdf", content, content_type="application/pdf")
    response = browser.post(address(application, f"questions/{FOOD}/"), {**FOOD_FORM, REPORT: upload})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Attachment.objects.exists()


def test_a_file_is_kept_replaced_and_its_name_is_only_text(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter)
    page = address(application, f"questions/{FOOD}/")
    browser.post(page, {**FOOD_FORM, REPORT: SimpleUploadedFile("first.pdf", PDF)})
    first = Attachment.objects.get()
    browser.post(page, {**FOOD_FORM, REPORT: SimpleUploadedFile("<b>second.png", b"\x89PNG\r\n\x1a\n 2")})
    second = Attachment.objects.select_related("document").get()
    assert (second.pk, second.name, second.document.media_type) == (first.pk, "<b>second.png", "image/png")
    shown = browser.get(page).content.decode()
    assert "&lt;b&gt;second.png" in shown
    assert "<b>second.png" not in shown
    assert browser.get(f"/documents/{second.document.reference}/").status_code == 200
    assert browser_of(make_member()).get(f"/documents/{second.document.reference}/").status_code == 404


def test_a_good_file_is_kept_and_not_blamed_when_another_answer_is_wrong(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter)
    form = {**FOOD_FORM, "harvest_year__1": "1066", REPORT: SimpleUploadedFile("report.pdf", PDF)}
    response = browser.post(address(application, f"questions/{FOOD}/"), form)
    assert response.status_code == 422
    assert "not a PDF" not in response.content.decode()
    assert Attachment.objects.get().name == "report.pdf"


# ------------------------------------------------------------------------------------------------ promotion


def test_the_promotion_note_is_asked_for_non_oil_goods_and_not_for_oil(browser: Client, exporter: Member) -> None:
    """P10.3.3(4), EXP-305."""
    nuts = make_filled(exporter, promotion={})
    assert "promotion/" in browser.get(address(nuts)).content.decode()
    contract = make_concluded(exporter, make_foreign_member())
    contract.lines.update(hs="271019")
    oil = make_begun(exporter, contract=contract)
    assert "promotion/" not in browser.get(address(oil)).content.decode()
    assert not rules.carries_promotion(oil.lines, NOW.date())
    assert rules.carries_promotion([*oil.lines, *nuts.lines], NOW.date())


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Say whether you ask for the export promotion payment"),
        ({"requested": "yes", "bank": "Bank"}, "Enter the IBAN"),
        ({"requested": "yes", "iban": "AZ21NABZ00000000137010001944"}, "Enter the name of the bank"),
        ({"requested": "yes", "bank": "Bank", "iban": "AZ22NABZ00000000137010001944"}, "not an IBAN"),
        ({"requested": "yes", "bank": "Bank", "iban": "AZ21 0000"}, "not an IBAN"),
        ({"requested": "yes", "bank": "Bank", "iban": "DE89370400440532013000"}, "begins with AZ"),
    ],
)
def test_a_note_that_cannot_be_paid_on_is_refused(
    browser: Client, exporter: Member, form: dict[str, str], says: str
) -> None:
    application = make_filled(exporter, promotion={})
    response = browser.post(address(application, "promotion/"), form)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert fresh(application).promotion == {}


def test_the_note_is_kept_with_its_iban_in_one_piece(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter, promotion={})
    form = {"requested": "yes", "bank": "Kapital Bank", "iban": "az21 nabz 0000 0000 1370 1000 1944"}
    assert browser.post(address(application, "promotion/"), form).status_code == 302
    assert fresh(application).promotion["iban"] == "AZ21NABZ00000000137010001944"
    browser.post(address(application, "promotion/"), {"requested": "no", "iban": form["iban"]})
    assert fresh(application).promotion == {"requested": False}


# ------------------------------------------------------------------------------------------------ deleting, copying


def test_a_deleted_draft_is_gone_for_everybody_but_the_log(browser: Client, exporter: Member) -> None:
    application = make_filled(exporter)
    assert "Do you want to delete" in browser.get(address(application, "delete/")).content.decode()
    assert browser.post(address(application, "delete/")).url == "/applications/"  # type: ignore[attr-defined]
    assert browser.get(address(application)).status_code == 404
    browser.get("/applications/")
    assert application.reference not in browser.get("/applications/").content.decode()
    assert "application.abandoned" in [event.name for event in history([application.reference])]


def test_what_is_submitted_cannot_be_deleted_or_changed(browser: Client, exporter: Member) -> None:
    application = make_submitted(exporter)
    for page in ("delete/", "goods/", "permits/", "promotion/", "check/", "reopen/"):
        assert browser.post(address(application, page)).status_code == 409
    with pytest.raises(IllegalTransition):
        actions.answer(application, section=FOOD, answers={}, files={}, finished=True, by=exporter, now=NOW)


def test_an_earlier_application_is_copied_with_its_answers_and_asks_to_be_checked_again(
    browser: Client, exporter: Member
) -> None:
    earlier = make_submitted(exporter)
    contract = earlier.operation.contract
    assert earlier.reference in browser.get("/applications/new/").content.decode()
    browser.post("/applications/new/", {"contract": contract.reference, "copy_of": earlier.reference})
    copy = Application.objects.latest("id")
    assert (copy.copied_from, copy.answers, copy.chosen, copy.promotion) == (
        earlier, earlier.answers, earlier.chosen, earlier.promotion,
    )  # fmt: skip
    assert (copy.lines_confirmed, copy.permits_confirmed, copy.sections, copy.status) == (False, False, [], "drafted")


def test_nobody_copies_another_organisations_application(exporter: Member) -> None:
    earlier, other = make_submitted(exporter), make_member()
    contract = make_concluded(other, make_foreign_member())
    form = {"contract": contract.reference, "copy_of": earlier.reference}
    assert browser_of(other).post("/applications/new/", form).status_code == 404
