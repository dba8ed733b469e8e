"""Who sees what, in which language, at what cost; and how far an export has come (P8.1.2, P10.3.3)."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from azexport.cases.models import Case
from azexport.customs.models import Declaration
from azexport.documents.models import Document
from azexport.exports import queries
from azexport.exports.models import Application
from azexport.kernel.errors import OutsideFailure
from azexport.parties.models import Member
from tests.factories.contracts import run_jobs
from tests.factories.customs import a_document
from tests.factories.exports import NOW, PLANT, fresh, make_filled, make_frozen, make_offered, make_submitted

DRAFT = ("", "goods/", "permits/", "questions/common/", f"questions/{PLANT}/", "promotion/", "check/", "delete/")
OTHERS = ("sign/", "submitted/")
HEADINGS = re.compile(r"<(h1|h2|h3|legend|th|dt|label|button)\b[^>]*>(.*?)</\1>", re.S)


def statements(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory is there
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def granted(application: Application) -> None:
    """Every case has its permit."""
    for case in Case.objects.filter(application_reference=application.reference):
        case.status, case.decided_at, case.result_document = "granted", NOW, a_document("permit", case.reference)
        case.decided_by = "x"
        case.save()


def stage(member: Member, application: Application) -> str:
    return queries.operation(member.organisation, application.operation.reference, now=NOW).stage.value


# ------------------------------------------------------------------------------------------------ who


@pytest.mark.parametrize("make", [make_filled, make_offered, make_submitted])
def test_a_third_organisation_gets_404_everywhere(
    at_third: Client, exporter: Member, make: Callable[..., Application]
) -> None:
    application = make(exporter)
    base, operation = f"/applications/{application.reference}/", f"/operations/{application.operation.reference}/"
    for page in (*DRAFT, *OTHERS):
        assert at_third.get(base + page).status_code == 404
    for page in ("goods/", "permits/", "questions/common/", "promotion/", "check/", "sign/", "reopen/", "delete/"):
        assert at_third.post(base + page).status_code == 404
    for page in ("", "state/", "dossier.zip"):
        assert at_third.get(operation + page).status_code == 404
    for page in ("declare/", "dossier.zip"):
        assert at_third.post(operation + page).status_code == 404
    assert application.reference not in at_third.get("/applications/").content.decode()
    for document in (application.document, application.paper and application.paper.document):
        if document is not None:
            assert at_third.get(f"/documents/{document.reference}/").status_code == 404
    assert fresh(application).status == application.status


def test_somebody_who_is_not_signed_in_is_led_to_the_door(client: Client, exporter: Member) -> None:
    application = make_filled(exporter)
    for address in (f"/applications/{application.reference}/", f"/operations/{application.operation.reference}/"):
        assert client.get(address).url.startswith("/sign-in/")  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ languages


def _headings(page: str) -> set[str]:
    plain = (html.unescape(re.sub(r"<[^>]+>", " ", found)) for _tag, found in HEADINGS.findall(page))
    return {" ".join(text.split()) for text in plain if re.search(r"[A-Za-z]{3}", text)}


@pytest.mark.parametrize("state", ["draft", "frozen", "offered", "submitted"])
def test_every_page_speaks_the_language_that_was_chosen(exporter: Member, browser: Client, state: str) -> None:
    """No heading, label or button of an Azerbaijani page is the English one, and the other way round."""
    make = {"draft": make_filled, "frozen": make_frozen, "offered": make_offered, "submitted": make_submitted}[state]
    application = make(exporter)
    base = f"/applications/{application.reference}/"
    pages = {
        "draft": ["/applications/", "/applications/new/", *(base + page for page in DRAFT)],
        "frozen": [base + "sign/"],
        "offered": [base + "sign/"],
        "submitted": ["/applications/", "/applications/new/", base + "submitted/",
                      f"/operations/{application.operation.reference}/"],
    }[state]  # fmt: skip
    for address in pages:
        texts = {}
        for language in ("az", "en"):
            browser.cookies["language"] = language
            response = browser.get(address)
            assert response.status_code == 200, address
            page = response.content.decode()
            assert f'<html lang="{language}"' in page
            texts[language] = _headings(page[page.index("<main") : page.index("</main>")])
        alike = {one for one in texts["az"] & texts["en"] if "Weber Nuss GmbH" not in one}
        assert texts["az"]
        assert alike <= ALIKE, address


ALIKE = {"IBAN", "Bank"}
"""What both languages write alike."""


# ------------------------------------------------------------------------------------------------ cost


def test_a_list_costs_the_same_with_one_row_and_with_three(browser: Client, exporter: Member) -> None:
    contract = make_filled(exporter).operation.contract
    one = statements(browser, "/applications/")
    make_filled(exporter, contract=contract)
    make_submitted(exporter, contract=contract)
    assert statements(browser, "/applications/") == one <= 7


def test_the_list_is_paged_by_key(exporter: Member) -> None:
    contract = make_filled(exporter).operation.contract
    references = [make_filled(exporter, contract=contract).reference for _number in range(3)][::-1]
    rows, following = queries.page(exporter.organisation, size=2)
    assert ([row.reference for row in rows], following) == (references[:2], references[1])
    rows, following = queries.page(exporter.organisation, before=following or "", size=2)
    assert (rows[0].reference, following) == (references[2], None)


def test_the_page_of_an_export_stays_within_its_statements(browser: Client, exporter: Member) -> None:
    """P8.1.2: the page asks for its state each second."""
    application = make_submitted(exporter)
    address = f"/operations/{application.operation.reference}/"
    assert statements(browser, address) <= 15
    assert statements(browser, f"{address}state/") <= 15


def test_a_page_on_which_nothing_has_changed_is_answered_without_a_body(browser: Client, exporter: Member) -> None:
    application = make_submitted(exporter)
    address = f"/operations/{application.operation.reference}/state/"
    view = queries.operation(exporter.organisation, application.operation.reference, now=timezone.now())
    assert browser.get(address, {"version": view.version}).status_code == 204
    granted(application)
    changed = browser.get(address, {"version": view.version})
    assert (changed.status_code, 'data-stage="ready_to_declare"' in changed.content.decode()) == (200, True)


# ------------------------------------------------------------------------------------------------ how far


def test_an_export_goes_from_applying_to_released(exporter: Member, browser: Client) -> None:
    draft = make_filled(exporter)
    assert stage(exporter, draft) == "applying"
    operation = browser.get(f"/operations/{draft.operation.reference}/")
    assert operation.url == f"/applications/{draft.reference}/"  # type: ignore[attr-defined]
    application = make_submitted(exporter, contract=draft.operation.contract)
    declare = f"/operations/{application.operation.reference}/declare/"
    assert stage(exporter, application) == "awaiting_permits"
    assert browser.post(declare).status_code == 409
    granted(application)
    assert stage(exporter, application) == "ready_to_declare"
    declaration = _declared(browser, declare)
    assert stage(exporter, application) == "declaring"
    assert browser.post(declare).url == f"/declarations/{declaration.reference}/"  # type: ignore[attr-defined]
    for status in ("lodged", "accepted", "under_control"):
        _force(declaration, status)
        assert stage(exporter, application) == "at_customs"
    for status in ("not_released", "released"):
        _force(declaration, status)
        assert stage(exporter, application) == status


def _declared(browser: Client, address: str) -> Declaration:
    response = browser.post(address)
    declaration = Declaration.objects.get()
    assert response.url == f"/declarations/{declaration.reference}/"  # type: ignore[attr-defined]
    return declaration


def _force(declaration: Declaration, status: str) -> None:
    """The stored state alone, with what its constraints want."""
    Declaration.objects.filter(pk=declaration.pk).update(
        status=status, lodged_at=NOW, lodged_by="x", released_at=NOW, number="x",
        document=a_document("declaration"), release_document=a_document("release"),
    )  # fmt: skip


@pytest.mark.parametrize("status", ["refused", "information_requested", "permit_rejected", "withdrawn"])
def test_one_body_that_does_not_just_say_yes_wants_attention(browser: Client, exporter: Member, status: str) -> None:
    application = make_submitted(exporter)
    granted(application)
    first = Case.objects.order_by("id")[0]
    Case.objects.filter(pk=first.pk).update(status=status, result_document=None)
    assert stage(exporter, application) == "attention"
    assert browser.post(f"/operations/{application.operation.reference}/declare/").status_code == 409


def test_a_granted_permit_that_is_still_being_checked_does_not_open_the_declaration(exporter: Member) -> None:
    application = make_submitted(exporter)
    granted(application)
    Case.objects.filter(pk=Case.objects.order_by("id")[0].pk).update(result_document=None)
    assert stage(exporter, application) == "awaiting_permits"


# ------------------------------------------------------------------------------------------------ dossier


def test_there_is_no_dossier_before_one_was_asked_for(browser: Client, exporter: Member) -> None:
    application = make_submitted(exporter)
    assert browser.get(f"/operations/{application.operation.reference}/dossier.zip").status_code == 404


def test_a_dossier_asked_for_twice_is_made_once(browser: Client, exporter: Member, monkeypatch: Any) -> None:
    application = make_submitted(exporter)
    monkeypatch.setattr("azexport.exports.dossier.seal_bytes", lambda content: b"a seal")
    address = f"/operations/{application.operation.reference}/dossier.zip"
    assert [browser.post(address).status_code for _number in range(2)] == [302, 302]
    assert "being made" in browser.get(f"/operations/{application.operation.reference}/").content.decode()
    assert run_jobs("exports.build_dossier") == 1
    download = browser.get(address)
    assert download.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(download.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("manifest.p7s") == b"a seal"
        listed = {one["path"]: one["sha256"] for one in manifest["files"]}
        assert set(archive.namelist()) == {"manifest.json", "manifest.p7s", *listed}
        assert {path: hashlib.sha256(archive.read(path)).hexdigest() for path in listed} == listed
    assert manifest["operation"] == application.operation.reference
    assert {one["kind"] for one in manifest["files"]} == {"contract", "application"}
    assert Document.objects.filter(kind="dossier").count() == 1


def test_a_dossier_that_cannot_be_sealed_now_is_told_and_can_be_asked_for_again(
    browser: Client, exporter: Member, monkeypatch: Any
) -> None:
    def no_time_stamp(content: bytes) -> bytes:
        raise OutsideFailure(permanent=False)

    application = make_submitted(exporter)
    monkeypatch.setattr("azexport.exports.dossier.seal_bytes", no_time_stamp)
    browser.post(f"/operations/{application.operation.reference}/dossier.zip")
    assert run_jobs("exports.build_dossier") == 1
    page = browser.get(f"/operations/{application.operation.reference}/").content.decode()
    assert "being made" not in page
    assert "The archive of the dossier could not be made" in browser.get("/notices/").content.decode()


def test_a_document_merely_asked_for_does_not_hold_up_the_declaration_once_its_body_has_refused(
    exporter: Member,
) -> None:
    application = make_submitted(exporter)
    levels = {one["id"]: one["level"] for one in application.regulations}
    assert "on_request" not in levels.values()
    assert queries.needed_services(application) == list(levels)
    application.regulations = [{**one, "level": "on_request"} for one in application.regulations]
    assert queries.needed_services(application) == []
