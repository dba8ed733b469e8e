"""The regulation for everybody: legal text in the order of the model form, PDF/A, schema, route; calculators and
informational text without signing in (S4.2-4.4, S5.1, S7.1, S8, S9.6, S9.8, S-A1; P10.3.2(4))."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone

from azexport.services import files, legal
from azexport.services.activities import ACTIVITIES
from azexport.services.models import RegulationVersion
from azexport.services.schema import Regulation
from tests.factories.participants import participant
from tests.factories.parties import make_member, sign_in
from tests.factories.registry import cancelled, registered
from tests.factories.services import CALCULATOR, honey, informational, load, load_all, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    """Anybody, in English."""
    client.cookies["language"] = "en"
    return client


def text_of(response: Any) -> str:
    """What the page says, without its tags."""
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&").split())


# ------------------------------------------------------------------------------------------- the legal text


def test_the_legal_text_stands_in_the_order_of_the_model_form() -> None:
    """S9.6, S-A1: 1.1 to 3.6.3, each heading in the law's words, and the form with why each thing is asked."""
    regulation = Regulation.model_validate(honey())
    written = legal.clauses(regulation, language="az", names={"honey-office": words("Honey Office")})

    assert [one.number for one in written] == [
        "1", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8",
        "2", "2.1", "2.2", "2.2.1", "2.3", "2.4", "2.5", "2.6", "2.6.1", "2.6.2",
        "3", "3.2", "3.2.1", "3.2.2", "3.3", "3.3.1", "3.3.2", "3.4", "3.4.1", "3.4.2", "3.4.3", "3.4.4",
        "3.5", "3.5.1", "3.5.2", "3.6", "3.6.1", "3.6.2", "3.6.3", "A",
    ]  # fmt: skip
    said = {one.number: one.text for one in written}
    assert said["1.4"] == "Honey Office (az)"
    assert said["1.7"].startswith("4 iş günü.")
    assert "7,50\xa0AZN" in said["2.2.1"]
    assert "Law on Honey, 13" in said["3.3.1"]
    assert "fərziyyə" in said["3.3.1"], "what no source confirms is marked"
    assert "How many hives? (az) | ədəd | Law on Honey, 10 (az)" in said["A"]
    assert "[şərt: destination == 'JP'" in said["2.6.2"]


def test_an_informational_service_is_always_open_and_has_no_request() -> None:
    """S4.3, S-A1 3.1"""
    regulation = Regulation.model_validate(informational(**CALCULATOR))
    said = {one.number: one.text for one in legal.clauses(regulation, language="en", names={})}

    assert said["3.1"] == "Always open."
    assert {"3.2", "3.3", "3.4"}.isdisjoint(said)
    assert said["2.1"] == "informational"
    assert said["1.7"].startswith("At once.")
    assert "Fee = answers.jars * 0.075" in said["A"]


def test_there_are_twenty_nine_fields_of_activity() -> None:
    """S3.1"""
    assert list(ACTIVITIES) == [f"3.1.{number}" for number in range(1, 30)]
    assert all(name["az"] and name["en"] for name in ACTIVITIES.values())


# ------------------------------------------------------------------------------------------- its pages


def test_anybody_reads_the_regulation_in_force_in_both_languages(reader: Client) -> None:
    """S9.8: published, open to the public."""
    participant("honey-office")
    row = load()

    page = reader.get("/regulations/honey-seal/")
    said = text_of(page)

    assert page.status_code == 200
    assert "Issue of the honey seal" in said
    assert "1.3. Legal basis of the e-service Law on Honey, 7" in said
    assert "3.6.3. Term for considering a complaint A month." in said
    assert "Use this service" in said
    assert 'href="/apply/honey-seal/"' in page.content.decode()
    assert row.label == "1"
    reader.cookies["language"] = "az"
    assert "1.3. Elektron xidmətin göstərilməsinin hüquqi əsası Law on Honey (az), 7" in text_of(
        reader.get("/regulations/honey-seal/")
    )


def test_every_version_keeps_its_address(reader: Client) -> None:
    """Open cases stay on the version they began with; so does its text."""
    load(valid_until="2026-12-31")
    load(valid_until="2026-12-31", general__content=words("Says that honey is really honey."))
    load(version=2, valid_from="2099-01-01")

    current = text_of(reader.get("/regulations/honey-seal/"))
    first, future = text_of(reader.get("/regulations/honey-seal/1/")), text_of(reader.get("/regulations/honey-seal/2/"))

    assert "Says that honey is really honey." in current
    assert "Says that honey is honey." in first
    assert "This is not the version in force." in first
    assert "This is not the version in force." in future
    assert "Use this service" not in future
    assert reader.get("/regulations/honey-seal/1.2/").status_code == 200
    for gone in ("3", "1.3", "0", "x", "1.1.1", "99999999999999999999"):
        assert reader.get(f"/regulations/honey-seal/{gone}/").status_code == 404
    assert reader.get("/regulations/wax-seal/").status_code == 404


def test_a_regulation_that_is_in_force_on_no_day_yet_says_so(reader: Client) -> None:
    load(valid_from="2099-01-01")

    assert "This regulation is not in force today." in text_of(reader.get("/regulations/honey-seal/"))


def test_the_text_is_printed_once_as_pdf_a_and_can_be_verified(reader: Client) -> None:
    from azexport.documents.models import Document

    row = load()

    first = reader.get("/regulations/honey-seal/regulation.pdf")
    again = reader.get("/regulations/honey-seal/1/regulation.pdf")

    assert first["Content-Type"] == "application/pdf"
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in first.content
    assert first.content == again.content
    [document] = Document.objects.filter(kind="regulation-text")
    assert document.code == legal.code_of(row.sha256)
    assert reader.get(f"/verify/{document.code}/").status_code == 200
    assert (
        reader.get("/regulations/honey-seal/regulation.pdf", headers={"If-None-Match": first["ETag"]}).status_code
        == 304
    )


def test_the_file_that_everything_is_made_from_is_open(reader: Client) -> None:
    load()

    source = reader.get("/regulations/honey-seal/regulation.yaml").content.decode()

    assert files.parse(source) == Regulation.model_validate(honey())


def test_the_form_is_published_for_programs(reader: Client) -> None:
    """S7.1: the forms are published, for machines too, with the mapping to a standard message where one is named."""
    mapping = [{"standard": "UN/CEFACT eCert", "fields": [{"from": "answers.hives", "element": "Quantity"}]}]
    load(procedures__messages=mapping)

    response = reader.get("/regulations/honey-seal/schema.json")
    schema = json.loads(response.content)
    page = text_of(reader.get("/regulations/honey-seal/"))

    assert response["Content-Type"] == "application/schema+json"
    assert schema["$id"] == "http://testserver/regulations/honey-seal/1/schema.json"
    assert schema["properties"]["answers"]["required"] == ["hives", "heated"]
    assert schema["x-messages"][0]["fields"] == [{"from": "answers.hives", "element": "Quantity"}]
    assert "Mapping to a standard message: UN/CEFACT eCert" in page
    assert "Quantity How many hives? answers.hives" in page


def test_the_route_is_drawn_in_the_pages_language(reader: Client) -> None:
    load()

    english = reader.get("/regulations/honey-seal/diagram.svg")
    reader.cookies["language"] = "az"
    azerbaijani = reader.get("/regulations/honey-seal/diagram.svg")

    assert english["Content-Type"] == "image/svg+xml"
    assert b">Tasting<" in english.content
    assert "2 iş günü" in azerbaijani.content.decode()
    assert english["ETag"] != azerbaijani["ETag"]
    assert english["Vary"] == "Cookie"


def test_public_pages_carry_validators(reader: Client) -> None:
    load_all(honey(), informational(**CALCULATOR))
    reader.get("/regulations/")
    for address in ("/regulations/", "/regulations/honey-seal/", "/calculators/honey-sum/?jars=2&heated=false",
                    "/regulations/honey-seal/schema.json", "/regulations/honey-seal/diagram.svg"):  # fmt: skip
        first = reader.get(address)
        again = reader.get(address, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304, address
    seen = reader.get("/regulations/honey-seal/")["ETag"]
    load(version=2)
    assert reader.get("/regulations/honey-seal/", headers={"If-None-Match": seen}).status_code == 200


def test_a_service_that_is_cancelled_shows_at_once_whoever_has_seen_its_pages(reader: Client) -> None:
    """S10.7: its regulation ends and no version is added, but whoever asks again must not hear that nothing changed."""
    load()
    entry = registered(now=timezone.now(), service="honey-seal")
    seen = {address: reader.get(address)["ETag"] for address in ("/regulations/", "/regulations/honey-seal/")}
    cancelled(entry, now=timezone.now())
    for address, tag in seen.items():
        assert reader.get(address, headers={"If-None-Match": tag}).status_code == 200, address


def test_who_is_signed_in_gets_pages_that_nobody_keeps() -> None:
    load()
    signed_in = sign_in(Client(), make_member())

    page = signed_in.get("/regulations/honey-seal/")

    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    assert "ETag" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(
    count: int, reader: Client, django_assert_max_num_queries: Any
) -> None:
    load_all(*[honey(id=f"seal-{number}", requirements=[]) for number in range(count)])
    with django_assert_max_num_queries(4):
        page = reader.get("/regulations/")

    assert text_of(page).count("Issue of the honey seal") == count


def test_without_regulations_the_list_says_so(reader: Client) -> None:
    RegulationVersion.objects.all().delete()

    assert "No regulation is in force" in text_of(reader.get("/regulations/"))


# ------------------------------------------------------------------------------------------- calculators and text


def test_a_calculator_is_open_to_all_and_says_what_the_result_rests_on(reader: Client) -> None:
    """S4.3: without identification; money is rounded half-up."""
    load_all(informational(**CALCULATOR))

    empty = text_of(reader.get("/calculators/honey-sum/"))
    page = reader.get("/calculators/honey-sum/", {"jars": "2", "heated": "true", "degrees": "40"})
    said = text_of(page)

    assert "How many jars?" in empty
    assert "To how many degrees?" not in empty, "it is asked for heated honey only"
    assert page.status_code == 200
    assert "Fee 0.15\xa0AZN".replace("\xa0", " ") in said.replace("\xa0", " ")
    assert "Share 2.5 per degree" in said
    assert "An estimate." in said
    assert "answers.jars * 0.075" in said
    assert "Law on Honey, 7" in said


def test_a_question_that_the_answers_lead_to_is_shown_and_not_yet_missed(reader: Client) -> None:
    load_all(informational(**CALCULATOR))

    page = reader.get("/calculators/honey-sum/", {"jars": "2", "heated": "true", "shown": "jars,heated"})
    said = text_of(page)

    assert page.status_code == 200
    assert "To how many degrees?" in said
    assert "There is a problem" not in said
    assert "Result" not in said
    assert 'value="2"' in page.content.decode(), "what was typed is still there"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"jars": "x", "heated": "false"}, "Enter a number"),
        ({"jars": "", "heated": "false"}, "Answer this question: How many jars?"),
        ({"jars": "3", "heated": "false"}, "Jars come in pairs."),
        ({"jars": "2000", "heated": "false"}, "less than or equal to 1000"),
        ({"jars": "2", "heated": "true"}, "Answer this question: To how many degrees?"),
    ],
)
def test_a_calculator_says_how_to_mend_a_poor_answer(given: dict[str, str], complaint: str, reader: Client) -> None:
    """S7.4"""
    load_all(informational(**CALCULATOR))

    page = reader.get("/calculators/honey-sum/", given)

    assert page.status_code == 422
    assert complaint in text_of(page)


def test_what_cannot_be_worked_out_is_said_and_breaks_nothing(reader: Client) -> None:
    load_all(informational(**CALCULATOR))

    said = text_of(reader.get("/calculators/honey-sum/", {"jars": "2", "heated": "true", "degrees": "0"}))

    assert "It cannot be worked out for these answers." in said


def test_a_program_calculates_too(reader: Client) -> None:
    load_all(informational(**CALCULATOR))
    asks = {"Accept": "application/json"}

    answer = reader.get("/calculators/honey-sum/", {"jars": "2", "heated": "false"}, headers=asks)
    refused = reader.get("/calculators/honey-sum/", {"jars": "3", "heated": "false"}, headers=asks)
    nothing = reader.get("/calculators/honey-sum/", headers=asks)

    assert answer.json()["outputs"][0] == {
        "id": "fee", "label": words("Fee"), "value": "0.15", "currency": "AZN", "unit": None,
        "formula": "answers.jars * 0.075",
    }  # fmt: skip
    assert answer.json()["outputs"][1]["value"] is None
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, "jars")
    assert nothing.status_code == 422


def test_only_calculators_are_calculators(reader: Client) -> None:
    load()

    assert reader.get("/calculators/honey-seal/").status_code == 404
    assert reader.get("/information/honey-seal/").status_code == 404
    assert reader.get("/calculators/nothing/").status_code == 404


def test_informational_text_is_open_to_all(reader: Client) -> None:
    """S4.3, P10.3.2(4)"""
    pages = {"az": "Bal haqqında.\n\nİkinci abzas.", "en": "About honey.\n\nA second paragraph."}
    load_all(informational(provision__questions=[], provision__pages=pages))

    page = reader.get("/information/honey-sum/")

    assert page.status_code == 200
    assert page.content.decode().count('<p class="govuk-body">A second paragraph.</p>') == 1
    assert "Law on Honey, 7" in text_of(page)
    assert 'href="/information/honey-sum/"' in reader.get("/regulations/honey-sum/").content.decode()


def test_what_ships_is_shown_printed_and_drawn(reader: Client) -> None:
    from pathlib import Path

    from azexport.kernel.actor import SYSTEM
    from azexport.services import actions
    from tests.factories.services import NOW

    shipped = actions.read_folder(Path(__file__).resolve().parent.parent.parent / "regulations")
    actions.load(regulations=shipped, by=SYSTEM, now=NOW)

    for one in shipped:
        for language in ("az", "en"):
            reader.cookies["language"] = language
            assert reader.get(f"/regulations/{one.id}/").status_code == 200
        assert reader.get(f"/regulations/{one.id}/diagram.svg").status_code == 200
        assert reader.get(f"/regulations/{one.id}/schema.json").status_code == 200
        assert yaml.safe_load(reader.get(f"/regulations/{one.id}/regulation.yaml").content)["id"] == one.id
