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
        return RegulationDraft.objects.get(pk=self.draft.pk).content

    def get(self, address: str = "", **data: Any) -> str:
        response = self.client.get(self.home + address, data)
        assert response.status_code == 200, address
        return response.content.decode()

    def post(self, address: str, _status: int = 302, **fields: Any) -> Any:
        """The page's form is sent with what it shows already, and with what is typed."""
        page = self.client.get(self.home + address)
        sent = {"was": page.context["was"], **_shown(page.context["form"]), **_typed(fields)}
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


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Names as they stand in the page; `{"az", "en"}` is typed into both fields; `row` is `list-number-field`."""
    typed: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            typed |= {f"{name}__{language}": text for language, text in value.items()}
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            typed[f"{name}-rows"] = len(value)
            for number, row in enumerate(value):
                typed |= {f"{name}-{number}-{key}": one for key, one in _typed(row).items()}
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
    draft = drafts.start(
        participant=officer.participant, name=both("Bal möhürü", "Honey seal"), by=officer, now=NOW
    )  # fmt: skip
    return Clerk(officer, draft)


# ---------------------------------------------------------------- from nothing to a regulation


def test_a_whole_regulation_is_written_through_the_pages_only_and_is_what_was_typed(clerk: Clerk) -> None:
    clerk.write("name/", content=words("Says that honey is honey."), activity="3.1.11")
    clerk.write("basis/", legal_basis=[
        {"act": words("Law on Honey"), "clause": "7", "source": "verified"},
        {"act": words("Decision on Wax"), "clause": "", "source": "assumption"},
    ])  # fmt: skip
    clerk.write("performers/", other_performers=["wax-office"])
    clerk.write("term/", automation="partial", term__lower="1", term__working_days="9", term__clause="Law on Honey, 8",
                term__source="verified")  # fmt: skip
    clerk.write("result/", kind="certificate", name=words("Honey seal"), validity__days="30",
                validity__text=words("30 days"))  # fmt: skip
    clerk.write("kind/", kind="interactive")
    clerk.write("fee/", amount="7,50", currency="AZN", legal_basis=words("Law on Honey, 9"), source="verified",
                bank=words("Honey bank"), before_decision="on")  # fmt: skip
    clerk.write("users/", users=["legal", "natural"])
    clerk.write("place/")
    clerk.write("known/new/", name=words("Registration"), identified_by=words("VÖEN"),
                register__participant="wax-office", register__facts=[
                    {"label": words("Name of the keeper"), "source": "applicant.name", "id": ""},
                    {"label": words("Address"), "source": "applicant.address", "id": "where"},
                ])  # fmt: skip
    _write_the_form(clerk)
    clerk.write("document/", text=words("The honey is honey.\n\nIt may bear the seal."), fields=[
        {"label": words("Hives"), "value": "answers.how_many_hives"},
        {"label": words("Keeper"), "value": "known.name_of_the_keeper"},
        {"label": words("Twice as many"), "value": "", "value__own": "answers.how_many_hives * 2.0"},
    ])  # fmt: skip
    clerk.write("register/", name=words("Register of honey"), columns=[
        {"label": words("Seal"), "value": "case.reference"}, {"label": words("Keeper"), "value": "applicant.name"},
    ])  # fmt: skip
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
    clerk.write("questions/new/", label=words("How many hives?"), kind="number", why=why, required="on", when__mode="always")
    clerk.post("questions/new/", label=words("Which blossom?"), kind="choice", why=why, required="on", when__mode="always")
    clerk.write("questions/2/", choices="Akasiya | Acacia\nother | Başqa | Other | rare")
    clerk.write("questions/new/", label=words("Which one?"), kind="text", why=why, id="which", required=None,
                **condition("when", ("answers.which_blossom", "is", "other"), ("answers.how_many_hives", "more", "10")))  # fmt: skip
    clerk.write("questions/3/", max_length="80", hint=words("In Latin"), prefill="person.name")
    clerk.write("questions/new/", label=words("All of it is true"), kind="statement", why=why, when__mode="always")
    clerk.write("documents/new/", name=words("Photo of the hives"), why=why, required="on", original="on",
                when__mode="own", when__own="answers.how_many_hives > 100.0")  # fmt: skip
    clerk.write("checks/new/", message=words("So few hives give no such honey."), question="how_many_hives", id="few",
                **condition("condition", ("answers.how_many_hives", "at_least", "2"),
                            ("answers.which_blossom", "is_not", "other"), join="any"))  # fmt: skip
    clerk.write("sections/new/", title=words("Honey"), tasks=[
        {"title": words("Hives"), "hint": words("Count them."), "questions": ["how_many_hives", "which_blossom", "which"]},
        {"title": words("Papers"), "questions": ["all_of_it_is_true"], "documents": ["photo-of-the-hives"]},
    ])  # fmt: skip


def _write_the_procedures(clerk: Clerk) -> None:
    clerk.write("request/")
    clerk.write("grounds/new/", text=words("There are no bees."), clause="Law on Honey, 13", source="verified")
    for name, days in (("Tasting", "3"), ("Waxing", "5"), ("Sealing", "1")):
        clerk.write("steps/new/", name=words(name), responsible=words("Taster"), content=words(f"{name} is done."),
                    working_days=days, result=words("A note."), after__mode="next")  # fmt: skip
    clerk.write("steps/1/", checklist=[{"text": words("It is sweet."), "clause": "Law on Honey, 14"}], after__mode="at_once")
    clerk.write("steps/2/", performer="wax-office", after__mode="at_once")
    clerk.write("steps/3/", after__mode="chosen", after=["tasting", "waxing"])
    clerk.write("decision/", silence__rule="granted", silence__text=words("Then it is sealed."), silence__clause="15",
                clock__stops=["information_requested"], clock__text=words("It stands still."), clock__clause="16")  # fmt: skip
    clerk.write("control/")
    clerk.write("disputes/")
    clerk.write("messages/new/", standard="Honey message", version="1", fields=[
        {"from": "answers.how_many_hives", "element": "Hive.Count"}, {"from": "case.reference", "element": "Seal.Id"},
    ])  # fmt: skip


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
            "kind": "certificate", "name": words("Honey seal"), "validity": {"days": 30, "text": words("30 days")},
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
            "amount": "7.50", "legal_basis": words("Law on Honey, 9"), "source": "verified", "bank": words("Honey bank"),
            "before_decision": True,
        },
        "users": ["legal", "natural"],
        "place": both("azexport.az portalı", "The azexport.az portal"),
        "information": both(
            "azexport.az portalında xidmətin səhifəsi", "The page of the service on the azexport.az portal"
        ),
        "known_documents": [
            {
                "id": "registration", "name": words("Registration"), "identified_by": words("VÖEN"),
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
            {"id": "photo-of-the-hives", "name": words("Photo of the hives"), "why": _WHY, "original": True,
             "when": "answers.how_many_hives > 100.0"},
        ],
        "questions": [
            {"id": "how_many_hives", "kind": "number", "label": words("How many hives?"), "why": _WHY},
            {"id": "which_blossom", "kind": "choice", "label": words("Which blossom?"), "why": _WHY,
             "choices": [{"id": "acacia", "label": both("Akasiya", "Acacia")},
                         {"id": "other", "label": both("Başqa", "Other | rare")}]},
            {"id": "which", "kind": "text", "label": words("Which one?"), "why": _WHY, "required": False,
             "max_length": 80, "hint": words("In Latin"), "prefill": "person.name",
             "when": "answers.which_blossom == 'other' && answers.how_many_hives > 10.0"},
            {"id": "all_of_it_is_true", "kind": "statement", "label": words("All of it is true"), "why": _WHY},
        ],
        "checks": [
            {"id": "few", "message": words("So few hives give no such honey."), "question": "how_many_hives",
             "condition": "answers.how_many_hives >= 2.0 || answers.which_blossom != 'other'"},
        ],
        "sections": [
            {"id": "honey", "title": words("Honey"), "tasks": [
                {"id": "hives", "title": words("Hives"), "hint": words("Count them."),
                 "questions": ["how_many_hives", "which_blossom", "which"]},
                {"id": "papers", "title": words("Papers"), "questions": ["all_of_it_is_true"],
                 "documents": ["photo-of-the-hives"]},
            ]},
        ],
    },
    "procedures": {
        **{name: blank()["procedures"][name] for name in ("open", "request", "control", "disputes")},
        "refusal_grounds": [
            {"id": "there-are-no-bees", "text": words("There are no bees."), "clause": "Law on Honey, 13",
             "source": "verified"},
        ],
        "steps": [
            {"id": "tasting", "name": words("Tasting"), "content": words("Tasting is done."), "working_days": 3,
             "after": [], "checklist": [{"id": "it-is-sweet", "text": words("It is sweet."), "clause": "Law on Honey, 14"}],
             **_NONE},
            {"id": "waxing", "name": words("Waxing"), "content": words("Waxing is done."), "working_days": 5, "after": [],
             "performer": "wax-office", **_NONE},
            {"id": "sealing", "name": words("Sealing"), "content": words("Sealing is done."), "working_days": 1,
             "after": ["tasting", "waxing"], **_NONE},
        ],
        "silence": {"rule": "granted", "text": words("Then it is sealed."), "clause": "15"},
        "clock": {"stops": ["information_requested"], "text": words("It stands still."), "clause": "16"},
        "messages": [
            {"standard": "Honey message", "version": "1", "fields": [
                {"from": "answers.how_many_hives", "element": "Hive.Count"},
                {"from": "case.reference", "element": "Seal.Id"},
            ]},
        ],
    },
}  # fmt: skip
