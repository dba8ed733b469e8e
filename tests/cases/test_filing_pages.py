"""The pages of applying for a service, in both languages (S4.4, S6.1.3, S6.3, S7.1, S7.2, S7.4)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.cases.actions import filings as actions
from azexport.cases.filings.plan import Plan, may_apply, runs_alone
from azexport.cases.models import Filing
from azexport.documents import queries as documents
from azexport.parties.models import Member
from azexport.services import queries as regulations
from tests.factories import filings as factory
from tests.factories import papers, services
from tests.factories.cases import office
from tests.factories.parties import make_citizen, make_head, make_member, make_officer, sign_in

pytestmark = pytest.mark.django_db
NOW = factory.NOW


@pytest.fixture
def leyla() -> Member:
    return make_member()


@pytest.fixture
def browser(leyla: Member) -> Client:
    return browser_of(leyla)


def browser_of(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def deed() -> SimpleUploadedFile:
    return SimpleUploadedFile("deed.pdf", factory.PDF)


# ------------------------------------------------------------------------------------------------ the start page


def test_the_start_page_says_everything_before_one_begins() -> None:
    """S7.1: exact list of documents, term, fee, result; open to everybody."""
    factory.load_tea()
    page = shown(Client(), "/apply/tea-licence/")
    for text in ("Licence of a tea garden (az)", "4 iş günü", "Ödənişsiz", "Deed of the land (az)", "VÖEN"):
        assert text in page
    assert "/sign-in/?next=/apply/tea-licence/" in page


def test_who_is_signed_in_sees_what_the_registers_say_and_begins(browser: Client, leyla: Member) -> None:
    """S6.1.1, S7.2: shown, not asked."""
    factory.load_tea()
    assert str(leyla.organisation.voen) in shown(browser, "/apply/tea-licence/")
    answer = browser.post("/apply/tea-licence/")
    filing = Filing.objects.get()
    assert answer.headers["Location"] == f"/filings/{filing.reference}/"
    assert filing.reference in shown(browser, "/apply/tea-licence/")


def test_who_is_not_admitted_is_told_so_clearly(leyla: Member) -> None:
    """2.3 of S-A1."""
    factory.load_tea(provision__users=["natural"])
    browser = browser_of(leyla)
    assert "its regulation admits natural persons" in shown(browser, "/apply/tea-licence/")
    answer = browser.post("/apply/tea-licence/")
    assert answer.status_code == 403
    assert "its regulation admits natural persons" in answer.content.decode()
    assert browser_of(make_citizen()).post("/apply/tea-licence/").status_code == 302


def test_nobody_begins_without_signing_in() -> None:
    """S4.4: interactive services need identification."""
    factory.load_tea()
    assert Client().post("/apply/tea-licence/").headers["Location"] == "/sign-in/?next=/apply/tea-licence/"
    assert not Filing.objects.exists()


def test_a_document_of_the_export_leads_to_the_unified_application(browser: Client) -> None:
    """P4.1.4: one application for everything that goods need."""
    services.load()
    office("honey-office")
    page = shown(browser, "/apply/honey-seal/")
    assert 'href="/applications/"' in page
    browser.post("/apply/honey-seal/")
    assert not Filing.objects.exists()


def test_an_unknown_service_is_not_there(browser: Client) -> None:
    shown(browser, "/apply/no-such-service/", 404)


def test_an_informational_service_is_used_where_it_runs() -> None:
    """S4.3: no identification, no application."""
    answer = Client().get("/apply/promotion-calculator/")
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert answer.headers["Location"] == "/calculators/promotion-calculator/"


# ------------------------------------------------------------------------------------------------ the form


def test_one_goes_from_task_to_task_to_the_receipt(browser: Client, leyla: Member) -> None:
    """The whole way, as a person goes it."""
    factory.load_tea()
    browser.post("/apply/tea-licence/")
    here = f"/filings/{Filing.objects.get().reference}/"
    assert "You have completed 0 of 3 tasks" in shown(browser, here)
    first = shown(browser, f"{here}tasks/place/")
    assert leyla.organisation.name["en"] in first  # filled in from the register
    assert "Law on Tea, 2" in first  # why it is asked
    browser.post(f"{here}tasks/place/", {"house": "Tea house", "hectares": "12.5", "file__deed": deed()})
    # "Yes" brings up another question: the same page asks on.
    answer = browser.post(f"{here}tasks/growing/", {"organic": "true"})
    assert answer.headers["Location"] == f"{here}tasks/growing/"
    assert "Who certified it?" in shown(browser, f"{here}tasks/growing/")
    browser.post(f"{here}tasks/growing/", {"organic": "true", "certifier": "BioCert"})
    answer = browser.post(f"{here}tasks/sale/", {"markets": ["az", "de"], "true": "on"})
    assert answer.headers["Location"] == f"{here}check/"
    page = shown(browser, f"{here}check/")
    for text in ("Tea house", "12.5", "BioCert", "Azerbaijan, Germany", "Confirmed", "deed.pdf"):
        assert text in page
    assert page.count("Change<span") == 8
    answer = browser.post(f"{here}check/")
    filing = Filing.objects.get()
    assert answer.headers["Location"] == f"/papers/{filing.paper}/"
    assert f"/papers/{filing.paper}/" in shown(browser, here)
    papers.signed(documents.paper(filing.paper), now=timezone.now())
    filing = factory.fresh(filing)
    assert filing.case is not None
    receipt = shown(browser, f"{here}submitted/")
    assert filing.case.reference in receipt
    assert browser.get(here).headers["Location"] == f"{here}submitted/"
    assert filing.case.reference in shown(browser, "/filings/")


def test_what_is_valid_is_kept_where_something_else_is_not(browser: Client, leyla: Member) -> None:
    """S7.4: told what is wrong, and nothing is lost, the file included."""
    filing = factory.make_filing(leyla)
    here = f"/filings/{filing.reference}/tasks/place/"
    answer = browser.post(here, {"house": "Tea house", "hectares": "many", "file__deed": deed()})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="many"' in page
    assert "Attached: deed.pdf" in page
    filing = factory.fresh(filing)
    assert filing.answers == {"house": "Tea house"}
    assert not Plan(filing).complete(Plan(filing).tasks[0])
    assert browser.post(here, {"house": "Tea house", "hectares": "3"}).status_code == 302


def test_one_may_stop_and_come_back(browser: Client, leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    here = f"/filings/{filing.reference}/"
    assert browser.post(f"{here}tasks/place/", {"hectares": "3", "later": "1"}).headers["Location"] == here
    page = shown(browser, here)
    assert "Your answers are saved" in page
    assert "In progress" in page
    assert 'value="3"' in shown(browser, f"{here}tasks/place/")


def test_numbers_come_back_as_the_pages_language_writes_them(leyla: Member) -> None:
    """12.500 hectares stay twelve and a half in Azerbaijani, where a point groups thousands."""
    filing = factory.make_filled(leyla, answers={**factory.ANSWERS, "hectares": "12.500"})
    browser = browser_of(leyla, "az")
    here = f"/filings/{filing.reference}/tasks/place/"
    assert 'value="12,500"' in shown(browser, here)
    browser.post(here, {"house": "Tea house", "hectares": "12,500"})
    assert factory.fresh(filing).answers["hectares"] == "12.500"


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"MZ a program", "The file is none of these: PDF, JPEG, PNG"), (b"", "The file is empty"),
     (b"%PDF-" + b"0" * (10 * 1024 * 1024), "larger than 10 MB")],
    ids=["a program", "empty", "too large"],
)  # fmt: skip
def test_a_poor_file_is_refused_with_how_to_mend_it(
    browser: Client, leyla: Member, content: bytes, message: str
) -> None:
    """S7.4."""
    filing = factory.make_filing(leyla)
    answer = browser.post(
        f"/filings/{filing.reference}/tasks/place/",
        {"house": "x", "hectares": "3", "file__deed": SimpleUploadedFile("deed.pdf", content)},
    )
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not filing.documents.exists()


def test_a_file_that_need_not_be_there_can_be_taken_away(browser: Client, leyla: Member) -> None:
    filing = factory.make_filled(leyla)
    here = f"/filings/{filing.reference}/tasks/growing/"
    answers = {"organic": "true", "certifier": "BioCert"}
    browser.post(here, {**answers, "report": SimpleUploadedFile("soil.pdf", factory.PDF)})
    assert "Remove the attached file soil.pdf" in shown(browser, here)
    browser.post(here, {**answers, "remove__answers.report": "on"})
    assert [one.item for one in filing.documents.all()] == ["deed"]
    # What the regulation requires can only be replaced.
    assert "Remove the attached file" not in shown(browser, f"/filings/{filing.reference}/tasks/place/")


def test_a_broken_check_stands_beside_its_question(browser: Client, leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    actions.answer(filing, task="place", answers={"hectares": "1"}, files={}, finished=True, by=leyla, now=NOW)
    answer = browser.post(f"/filings/{filing.reference}/tasks/sale/", {"markets": ["de"], "true": "on"})
    assert answer.status_code == 422
    assert "A small garden sells in Azerbaijan only" in answer.content.decode()
    assert factory.fresh(filing).answers["markets"] == ["de"]


def test_a_task_that_asks_nothing_any_more_leads_back(browser: Client, leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    answer = browser.get(f"/filings/{filing.reference}/tasks/no-such-task/")
    assert answer.headers["Location"] == f"/filings/{filing.reference}/"


def test_an_unfinished_application_says_what_is_missing_and_where(browser: Client, leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    answer = browser.post(f"/filings/{filing.reference}/check/")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Complete “Where it is”." in page
    assert f'href="/filings/{filing.reference}/tasks/place/"' in page


def test_a_changed_regulation_is_gone_on_under(browser: Client, leyla: Member) -> None:
    filing = factory.make_filled(leyla)
    factory.load_tea(version=2, general__content=services.words("Other."))
    here = f"/filings/{filing.reference}/"
    assert "The regulation of this service has changed" in shown(browser, here)
    assert browser.post(f"{here}renew/").status_code == 302
    assert "has changed since you began" not in shown(browser, here)


def test_a_bodys_officer_sends_it_to_the_head_who_signs(leyla: Member) -> None:
    """S12.2."""
    row = factory.load_tea(provision__users=["state"])
    officer, head = make_officer("tax-tower"), make_head("tax-tower")
    filing = factory.make_filled(officer, row)
    here = f"/filings/{filing.reference}/"
    assert "Send to the head" in shown(browser_of(officer), f"{here}check/")
    assert browser_of(officer).post(f"{here}check/").headers["Location"] == here
    assert "The head has been asked to sign" in shown(browser_of(officer), here)
    heads = browser_of(head)
    assert heads.get(here).headers["Location"] == f"{here}check/"
    assert "Continue to signing" in shown(heads, f"{here}check/")
    assert heads.post(f"{here}check/").headers["Location"].startswith("/papers/")


def test_what_waits_for_a_signature_can_be_taken_back(browser: Client, leyla: Member) -> None:
    filing = factory.make_frozen(leyla)
    here = f"/filings/{filing.reference}/"
    assert "Go to signing" in shown(browser, here)
    colleague = browser_of(make_member(organisation=leyla.organisation))
    assert "waits for the signature of" in shown(colleague, here)
    assert browser.get(f"{here}check/").headers["Location"] == here
    assert browser.post(f"{here}reopen/").headers["Location"] == here
    assert "You can change your answers again" in shown(browser, here)


def test_a_draft_is_deleted_only_when_it_is_meant(browser: Client, leyla: Member) -> None:
    filing = factory.make_filing(leyla)
    here = f"/filings/{filing.reference}/"
    assert "Delete this draft?" in shown(browser, f"{here}abandon/")
    assert browser.post(f"{here}abandon/").headers["Location"] == "/filings/"
    shown(browser, here, 404)


def test_one_applies_again_with_the_same_answers(browser: Client, leyla: Member) -> None:
    sent = factory.make_submitted(leyla)
    answer = browser.post(f"/filings/{sent.reference}/copy/")
    copy = Filing.objects.latest("id")
    assert answer.headers["Location"] == f"/filings/{copy.reference}/"
    assert copy.answers["house"] == sent.answers["house"]
    assert f"Copy {sent.reference}" in shown(browser, "/apply/tea-licence/")


PAGES = ("", "tasks/place/", "check/", "submitted/", "abandon/")


@pytest.mark.parametrize("page", PAGES)
def test_an_application_is_nobody_elses(leyla: Member, page: str) -> None:
    """S7.1: operations and personal data are protected."""
    here = f"/filings/{factory.make_filled(leyla).reference}/{page}"
    shown(browser_of(make_member()), here, 404)
    assert Client().get(here).status_code == 302


@pytest.mark.parametrize("move", ["reopen/", "renew/", "copy/", "abandon/"])
def test_nobody_else_moves_it(leyla: Member, move: str) -> None:
    filing = factory.make_filled(leyla)
    assert browser_of(make_member()).post(f"/filings/{filing.reference}/{move}").status_code == 404
    assert factory.fresh(filing).status == "drafted"


@pytest.mark.parametrize("page", ["tasks/place/", "abandon/"])
def test_what_is_sent_is_not_drawn_up_any_more(browser: Client, leyla: Member, page: str) -> None:
    shown(browser, f"/filings/{factory.make_submitted(leyla).reference}/{page}", 409)


KINDS = [
    {"id": "crop", "kind": "goods", "label": services.words("What do you grow?"), "why": services.words("1")},
    {"id": "buyer", "kind": "party", "label": services.words("Who buys it?"), "why": services.words("1")},
    {"id": "picked", "kind": "date", "label": services.words("Picked on"), "why": services.words("1")},
    {"id": "land", "kind": "country", "label": services.words("Grown in"), "why": services.words("1")},
    {"id": "leaf", "kind": "hs", "label": services.words("Code of the leaf"), "why": services.words("1")},
    {"id": "worth", "kind": "money", "currency": "AZN", "label": services.words("Worth"), "why": services.words("1")},
]
SENT = {
    "crop-rows": "3", "crop-0-hs": "090230", "crop-0-description": "Black tea", "crop-0-quantity": "1000.5",
    "crop-0-unit": "KGM", "crop-0-net_kg": "1000.5", "buyer_name": "Weber", "buyer_country": "DE",
    "buyer_address": "Hamburg", "picked": "2026-05-01", "land": "AZ", "leaf": "0902.30", "worth": "12500.00",
}  # fmt: skip


def test_every_kind_of_question_is_asked_kept_shown_and_sent(browser: Client, leyla: Member) -> None:
    """S-A1 2.6, note 1: tables of goods, parties, HS codes, countries, dates and money, without a script."""
    row = factory.load_tea(
        provision__questions=KINDS, provision__sections=[], provision__checks=[], provision__documents=[]
    )
    filing = factory.make_filing(leyla, row)
    here = f"/filings/{filing.reference}/tasks/application/"
    page = shown(browser, here)
    names = {name for name in SENT if f'name="{name}"' not in page}
    assert names == set()
    more = browser.post(here, {**SENT, "crop-more": "1"})
    assert more.status_code == 200
    assert "Black tea" in more.content.decode()
    done = browser.post(here, SENT)
    assert done.status_code == 302
    assert done.headers["Location"] == f"/filings/{filing.reference}/check/"
    answers = factory.fresh(filing).answers
    assert answers["crop"][0]["quantity"] == "1000.5"
    assert answers["buyer"] == {"name": "Weber", "country": "DE", "address": "Hamburg"}
    assert (answers["picked"], answers["leaf"], answers["worth"]) == ("2026-05-01", "090230", "12500.00")
    page = shown(browser, f"/filings/{filing.reference}/check/")
    for text in ("0902.30 Black tea", "Weber, Germany, Hamburg", "1 May 2026", "Azerbaijan", "12,500.00"):
        assert text in page
    again = shown(browser, here)
    assert "Black tea" in again
    case = factory.signed(actions.freeze(factory.fresh(filing), by=leyla, now=NOW)).case
    assert case is not None
    assert case.answers == answers


def test_every_service_that_ships_can_be_begun_and_asks_in_both_languages() -> None:
    """S4.4: what the regulation asks is the form, whoever wrote it."""
    people = [make_member(), make_citizen(), make_head("tax-tower")]
    for one in participants_of_the_regulations():
        office(one)
    begun = 0
    for row in regulations.in_force(NOW.date()):
        if not runs_alone(row.regulation):
            continue
        member = next(one for one in people if may_apply(one.organisation, row.regulation))
        filing = actions.start(regulation=row, by=member, now=NOW)
        begun += 1
        for language in ("az", "en"):
            browser = browser_of(member, language)
            shown(browser, f"/apply/{row.service}/")
            shown(browser, f"/filings/{filing.reference}/")
            for page in Plan(filing).tasks:
                shown(browser, f"/filings/{filing.reference}/tasks/{page.id}/")
    assert begun >= 8


def participants_of_the_regulations() -> set[str]:
    rows = [row.regulation for row in regulations.in_force(NOW.date())]
    return {row.provider for row in rows} | {
        known.register_.participant for row in rows for known in row.provision.known_documents if known.register_
    }


# ------------------------------------------------------------------------------------------------ the history of use


def test_the_history_of_use_shows_drafts_and_cases_a_page_at_a_time(browser: Client, leyla: Member) -> None:
    """S6.1.3."""
    row = factory.load_tea()
    assert "Nothing here yet" in shown(browser, "/filings/")
    sent = factory.make_submitted(leyla, row)
    drafts = [factory.make_filing(leyla, row).reference for _number in range(21)]
    assert sent.case is not None
    page = shown(browser, "/filings/")
    assert drafts[-1] in page
    assert sent.case.reference not in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert sent.case.reference in shown(browser, following)
    assert drafts[-1] not in shown(browser, "/filings/?show=sent")
    assert sent.case.reference in shown(browser, "/filings/?show=sent")
    assert sent.case.reference not in shown(browser, "/filings/?show=drafts")


def statements(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory is there
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_list_costs_the_same_for_one_and_for_three(browser: Client, leyla: Member) -> None:
    row = factory.load_tea()
    factory.make_submitted(leyla, row)
    one = statements(browser, "/filings/")
    factory.make_submitted(leyla, row)
    factory.make_submitted(leyla, row)
    assert statements(browser, "/filings/") == one <= 8


def test_the_task_list_and_the_check_cost_few_statements(browser: Client, leyla: Member) -> None:
    filing = factory.make_filled(leyla)
    assert statements(browser, f"/filings/{filing.reference}/") <= 9
    assert statements(browser, f"/filings/{filing.reference}/check/") <= 9


@pytest.mark.parametrize("language", ["az", "en"])
def test_every_page_speaks_the_chosen_language(leyla: Member, language: str) -> None:
    row = factory.load_tea()
    draft, sent, waiting = (make(leyla, row) for make in
                            (factory.make_filled, factory.make_submitted, factory.make_frozen))  # fmt: skip
    browser = browser_of(leyla, language)
    words = {"az": "Xidmətlərim", "en": "My services"}
    assert words[language] in shown(browser, "/filings/")
    for address in (
        "/apply/tea-licence/", f"/filings/{draft.reference}/", f"/filings/{draft.reference}/tasks/place/",
        f"/filings/{draft.reference}/check/", f"/filings/{draft.reference}/abandon/",
        f"/filings/{waiting.reference}/", f"/filings/{sent.reference}/submitted/",
    ):  # fmt: skip
        page = shown(browser, address)
        assert f'<html lang="{language}"' in page
        assert ("(az)" in page) == (language == "az"), address
