"""A draft as a file, what it changes, and its form tried out (S9.1, S9.7)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services import files
from azexport.services.actions import drafts
from azexport.services.blank import blank
from azexport.services.editor import differences
from azexport.services.editor.differences import marked
from azexport.services.editor.incomplete import faults_of, regulation_of
from azexport.services.editor.preview import clauses
from azexport.services.models import RegulationDraft
from azexport.services.schema import Regulation
from tests.factories import services
from tests.factories.drafts import make_draft
from tests.factories.parties import make_officer, sign_in
from tests.factories.services import NOW, honey, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Member:
    return make_officer("honey-office")


@pytest.fixture
def draft(officer: Member) -> RegulationDraft:
    return make_draft(by=officer)


@pytest.fixture
def client(officer: Member) -> Client:
    client = sign_in(Client(), officer)
    client.cookies["language"] = "en"
    return client


def home(draft: RegulationDraft) -> str:
    return f"/drafts/{draft.reference}/edit/"


def content_of(draft: RegulationDraft) -> dict[str, Any]:
    content: dict[str, Any] = RegulationDraft.objects.get(pk=draft.pk).content
    return content


# ---------------------------------------------------------------- as a file


def test_the_text_is_written_as_a_file_and_its_faults_bear_lines_and_clauses(
    client: Client, draft: RegulationDraft
) -> None:
    page = client.get(f"{home(draft)}yaml/")
    text = page.context["text"].replace("working_days: 4", "working_days: four")
    checked = client.post(f"{home(draft)}yaml/check/", {"text": text}).content.decode()
    line = next(number for number, one in enumerate(text.split("\n"), 1) if "working_days: four" in one)
    assert f"Line {line}<" in checked
    assert "Must be a whole number (clause 1.7)" in checked
    assert content_of(draft) == draft.content

    saved = client.post(f"{home(draft)}yaml/", {"text": text, "was": page.context["was"]})
    assert saved.status_code == 302
    assert content_of(draft)["general"]["term"]["working_days"] == "four"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("general: [", "Not YAML"),
        ("- a\n- b", "must have the parts"),
        ("general: text", "must have the parts"),
        ("general: {name: .nan}", "neither text nor number"),
        ("a: 1\na: 2", "stands here twice"),
    ],
)
def test_what_cannot_be_kept_at_all_stays_in_the_field(
    client: Client, draft: RegulationDraft, text: str, told: str
) -> None:
    was = client.get(f"{home(draft)}yaml/").context["was"]
    response = client.post(f"{home(draft)}yaml/", {"text": text, "was": was})
    assert response.status_code == 422
    assert told in response.content.decode()
    assert response.context["text"] == text
    assert content_of(draft) == draft.content


def test_the_id_and_the_body_of_a_draft_are_not_written_by_anybody(client: Client, draft: RegulationDraft) -> None:
    page = client.get(f"{home(draft)}yaml/")
    text = page.context["text"].replace("honey-office", "wax-office").replace("id: honey-seal", "id: wax-seal")
    client.post(f"{home(draft)}yaml/", {"text": text, "was": page.context["was"]})
    assert content_of(draft)["general"]["provider"] == "honey-office"
    assert content_of(draft)["id"] == draft.service


def test_a_file_is_taken_in_seen_and_only_then_saved(client: Client, draft: RegulationDraft) -> None:
    other = files.dump(honey(general__content=words("Out of a file.")))
    chosen = SimpleUploadedFile("honey.yaml", other.encode())
    page = client.post(f"{home(draft)}yaml/", {"import": "1", "file": chosen})
    assert "honey.yaml stands below" in page.content.decode()
    assert content_of(draft) == draft.content
    client.post(f"{home(draft)}yaml/", {"text": page.context["text"], "was": page.context["was"]})
    assert content_of(draft)["general"]["content"] == words("Out of a file.")


@pytest.mark.parametrize(
    ("content", "told"), [(None, "Choose a file"), (b"\xff\xfe\x00x", "not a text in UTF-8"), (b"", "empty")]
)
def test_a_file_that_is_none_is_refused(
    client: Client, draft: RegulationDraft, content: bytes | None, told: str
) -> None:
    chosen = {} if content is None else {"file": SimpleUploadedFile("x.yaml", content)}
    response = client.post(f"{home(draft)}yaml/", {"import": "1", "text": "mine: 1", **chosen})
    assert response.status_code == 422
    assert told in response.content.decode()
    assert response.context["text"] == "mine: 1"


def test_the_file_can_be_taken_away_and_is_the_text(client: Client, draft: RegulationDraft) -> None:
    response = client.get(f"{home(draft)}yaml/file/")
    assert response["Content-Disposition"] == f'attachment; filename="{draft.service}.yaml"'
    assert files.parse(response.content.decode()) == Regulation.model_validate(draft.content)


def test_two_who_write_the_file_at_once_see_both_texts(client: Client, officer: Member, draft: RegulationDraft) -> None:
    page = client.get(f"{home(draft)}yaml/")
    changed = honey(general__content=words("Of somebody else."))
    drafts.change(draft=draft, content=changed, changes=draft.changes, by=officer, now=NOW)
    response = client.post(f"{home(draft)}yaml/", {"text": "general: {}", "was": page.context["was"]})
    assert response.status_code == 409
    assert response.context["text"] == "general: {}"
    assert "Of somebody else." in response.context["theirs"]
    assert content_of(draft)["general"]["content"] == words("Of somebody else.")


def test_the_file_stands_in_the_order_of_the_model_form(client: Client, draft: RegulationDraft) -> None:
    text = client.get(f"{home(draft)}yaml/").context["text"]
    places = [text.index(one) for one in ("\ngeneral:", "  name:", "  legal_basis:", "\nprovision:", "\nprocedures:")]
    assert places == sorted(places)


# ---------------------------------------------------------------- what it changes


def test_a_new_version_is_compared_clause_by_clause_and_in_the_form(client: Client, officer: Member) -> None:
    row = services.load()
    assert officer.participant is not None
    draft = drafts.start(participant=officer.participant, based_on=row, by=officer, now=NOW)
    text = draft.content
    text["general"]["content"] = words("Says that honey is good honey.")
    text["provision"]["questions"][0]["required"] = False
    del text["provision"]["documents"][0]
    draft = drafts.change(draft=draft, content=text, changes=draft.changes, by=officer, now=NOW)

    page = client.get(f"{home(draft)}differences/").content.decode()
    assert re.search(r"<ins>.*good", page)
    assert re.search(r"<del>.*Photo of the hives", page, re.S)
    found = differences(row.regulation, draft.content, "en")
    assert [one.number for one in found.clauses if one.number in ("1.2", "2.6.2", "1.1", "3.6.1")] == ["1.2", "2.6.2"]
    assert {(one.kind, one.what, one.name) for one in found.form} == {
        ("changed", "Question", "How many hives?"), ("removed", "Document", "Photo of the hives"),
    }  # fmt: skip
    changed = next(one for one in found.form if one.kind == "changed")
    assert changed.details == (("Must be answered", "Yes", "No"),)
    assert [one.number for one in differences(row.regulation, draft.content, "az").clauses] == [
        one.number for one in found.clauses
    ]


def test_a_question_that_moves_comes_or_goes_is_told() -> None:
    old, new = honey(), honey()
    questions = new["provision"]["questions"]
    questions.append(questions.pop(0) | {"when": None})
    questions.append({"id": "more", "kind": "text", "label": words("More?"), "why": words("Law")})
    found = differences(old, new, "az")
    assert [(one.kind, one.name) for one in found.form] == [("moved", "How many hives? (az)"), ("added", "More? (az)")]


def test_the_same_text_changes_nothing() -> None:
    assert not differences(honey(), honey(), "en")


def test_words_are_marked_whole_and_both_texts_can_be_read_out_of_the_marks() -> None:
    old, new = "Rüsum 5 manatdır, dərhal ödənilir.", "Rüsum 7 manatdır, sonra ödənilir."
    pieces = marked(old, new)
    assert "".join(one.text for one in pieces if one.operation != "added") == old
    assert "".join(one.text for one in pieces if one.operation != "removed") == new
    assert [one.text for one in pieces if one.operation == "added"] == ["7", "sonra"]


def test_a_new_service_has_nothing_to_be_compared_with(client: Client, draft: RegulationDraft) -> None:
    assert "no version in force to compare with" in client.get(f"{home(draft)}differences/").content.decode()


# ---------------------------------------------------------------- shown while incomplete


def test_a_blank_text_can_be_shown_and_says_what_is_not_written() -> None:
    texts = {one.number: one.lines for one in clauses(regulation_of(blank()), "en")}
    assert texts["1.1"] == ["[not written yet]"]
    assert texts["1.2"] == ["[not written yet]"]
    assert texts["3.6.1"][0].startswith("The user may complain")


@pytest.mark.parametrize(
    "broken",
    [
        {}, {"general": {"term": "x", "legal_basis": [None, 3]}}, {"provision": {"questions": [{"id": 5}, "x"]}},
        {"procedures": {"steps": [{"after": "x"}, {"working_days": "y"}]}}, {"provision": {"fee": {"amount": "lots"}}},
    ],
)  # fmt: skip
def test_whatever_stands_there_can_be_shown(client: Client, draft: RegulationDraft, broken: dict[str, Any]) -> None:
    RegulationDraft.objects.filter(pk=draft.pk).update(content={**blank(), **broken})
    for address in ("", "name/", "basis/", "term/", "fee/", "questions/", "steps/", "form/", "yaml/"):
        assert client.get(home(draft) + address).status_code == 200, address


def test_a_complete_text_is_shown_as_it_is() -> None:
    assert regulation_of(honey()) == Regulation.model_validate(honey())
    assert faults_of(honey()) == []


# ---------------------------------------------------------------- tried out


def test_the_form_is_tried_out_with_its_conditions_and_stores_nothing(client: Client, draft: RegulationDraft) -> None:
    address = f"{home(draft)}form/"
    first = client.get(address)
    page = first.content.decode()
    assert "How many hives?" in page
    assert "Law on Honey, 10" in page
    assert "To how many degrees?" not in page

    sent = {"number": "0", "answers": "{}", "shown": list(first.context["step"].form.fields), "hives": "3",
            "heated": "true", "blossom": "acacia"}  # fmt: skip
    second = client.post(address, sent)
    assert second.status_code == 200
    assert "To how many degrees?" in second.content.decode()
    assert second.context["step"].number == 0
    shown = list(second.context["step"].form.fields)
    refused = client.post(address, sent | {"shown": shown, "temperature": "hot"})
    assert refused.status_code == 422

    end = client.post(address, sent | {"shown": shown, "temperature": "40", "which": "x"})
    text = end.content.decode()
    assert "Check your answers" in text
    assert "Acacia" in text
    assert RegulationDraft.objects.get(pk=draft.pk).changes == draft.changes


def test_a_condition_works_while_one_types(client: Client, draft: RegulationDraft) -> None:
    sent = {"number": "0", "answers": "{}", "hives": "3", "heated": "true"}
    response = client.post(f"{home(draft)}form/?reload", sent, headers={"HX-Request": "true"})
    text = response.content.decode()
    assert "To how many degrees?" in text
    assert "<html" not in text


@pytest.mark.parametrize("answers", ["[1]", "{", '{"hives": {"a": []}}', '{"heated": "x", "nobody": 1}'])
def test_whatever_travels_with_the_trial_is_taken_with_care(
    client: Client, draft: RegulationDraft, answers: str
) -> None:
    for number in ("0", "1", "99", "x", "-1"):
        response = client.post(f"{home(draft)}form/", {"number": number, "answers": answers, "back": "1"})
        assert response.status_code == 200, number
        response = client.post(f"{home(draft)}form/", {"number": number, "answers": answers})
        assert response.status_code in (200, 422), number


def test_checks_are_told_at_the_end_and_one_can_go_back(client: Client, draft: RegulationDraft) -> None:
    content = draft.content
    content["provision"]["checks"] = [
        {"id": "few", "condition": "answers.hives > 5.0", "message": both("Azdır", "Too few hives.")}
    ]
    RegulationDraft.objects.filter(pk=draft.pk).update(content=content)
    address = f"{home(draft)}form/"
    end = client.post(address, {"number": "1", "answers": '{"hives": "3"}'})
    assert "Too few hives." in end.content.decode()
    back = client.post(address, {"number": "1", "answers": '{"hives": "3"}', "back": "1"})
    assert back.context["step"].number == 0
    assert 'value="3"' in back.content.decode()


@pytest.mark.parametrize("written", ['"\\ud800"', "[a, b]", "7"])
def test_a_name_that_is_no_text_breaks_no_page(client: Client, draft: RegulationDraft, written: str) -> None:
    """S9.1: half a letter is not kept; a name of another kind than text is kept and told."""
    page = f"{home(draft)}yaml/"
    text = re.sub(r"(?m)^(  name:\n    az: ).*$", lambda found: found[1] + written, files.dump(draft.content), count=1)
    was = re.search(r'name="was" value="([^"]+)"', client.get(page).content.decode())
    assert was is not None

    answer = client.post(page, {"text": text, "was": was[1]})

    assert answer.status_code == (422 if "ud800" in written else 302)
    for shown in ("/drafts/", f"/drafts/{draft.reference}/", home(draft), page):
        assert client.get(shown).status_code == 200
