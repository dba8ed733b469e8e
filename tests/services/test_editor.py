"""Writing a regulation through its pages only: what is typed is what stands, and nothing typed is lost (S9.1, S-A1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from azexport.kernel.text import both
from azexport.parties.models import Member
from azexport.services import conformance
from azexport.services.actions import drafts
from azexport.services.blank import blank
from azexport.services.editor.parts import PARTS
from azexport.services.files import faults_of
from azexport.services.models import RegulationDraft
from azexport.services.schema import Regulation
from tests.factories.drafts import discussed, make_draft
from tests.factories.parties import make_citizen, make_officer, sign_in
from tests.factories.services import NOW, words

pytestmark = pytest.mark.django_db


def client_of(member: Member, language: str = "en") -> Client:
    client = sign_in(Client(), member)
    client.cookies["language"] = language
    return client


@pytest.fixture
def officer() -> Member:
    make_officer("wax-office")
    return make_officer("honey-office")


class Clerk:
    """Somebody who writes a draft through its pages, and never sees a file."""

    def __init__(self, member: Member, draft: RegulationDraft) -> None:
        self.client, self.draft = client_of(member), draft
        self.home = f"/drafts/{draft.reference}/edit/"

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = RegulationDraft.objects.get(pk=self.draft.pk).content
        return content

    def get(self, address: str = "", **data: Any) -> str:
        response = self.client.get(self.home + address, data)
        assert response.status_code == 200, address
        return response.content.decode()

    def post(self, address: str, _status: int = 302, **fields: Any) -> Any:
        """The page's form is sent with what it shows already, and with what is typed."""
        page = self.client.get(self.home + address)
        sent = {"was": page.context["was"], **_shown(page.context["form"]), **typed_in(fields)}
        sent = {name: value for name, value in sent.items() if value is not None}
        response = self.client.post(self.home + address, sent)
        assert response.status_code == _status, response.content.decode()[-3000:]
        return response

    def write(self, address: str, **fields: Any) -> None:
        """The form is sent, and the page finds nothing wrong with it."""
        response = self.post(address, **fields)
        assert "?check" not in response["Location"], self.get(response["Location"].removeprefix(self.home))


def _shown(form: Any) -> dict[str, Any]:
    found = {name: form[name].value() for name in form.fields}
    rows = {f"{one.name}-rows": one.count(form.record, None) for one in form.entries if hasattr(one, "row_prefix")}
    return {name: value for name, value in found.items() if value not in (None, False)} | rows


def typed_in(fields: dict[str, Any]) -> dict[str, Any]:
    """Names as they stand in the page; `{"az", "en"}` is typed into both fields; `row` is `list-number-field`."""
    typed: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            typed |= {f"{name}__{language}": text for language, text in value.items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            typed[f"{name}-rows"] = len(value)
            for number, row in enumerate(value):
                typed |= {f"{name}-{number}-{key}": one for key, one in typed_in(row).items()}
        else:
            typed[name] = value
    return typed


def condition(name: str, *lines: tuple[str, str, str], join: str = "all") -> dict[str, str]:
    """A simple condition, as it is chosen."""
    found = {f"{name}__mode": "simple", f"{name}__join": join}
    for number, (subject, operator, value) in enumerate(lines):
        for key, one in (("subject", subject), ("operator", operator), ("value", value)):
            found[f"{name}__{number}__{key}"] = one
    return found


@pytest.fixture
def clerk(officer: Member) -> Clerk:
    """Before an empty draft of a new service."""
    assert officer.participant is not None
    draft = drafts.start(participant=officer.participant, name=both("Bal möhürü", "Honey seal"), by=officer, now=NOW)
    return Clerk(officer, draft)


# ---------------------------------------------------------------- from nothing to a regulation


def test_a_whole_regulation_is_written_through_the_pages_only_and_is_what_was_typed(clerk: Clerk) -> None:
    clerk.write("name/", content=words("Says that honey is honey."), activity="3.1.11")
    clerk.write(
        "basis/",
        legal_basis=[
            {"act": words("Law on Honey"), "clause": "7", "source": "verified"},
            {"act": words("Decision on Wax"), "clause": "", "source": "assumption"},
        ],
    )
    clerk.write("performers/", other_performers=["wax-office"])
    clerk.write(
        "term/",
        automation="partial",
        term__lower="1",
        term__working_days="9",
        term__clause="Law on Honey, 8",
        term__source="verified",
    )
    clerk.write(
        "result/", kind="certificate", name=words("Honey seal"), validity__days="30", validity__text=words("30 days")
    )
    clerk.write("kind/", kind="interactive")
    clerk.write(
        "fee/",
        amount="7,50",
        currency="AZN",
        legal_basis=words("Law on Honey, 9"),
        source="verified",
        bank=words("Honey bank"),
        before_decision="on",
    )
    clerk.write("users/", users=["legal", "natural"])
    clerk.write("place/")
    clerk.write(
        "known/new/",
        name=words("Registration"),
        identified_by=words("VÖEN"),
        register__participant="wax-office",
        register__facts=[
            {"label": words("Name of the keeper"), "source": "applicant.name", "id": ""},
            {"label": words("Address"), "source": "applicant.address", "id": "where"},
        ],
    )
    _write_the_form(clerk)
    clerk.write(
        "document/",
        text=words("The honey is honey.\n\nIt may bear the seal."),
        fields=[
            {"label": words("Hives"), "value": "answers.how_many_hives"},
            {"label": words("Keeper"), "value": "known.name_of_the_keeper"},
            {"label": words("Twice as many"), "value": "", "value__own": "answers.how_many_hives * 2.0"},
        ],
    )
    clerk.write(
        "register/",
        name=words("Register of honey"),
        columns=[
            {"label": words("Seal"), "value": "case.reference"},
            {"label": words("Keeper"), "value": "applicant.name"},
        ],
    )
    _write_the_procedures(clerk)

    content = clerk.content
    assert faults_of(content) == []
    assert "The text is complete" in clerk.get()
    regulation = Regulation.model_validate(content)
    assert list(conformance.check(regulation)) == []
    typed = Regulation.model_validate(TYPED | {"valid_from": content["valid_from"]})
    assert regulation.model_dump(mode="json") == typed.model_dump(mode="json")


def _write_the_form(clerk: Clerk) -> None:
    why = words("Law on Honey, 10")
    clerk.write(
        "questions/new/", label=words("How many hives?"), kind="number", why=why, required="on", when__mode="always"
    )
    clerk.post(
        "questions/new/", label=words("Which blossom?"), kind="choice", why=why, required="on", when__mode="always"
    )
    clerk.write("questions/2/", choices="Akasiya | Acacia\nother | Başqa | Other | rare")
    clerk.write(
        "questions/new/",
        label=words("Which one?"),
        kind="text",
        why=why,
        id="which",
        required=None,
        **condition("when", ("answers.which_blossom", "is", "other"), ("answers.how_many_hives", "more", "10")),
    )
    clerk.write("questions/3/", max_length="80", hint=words("In Latin"), prefill="person.name")
    clerk.write("questions/new/", label=words("All of it is true"), kind="statement", why=why, when__mode="always")
    clerk.write(
        "documents/new/",
        name=words("Photo of the hives"),
        why=why,
        required="on",
        original="on",
        when__mode="own",
        when__own="answers.how_many_hives > 100.0",
    )
    clerk.write(
        "checks/new/",
        message=words("So few hives give no such honey."),
        question="how_many_hives",
        id="few",
        **condition(
            "condition",
            ("answers.how_many_hives", "at_least", "2"),
            ("answers.which_blossom", "is_not", "other"),
            join="any",
        ),
    )
    clerk.write(
        "sections/new/",
        title=words("Honey"),
        tasks=[
            {
                "title": words("Hives"),
                "hint": words("Count them."),
                "questions": ["how_many_hives", "which_blossom", "which"],
            },
            {"title": words("Papers"), "questions": ["all_of_it_is_true"], "documents": ["photo-of-the-hives"]},
        ],
    )


def _write_the_procedures(clerk: Clerk) -> None:
    clerk.write("request/")
    clerk.write("grounds/new/", text=words("There are no bees."), clause="Law on Honey, 13", source="verified")
    for name, days in (("Tasting", "3"), ("Waxing", "5"), ("Sealing", "1")):
        clerk.write(
            "steps/new/",
            name=words(name),
            responsible=words("Taster"),
            content=words(f"{name} is done."),
            working_days=days,
            result=words("A note."),
            after__mode="next",
        )
    clerk.write(
        "steps/1/", checklist=[{"text": words("It is sweet."), "clause": "Law on Honey, 14"}], after__mode="at_once"
    )
    clerk.write("steps/2/", performer="wax-office", after__mode="at_once")
    clerk.write("steps/3/", after__mode="chosen", after=["tasting", "waxing"])
    clerk.write(
        "decision/",
        silence__rule="granted",
        silence__text=words("Then it is sealed."),
        silence__clause="15",
        clock__stops=["information_requested"],
        clock__text=words("It stands still."),
        clock__clause="16",
    )
    clerk.write("control/")
    clerk.write("disputes/")
    clerk.write(
        "messages/new/",
        standard="Honey message",
        version="1",
        fields=[
            {"from": "answers.how_many_hives", "element": "Hive.Count"},
            {"from": "case.reference", "element": "Seal.Id"},
        ],
    )


_WHY = words("Law on Honey, 10")
_NONE: dict[str, Any] = {"responsible": words("Taster"), "result": words("A note.")}
TYPED: dict[str, Any] = {
    "id": "honey-seal",
    "version": 1,
    "general": {
        "name": both("Bal möhürü", "Honey seal"),
        "content": words("Says that honey is honey."),
        "activity": "3.1.11",
        "legal_basis": [
            {"act": words("Law on Honey"), "clause": "7", "source": "verified"},
            {"act": words("Decision on Wax"), "source": "assumption"},
        ],
        "provider": "honey-office",
        "other_performers": ["wax-office"],
        "automation": "partial",
        "term": {"working_days": 9, "lower": 1, "clause": "Law on Honey, 8", "source": "verified"},
        "result": {
            "kind": "certificate",
            "name": words("Honey seal"),
            "validity": {"days": 30, "text": words("30 days")},
            "document": {
                "text": words("The honey is honey.\n\nIt may bear the seal."),
                "fields": [
                    {"label": words("Hives"), "value": "answers.how_many_hives"},
                    {"label": words("Keeper"), "value": "known.name_of_the_keeper"},
                    {"label": words("Twice as many"), "value": "answers.how_many_hives * 2.0"},
                ],
            },
            "register": {
                "name": words("Register of honey"),
                "columns": [
                    {"id": "seal", "label": words("Seal"), "value": "case.reference"},
                    {"id": "keeper", "label": words("Keeper"), "value": "applicant.name"},
                ],
            },
        },
    },
    "provision": {
        "kind": "interactive",
        "fee": {
            "amount": "7.50",
            "legal_basis": words("Law on Honey, 9"),
            "source": "verified",
            "bank": words("Honey bank"),
            "before_decision": True,
        },
        "users": ["legal", "natural"],
        "place": both("azexport.az portalı", "The azexport.az portal"),
        "information": both(
            "azexport.az portalında xidmətin səhifəsi", "The page of the service on the azexport.az portal"
        ),
        "known_documents": [
            {
                "id": "registration",
                "name": words("Registration"),
                "identified_by": words("VÖEN"),
                "register": {
                    "participant": "wax-office",
                    "facts": [
                        {"id": "name_of_the_keeper", "label": words("Name of the keeper"), "source": "applicant.name"},
                        {"id": "where", "label": words("Address"), "source": "applicant.address"},
                    ],
                },
            }
        ],
        "documents": [
            {
                "id": "photo-of-the-hives",
                "name": words("Photo of the hives"),
                "why": _WHY,
                "original": True,
                "when": "answers.how_many_hives > 100.0",
            },
        ],
        "questions": [
            {"id": "how_many_hives", "kind": "number", "label": words("How many hives?"), "why": _WHY},
            {
                "id": "which_blossom",
                "kind": "choice",
                "label": words("Which blossom?"),
                "why": _WHY,
                "choices": [
                    {"id": "acacia", "label": both("Akasiya", "Acacia")},
                    {"id": "other", "label": both("Başqa", "Other | rare")},
                ],
            },
            {
                "id": "which",
                "kind": "text",
                "label": words("Which one?"),
                "why": _WHY,
                "required": False,
                "max_length": 80,
                "hint": words("In Latin"),
                "prefill": "person.name",
                "when": "answers.which_blossom == 'other' && answers.how_many_hives > 10.0",
            },
            {"id": "all_of_it_is_true", "kind": "statement", "label": words("All of it is true"), "why": _WHY},
        ],
        "checks": [
            {
                "id": "few",
                "message": words("So few hives give no such honey."),
                "question": "how_many_hives",
                "condition": "answers.how_many_hives >= 2.0 || answers.which_blossom != 'other'",
            },
        ],
        "sections": [
            {
                "id": "honey",
                "title": words("Honey"),
                "tasks": [
                    {
                        "id": "hives",
                        "title": words("Hives"),
                        "hint": words("Count them."),
                        "questions": ["how_many_hives", "which_blossom", "which"],
                    },
                    {
                        "id": "papers",
                        "title": words("Papers"),
                        "questions": ["all_of_it_is_true"],
                        "documents": ["photo-of-the-hives"],
                    },
                ],
            },
        ],
    },
    "procedures": {
        **{name: blank()["procedures"][name] for name in ("open", "request", "control", "disputes")},
        "refusal_grounds": [
            {
                "id": "there-are-no-bees",
                "text": words("There are no bees."),
                "clause": "Law on Honey, 13",
                "source": "verified",
            },
        ],
        "steps": [
            {
                "id": "tasting",
                "name": words("Tasting"),
                "content": words("Tasting is done."),
                "working_days": 3,
                "after": [],
                "checklist": [{"id": "it-is-sweet", "text": words("It is sweet."), "clause": "Law on Honey, 14"}],
                **_NONE,
            },
            {
                "id": "waxing",
                "name": words("Waxing"),
                "content": words("Waxing is done."),
                "working_days": 5,
                "after": [],
                "performer": "wax-office",
                **_NONE,
            },
            {
                "id": "sealing",
                "name": words("Sealing"),
                "content": words("Sealing is done."),
                "working_days": 1,
                "after": ["tasting", "waxing"],
                **_NONE,
            },
        ],
        "silence": {"rule": "granted", "text": words("Then it is sealed."), "clause": "15"},
        "clock": {"stops": ["information_requested"], "text": words("It stands still."), "clause": "16"},
        "messages": [
            {
                "standard": "Honey message",
                "version": "1",
                "fields": [
                    {"from": "answers.how_many_hives", "element": "Hive.Count"},
                    {"from": "case.reference", "element": "Seal.Id"},
                ],
            },
        ],
    },
}


# ---------------------------------------------------------------- nothing is lost


def test_what_does_not_fit_is_kept_as_typed_and_told_with_its_clause(clerk: Clerk) -> None:
    response = clerk.post("term/", automation="partial", term__working_days="soon", term__clause="")

    assert response["Location"].endswith("term/?check")
    assert clerk.content["general"]["term"]["working_days"] == "soon"
    page = clerk.get("term/", check="")
    assert "Must be a whole number (clause 1.7)" in page
    assert 'value="soon"' in page
    assert "Saved, but there is something to mend" in page


def test_half_a_text_is_kept_and_the_other_half_is_asked_for(clerk: Clerk) -> None:
    clerk.post("name/", content={"az": "Bal", "en": ""}, activity="")
    assert clerk.content["general"]["content"] == {"az": "Bal"}
    assert "This is not filled (clause 1.2)" in clerk.get("name/", check="")


def test_one_may_go_back_to_all_parts_with_things_left_to_mend(clerk: Clerk) -> None:
    response = clerk.post("result/", name=words("Seal"), later="1")
    assert response["Location"] == clerk.home
    assert "left to write" in clerk.get()


def test_the_task_list_tells_complete_faulty_and_not_started(clerk: Clerk) -> None:
    clerk.post("basis/", legal_basis=[{"act": {"az": "Qanun", "en": ""}, "clause": "", "source": "verified"}])
    page = clerk.client.get(clerk.home)
    found = {task["url"].split("/")[-2]: task["status"] for part in page.context["chapters"] for task in part["tasks"]}
    assert found["basis"] == "error"
    assert found["users"] == "not_started"
    assert found["disputes"] == "completed"
    assert found["checks"] == "cannot_start"
    assert "calculator" not in found


def test_an_informational_service_has_other_parts(clerk: Clerk) -> None:
    clerk.write("kind/", kind="informational")
    page = clerk.get()
    assert f"{clerk.home}calculator/" in page
    assert f"{clerk.home}steps/" not in page


def test_the_preview_shows_what_is_typed_and_keeps_nothing(clerk: Clerk) -> None:
    before = RegulationDraft.objects.get(pk=clerk.draft.pk)
    typed = {"name__az": "Şan", "name__en": "Comb", "content__az": "x", "content__en": "A comb of wax", "activity": "9"}
    response = clerk.client.post(f"{clerk.home}name/preview/", typed)
    text = response.content.decode()

    assert response.status_code == 200
    assert "A comb of wax" in text
    assert "Şan" in text
    assert "is none of the 29 fields of activity (S3.1)" in text
    after = RegulationDraft.objects.get(pk=clerk.draft.pk)
    assert (after.content, after.changes) == (before.content, before.changes)


def test_the_form_is_seen_as_it_is_being_written(clerk: Clerk) -> None:
    typed = {
        "label__az": "Neçə?",
        "label__en": "How many?",
        "kind": "number",
        "required": "on",
        "when__mode": "own",
        "when__own": "answers.hives +",
    }
    text = clerk.client.post(f"{clerk.home}questions/new/preview/", typed).content.decode()
    assert "How many?" in text
    assert "not an expression" in text
    typed |= {"when__own": "answers.nobody == 'x'"}
    text = clerk.client.post(f"{clerk.home}questions/new/preview/", typed).content.decode()
    assert "nothing is called nobody here" in text


def test_the_fields_follow_the_kind_of_question(clerk: Clerk) -> None:
    for kind, name in (("choice", "choices"), ("number", "minimum"), ("text", "pattern"), ("money", "currency")):
        response = clerk.client.post(f"{clerk.home}questions/new/fields/", {"kind": kind})
        assert f'name="{name}"' in response.content.decode(), kind
        response = clerk.client.post(f"{clerk.home}questions/new/fields/", {"kind": "boolean"})
        assert f'name="{name}"' not in response.content.decode(), kind


def test_another_kind_of_question_drops_what_does_not_belong_to_it(clerk: Clerk) -> None:
    question: dict[str, Any] = {"label": words("Which?"), "why": words("Law"), "required": "on", "when__mode": "always"}
    clerk.post("questions/new/", kind="choice", **question)
    clerk.write("questions/1/", choices="a | A | A\nb | B | B")
    clerk.write("questions/1/", kind="text")
    assert "choices" not in clerk.content["provision"]["questions"][0]


def test_what_the_form_does_not_know_of_stays(officer: Member) -> None:
    draft = make_draft(by=officer)
    draft.content["provision"]["documents"][0]["media_types"] = ["application/pdf"]
    draft.save()
    clerk = Clerk(officer, draft)
    clerk.write("documents/1/", name=words("Picture"))
    document = clerk.content["provision"]["documents"][0]
    assert document["media_types"] == ["application/pdf"]
    assert document["name"] == words("Picture")


def test_every_page_shown_and_sent_back_changes_nothing(officer: Member) -> None:
    draft = make_draft(by=officer)
    clerk = Clerk(officer, draft)
    before = written(draft.content)
    for key, part in PARTS.items():
        count = len(clerk.client.get(f"{clerk.home}{key}/").context.get("rows", ())) if part.listed else 0
        for address in [f"{key}/{number + 1}/" for number in range(count)] if part.listed else [f"{key}/"]:
            clerk.post(address)
    assert written(clerk.content) == before


def written(content: dict[str, Any]) -> dict[str, Any]:
    """All that a writer decides: the first day is the portal's."""
    return Regulation.model_validate(content).model_dump(mode="json", exclude={"valid_from"})


# ---------------------------------------------------------------- ids


def test_ids_come_from_labels_and_are_never_given_twice(clerk: Clerk) -> None:
    question: dict[str, Any] = {"kind": "text", "why": words("Law"), "required": "on", "when__mode": "always"}
    for label in (both("Arı ailələri", ""), both("Arı ailələri", ""), both("", "In"), both("", "24 hours")):
        clerk.post("questions/new/", label=label, **question)
    ids = [one["id"] for one in clerk.content["provision"]["questions"]]
    assert ids == ["ari_aileleri", "ari_aileleri_2", "in_1", "hours"]


def test_a_new_id_is_followed_everywhere(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    clerk.write("questions/2/", id="warm")
    assert clerk.content["provision"]["questions"][2]["when"] == "answers.warm && answers.hives > 0.0"
    assert faults_of(clerk.content) == []


def test_an_id_that_stands_already_is_told(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    clerk.post("questions/2/", id="hives")
    assert "hives stands here twice" in clerk.get("questions/")


# ---------------------------------------------------------------- lists


def press(clerk: Clerk, address: str, way: str, key: str = "questions", status: int = 302) -> Any:
    was = clerk.client.get(f"{clerk.home}{key}/").context["was"]
    response = clerk.client.post(f"{clerk.home}{address}", {"way": way, "was": was})
    assert response.status_code == status
    return response


def ids_of(clerk: Clerk, *path: str) -> list[str]:
    found: Any = clerk.content
    for step in path:
        found = found[step]
    return [one["id"] for one in found]


def test_items_move_up_and_down_and_stop_at_the_ends(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    press(clerk, "steps/1/move/", "down", "steps")
    assert ids_of(clerk, "procedures", "steps") == ["sealing", "tasting"]
    press(clerk, "steps/1/move/", "up", "steps")
    assert ids_of(clerk, "procedures", "steps") == ["sealing", "tasting"]


def test_a_question_that_moves_moves_on_its_page_too(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    clerk.write("sections/new/", title=words("All"), tasks=[
        {"title": words("Page"), "questions": ["hives", "heated", "temperature", "blossom", "which"]},
    ])  # fmt: skip
    press(clerk, "questions/4/move/", "down")
    page = clerk.content["provision"]["sections"][0]["tasks"][0]
    assert page["questions"] == ["hives", "heated", "temperature", "which", "blossom"]


def test_what_stands_on_one_page_is_not_offered_on_another(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    clerk.post("sections/new/", title=words("All"), tasks=[{"title": words("Page"), "questions": ["hives"]}])
    assert "How many hives?" not in clerk.get("sections/new/").split('id="preview"')[0]
    assert "How many hives?" in clerk.get("sections/1/").split('id="preview"')[0]


def test_what_is_no_longer_among_the_choices_is_not_lost(officer: Member) -> None:
    draft = make_draft(by=officer)
    draft.content["general"]["result"]["kind"] = "honeycomb"
    draft.content["provision"]["questions"][2]["when"] = "answers.blossom == 'gone'"
    draft.content["provision"]["questions"][3]["scope"] = "application"
    draft.save()
    clerk = Clerk(officer, draft)
    clerk.post("result/")
    clerk.post("questions/3/")
    assert clerk.content["general"]["result"]["kind"] == "honeycomb"
    assert clerk.content["provision"]["questions"][2]["when"] == "answers.blossom == 'gone'"


def test_what_was_removed_can_be_brought_back_where_it_stood_and_where_it_was_named(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    clerk.write(
        "sections/new/",
        title=words("All"),
        tasks=[
            {
                "title": words("Page"),
                "questions": ["hives", "heated", "temperature", "blossom", "which"],
                "documents": ["photo"],
            },
        ],
    )
    before = clerk.content
    press(clerk, "questions/4/move/", "remove")
    assert "blossom" not in ids_of(clerk, "provision", "questions")
    assert "blossom" not in clerk.content["provision"]["sections"][0]["tasks"][0]["questions"]
    assert "Removed: Which blossom?" in clerk.get("questions/")

    assert clerk.client.post(f"{clerk.home}questions/undo/").status_code == 302
    assert clerk.content == before
    assert clerk.client.post(f"{clerk.home}questions/undo/").status_code == 404


def test_a_row_that_was_removed_from_a_form_can_be_brought_back_where_it_stood(clerk: Clerk) -> None:
    rows = [{"act": words(name), "clause": "", "source": "verified"} for name in ("A", "B", "C")]
    clerk.write("basis/", legal_basis=rows)
    before = clerk.content["general"]["legal_basis"]
    response = clerk.post("basis/", row="legal_basis:1:remove")
    assert response["Location"].endswith("#undo-legal_basis")
    assert "Removed: Act 2" in clerk.get("basis/")
    assert len(clerk.content["general"]["legal_basis"]) == 2

    response = clerk.post("basis/", row="legal_basis:1:restore")
    assert response["Location"].endswith("#id_legal_basis-1-act__az")
    assert clerk.content["general"]["legal_basis"] == before
    assert "Removed:" not in clerk.get("basis/")
    clerk.post("basis/", row="legal_basis:1:restore")
    assert clerk.content["general"]["legal_basis"] == before, "what is not gone does not come again"


def test_a_condition_that_was_begun_is_not_taken_for_none(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    before = clerk.content
    chosen = {"when__mode": "simple", "when__0__subject": "answers.hives", "when__0__operator": "more"}
    for half in (chosen, {"when__mode": "simple"}):
        page = clerk.post("questions/2/", 422, **half).content.decode()
        assert "The condition is not finished" in page
        assert "Not saved yet" in page
    assert clerk.content == before
    clerk.write("questions/2/", **chosen, when__0__value="3")
    assert clerk.content["provision"]["questions"][1]["when"] == "answers.hives > 3.0"


def test_one_item_after_another_is_written(clerk: Clerk) -> None:
    typed: dict[str, Any] = {"text": words("No bees."), "clause": "7", "source": "verified"}
    assert clerk.post("grounds/new/", **typed, another="1")["Location"] == f"{clerk.home}grounds/new/"
    assert clerk.post("grounds/new/", **typed)["Location"] == f"{clerk.home}grounds/"
    assert len(clerk.content["procedures"]["refusal_grounds"]) == 2


def test_what_is_not_written_yet_is_no_error(clerk: Clerk) -> None:
    """S9.1: an empty heading is left to write, steps included; what was typed wrong is to mend."""
    page = clerk.get("name/")
    assert "3 things left to write here" in page
    assert "to mend here" not in page
    assert task_of(clerk, "Name and content") == "left"
    assert task_of(clerk, "Legal basis") == "not_started"
    assert task_of(clerk, "Steps of the execution") == "not_started"
    clerk.post("term/", automation="partial", term__working_days="soon", term__clause="")
    assert task_of(clerk, "Automation and term") == "error"


def task_of(clerk: Clerk, title: str) -> str:
    """How far the part is, on the page of all parts."""
    chapters = clerk.client.get(clerk.home).context["chapters"]
    return str(next(task["status"] for chapter in chapters for task in chapter["tasks"] if task["title"] == title))


@pytest.mark.parametrize(("number", "way"), [(9, "up"), (0, "remove"), (1, "sideways")])
def test_what_is_not_in_the_list_is_not_moved(officer: Member, number: int, way: str) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    press(clerk, f"questions/{number}/move/", way, status=404)


def test_a_list_that_somebody_changed_meanwhile_is_shown_as_it_stands(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    response = clerk.client.post(f"{clerk.home}questions/1/move/", {"way": "remove", "was": "of yesterday"})
    assert response.status_code == 409
    assert "Somebody else changed this list" in response.content.decode()
    assert len(clerk.content["provision"]["questions"]) == 5


def test_rows_of_a_form_move_and_go_with_what_was_typed_beside_them(clerk: Clerk) -> None:
    rows = [{"act": words(name), "clause": "", "source": "verified"} for name in ("A", "B", "C")]
    clerk.post("basis/", legal_basis=rows, row="legal_basis:2:up")
    assert [one["act"]["en"] for one in clerk.content["general"]["legal_basis"]] == ["A", "C", "B"]
    clerk.post("basis/", row="legal_basis:0:remove")
    assert [one["act"]["en"] for one in clerk.content["general"]["legal_basis"]] == ["C", "B"]
    clerk.post("basis/", row="legal_basis:1:down")
    assert [one["act"]["en"] for one in clerk.content["general"]["legal_basis"]] == ["C", "B"]


def test_the_standard_wording_fills_what_is_empty_and_only_that(clerk: Clerk) -> None:
    clerk.post("disputes/", right=words("Complain to me."), information=both("", ""), term=both("", ""))
    clerk.post("disputes/", standard="1")
    disputes = clerk.content["procedures"]["disputes"]
    assert disputes["right"] == words("Complain to me.")
    assert disputes["term"] == blank()["procedures"]["disputes"]["term"]


# ---------------------------------------------------------------- two people at once


def test_who_writes_second_sees_both_texts_and_keeps_their_own_in_the_form(officer: Member) -> None:
    draft = make_draft(by=officer)
    first, second = Clerk(officer, draft), Clerk(make_officer("honey-office"), draft)
    page = second.client.get(f"{second.home}name/")
    typed = {"was": page.context["was"], **_shown(page.context["form"]), "content__en": "Second"}
    first.write("name/", content=words("First"))

    response = second.client.post(f"{second.home}name/", typed)
    text = response.content.decode()
    assert response.status_code == 409
    assert "changed this page while you were writing" in text
    assert "First" in text
    assert "Second" in text
    assert first.content["general"]["content"] == words("First")

    again = second.client.post(f"{second.home}name/", typed | {"was": response.context["was"]})
    assert again.status_code == 302
    assert first.content["general"]["content"]["en"] == "Second"


def test_two_who_write_different_parts_do_not_meet(officer: Member) -> None:
    draft = make_draft(by=officer)
    first, second = Clerk(officer, draft), Clerk(make_officer("honey-office"), draft)
    page = second.client.get(f"{second.home}result/")
    typed = {"was": page.context["was"], **_shown(page.context["form"]), "validity__days": "60"}
    first.write("name/", content=words("First"))
    assert second.client.post(f"{second.home}result/", typed).status_code == 302
    assert second.content["general"]["content"] == words("First")
    assert second.content["general"]["result"]["validity"]["days"] == 60


def test_sending_the_same_twice_writes_once(clerk: Clerk) -> None:
    page = clerk.client.get(f"{clerk.home}users/")
    typed = {"was": page.context["was"], "users": ["legal"]}
    for _time in range(2):
        assert clerk.client.post(f"{clerk.home}users/", typed).status_code == 302
    assert RegulationDraft.objects.get(pk=clerk.draft.pk).changes == 1


# ---------------------------------------------------------------- who may


def test_only_officers_of_the_body_that_provides_the_service_write(officer: Member) -> None:
    draft = make_draft(by=officer)
    home = f"/drafts/{draft.reference}/edit/"
    addresses = [
        "",
        "name/",
        "questions/",
        "questions/new/",
        "questions/1/",
        "yaml/",
        "yaml/file/",
        "differences/",
        "form/",
    ]
    for address in addresses:
        assert client_of(make_officer("wax-office")).get(home + address).status_code == 404, address
        assert client_of(make_citizen()).get(home + address).status_code == 403, address
        assert Client().get(home + address).status_code == 302, address
    stranger = client_of(make_officer("wax-office"))
    for address in (
        "name/",
        "name/preview/",
        "name/fields/",
        "questions/1/move/",
        "questions/undo/",
        "yaml/",
        "yaml/check/",
    ):
        assert stranger.post(home + address, {"way": "remove"}).status_code == 404, address
    assert RegulationDraft.objects.get().content == draft.content


def test_a_text_in_discussion_is_read_and_not_written(officer: Member) -> None:
    draft = make_draft(by=officer)
    discussed(draft, by=officer)
    clerk = Clerk(officer, draft)
    assert clerk.client.get(clerk.home)["Location"] == f"/drafts/{draft.reference}/"
    for address in ("name/", "questions/", "questions/new/", "yaml/"):
        assert clerk.client.get(clerk.home + address).status_code == 409, address
        assert clerk.client.post(clerk.home + address, {"name__en": "x"}).status_code == 409, address
    for address in ("questions/1/move/", "questions/undo/", "name/preview/"):
        assert clerk.client.post(clerk.home + address).status_code == 409, address
    for address in ("differences/", "form/", "yaml/file/"):
        assert clerk.client.get(clerk.home + address).status_code == 200, address


@pytest.mark.parametrize("address", ["nothing/", "name/new/", "name/1/", "questions/99/", "questions/0/"])
def test_what_is_not_there_is_not_found(officer: Member, address: str) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    assert clerk.client.get(clerk.home + address).status_code == 404


# ---------------------------------------------------------------- what it costs


def statements(clerk: Clerk, address: str) -> int:
    clerk.get(address)
    with CaptureQueriesContext(connection) as captured:
        clerk.get(address)
    return len(captured)


def test_a_page_costs_the_same_with_one_item_and_with_many(officer: Member) -> None:
    clerk = Clerk(officer, make_draft(by=officer))
    few = {address: statements(clerk, address) for address in ("", "questions/", "questions/1/", "name/", "yaml/")}
    content = clerk.content
    questions = content["provision"]["questions"]
    content["provision"]["questions"] = questions + [
        {"id": f"more_{number}", "kind": "country", "label": words("More"), "why": words("Law")} for number in range(20)
    ]
    RegulationDraft.objects.filter(pk=clerk.draft.pk).update(content=content)
    assert {address: statements(clerk, address) for address in few} == few
    assert max(few.values()) <= 9
