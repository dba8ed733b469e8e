"""What the exporter sees, and that customs does not release, when a body does anything else than say yes (S7.1, S7.4).

Only the sandbox's scripts are changed. All consignments are under one contract, side by side.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from demo.browser import PageError
from demo.journey import Journey
from demo.softkey import sign
from sandbox import wire
from tests.stack.consignments import (
    LANGUAGES,
    ORIGIN,
    PLANT,
    QUALITY,
    SERVICE_OF,
    Consignment,
    Ledger,
    Scripts,
    rows,
    stage_on,
    window,
)
from tools.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


@dataclass(frozen=True)
class Answer:
    """What a body does, and what must be seen of it."""

    program: str
    script: dict[str, Any]
    mark: str
    label: dict[str, str]
    """Language -> the state in a word, on the case's page and on the operation's."""
    reason: dict[str, str]
    """Language -> what the case's page says of it."""
    verdict: str = ""
    customs: str = ""
    """The code of the reason that customs gives when the permit comes to it all the same."""
    stage: str = "attention"

    @property
    def service(self) -> str:
        return SERVICE_OF[self.program]


NOT_ACCEPTED = {"az": "Sənəd qəbul edilməyib", "en": "Document not accepted"}


def rejected(program: str, script: dict[str, Any], verdict: str, customs: str, az: str, en: str) -> Answer:
    return Answer(program, script, "permit_rejected", NOT_ACCEPTED, {"az": az, "en": en}, verdict, customs)


ANSWERS = {
    "it refuses": Answer(
        "plant", {"decision": "refuse"}, "refused", {"az": "İmtina edilib", "en": "Refused"},
        {"az": "Nümunədə karantin zərərvericisi (Trogoderma granarium) aşkar edilmişdir.",
         "en": "A quarantine pest (Trogoderma granarium) was found in the sample."},
    ),
    "it asks for more": Answer(
        "quality", {"decision": "ask"}, "information_requested",
        {"az": "Əlavə məlumat istənilib", "en": "Information requested"},
        {"az": "Partiyanın izlənilməsi üçün məlumat kifayət deyil.",
         "en": "The lot cannot be traced with what was stated."},
    ),
    "it is late": Answer(
        "plant", {"late": 3600}, "accepted", {"az": "Qəbul edilib", "en": "Accepted"},
        {"az": "Qalan iş günləri", "en": "Working days left"}, stage="awaiting_permits",
    ),
    "another quantity": rejected(
        "quality", {"wrong_quantity": 0.5}, "wrong_quantity", "permit_quantity",
        "Sənəddəki miqdar müraciətinizdəki miqdar deyil.",
        "The quantity in the document is not the quantity of your application.",
    ),
    "another taxpayer": rejected(
        "plant", {"wrong_taxpayer": True}, "wrong_taxpayer", "permit_taxpayer",
        "Sənəddə müraciət edəndən başqa vergi ödəyicisi göstərilib.",
        "The document names another taxpayer than the one who applied.",
    ),
    "a revoked key": rejected(
        "plant", {"signed_by": "revoked"}, "revoked", "permit_signer_revoked",
        "Sertifikat onu vermiş mərkəz tərəfindən ləğv edilib.", "The certificate has been revoked by its centre.",
    ),
    "a key of a centre nobody trusts": rejected(
        "quality", {"signed_by": "untrusted"}, "unknown_centre", "permit_signer_of_unknown_centre",
        "Sertifikat etibarlı mərkəzlər siyahısında olmayan mərkəz tərəfindən verilib.",
        "The certificate was issued by a centre that is not on the list of trusted centres.",
    ),
    "a foreign key": rejected(
        "plant", {"signed_by": "stranger"}, "foreign_signer", "permit_signer",
        "İmzanın sertifikatında bu xidməti göstərən qurum qeyd olunmayıb",
        "The certificate of the signature does not name the body that provides this service",
    ),
    "changed after signing": rejected(
        "quality", {"tamper": True}, "altered", "permit_altered",
        "Sənəd imzalandıqdan sonra dəyişdirilib.", "The document was changed after it was signed.",
    ),
}  # fmt: skip
EVERY = pytest.mark.parametrize("what", list(ANSWERS))
REJECTED = pytest.mark.parametrize("what", [what for what, answer in ANSWERS.items() if answer.verdict])


@dataclass
class Office:
    """The exporter's consignments, each opened by its own thread; whoever asks for one waits until it is there."""

    stack: Stack
    scripts: Scripts
    main: Journey
    pool: ThreadPoolExecutor
    waiting: dict[str, Future[Consignment]] = field(default_factory=dict)

    def begin(self, what: str) -> None:
        self.waiting[what] = self.pool.submit(self._open, what)

    def __getitem__(self, what: str) -> Consignment:
        return self.waiting[what].result(timeout=120)

    def begin_without_a_fault(self, what: str) -> None:
        self.waiting[what] = self.pool.submit(self._submit, what)

    def _submit(self, what: str) -> Consignment:
        one = self.apply(what)
        one.submit_application()
        return one

    def _open(self, what: str) -> Consignment:
        """A consignment for which one body behaves as the answer of that name says, and the other as always."""
        one = self.apply(what)
        answer = ANSWERS[what]
        self.scripts.say_of(answer.program, {"application": one.application}, **answer.script)
        one.submit_application()
        one.until(answer.service, answer.mark)
        return one

    def apply(self, what: str, origin: str = "no") -> Consignment:
        one = Consignment.of(self.main, what.replace(" ", "-"), **{ORIGIN: origin})
        one.fill_application()
        return one


@pytest.fixture(scope="module")
def office(stack: Stack, main_job: Journey) -> Iterator[Office]:
    scripts = Scripts(stack.sandbox)
    scripts.say("customs", control={"red": 0.1, "yellow": 0.1, "green": 0.1})
    lend_a_strangers_key(stack.sandbox)
    with ThreadPoolExecutor(3) as pool:
        office = Office(stack, scripts, main_job, pool)
        for what in ANSWERS:
            office.begin(what)
        office.begin_without_a_fault("customs refuses")
        yield office
    for program in stack.sandbox_names():
        scripts.take_back(program)


def lend_a_strangers_key(sandbox: Path) -> None:
    """The plant body can sign with a key of a recognised foreign centre, that of the German buyer."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    key, certificate, chain = pkcs12.load_key_and_certificates(
        (sandbox / "people" / "jonas-weber-sign.p12").read_bytes(), b"sandbox"
    )
    assert key is not None
    assert certificate is not None
    folder = sandbox / "plant"
    (folder / "stranger.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "stranger.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "stranger.chain.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))


# ------------------------------------------------------------------------------------------- what is seen


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_case_says_what_the_body_did(office: Office, what: str, language: str) -> None:
    answer, page = ANSWERS[what], office[what].case_page(ANSWERS[what].service, language)

    assert answer.label[language] in page.text()
    assert answer.reason[language] in page.text()


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_operation_says_it_too(office: Office, what: str, language: str) -> None:
    answer, one = ANSWERS[what], office[what]

    assert answer.label[language] in one.card(answer.service, language)
    assert stage_on(one.page(language)) == answer.stage


def test_no_two_of_them_say_the_same_in_either_language() -> None:
    for language in LANGUAGES:
        said = [answer.reason[language] for answer in ANSWERS.values()]
        assert len(set(said)) == len(said)
    assert all(answer.reason["az"] != answer.reason["en"] for answer in ANSWERS.values())
    assert all(answer.label["az"] != answer.label["en"] for answer in ANSWERS.values())


@REJECTED
def test_a_document_that_was_not_accepted_names_its_verdict_and_is_nowhere_offered(office: Office, what: str) -> None:
    answer, one = ANSWERS[what], office[what]
    page = one.case_page(answer.service)

    assert page.tree is not None
    assert page.tree.xpath("//main//*[@data-verdict]/@data-verdict") == [answer.verdict]
    found = rows(office.stack, "select p.status from permits_permit p join cases_case c on c.id = p.case_id"
                 " where c.reference = %s", one.case(answer.service))  # fmt: skip
    assert found == [("rejected",)]


# ---------------------------------------------------------------------------------- customs does not release


@EVERY
def test_customs_is_not_reached(office: Office, what: str) -> None:
    one = office[what]
    page = one.exporter.open(f"/operations/{one.operation}/")
    token = page.attribute("csrf", "value") if page.tree is not None and page.tree.xpath("//*[@id='csrf']") else None

    # The page does not offer it ...
    with pytest.raises(PageError, match="no form"):
        page.form("/declare/")
    # ... and who asks all the same is told that it cannot be.
    browser = window(one.exporter, "en")
    refused = browser.client.post(
        urljoin(browser.portal, f"/operations/{one.operation}/declare/"),
        data={"csrfmiddlewaretoken": token or browser.client.cookies.get("csrftoken", "")},
        headers={"Referer": page.url, "Origin": browser.portal},
    )
    assert refused.status_code == 409
    assert rows(office.stack, "select count(*) from customs_declaration where application_reference = %s",
                one.application) == [(0,)]  # fmt: skip


@REJECTED
def test_customs_does_not_release_when_the_permit_comes_to_it_all_the_same(
    office: Office, stack: Stack, main_job: Journey, what: str
) -> None:
    answer, one = ANSWERS[what], office[what]
    other = QUALITY if answer.program == "plant" else PLANT
    one.until(other, "granted")
    bad = Ledger(stack.sandbox, answer.program).sent("case.granted", one.case(answer.service))[0]["body"]
    good = Ledger(stack.sandbox, "plant" if other == PLANT else "quality").sent("case.granted", one.case(other))[0][
        "body"
    ]

    entry = lodged_all_the_same(stack, main_job, f"past-{one.operation}", bad, good)

    assert entry["state"] == "not_released"
    assert {reason["permit"] for reason in entry["reasons"]} == {bad["permit"]["number"]}
    codes = {reason["code"] for reason in entry["reasons"]}
    assert answer.customs in codes
    assert all(reason["text"]["az"] != reason["text"]["en"] for reason in entry["reasons"])


def lodged_all_the_same(stack: Stack, main: Journey, reference: str, *granted: dict[str, Any]) -> dict[str, Any]:
    """What customs' ledger says of a declaration that somebody with the portal's own key lodges past the portal.

    It is the main job's, released before, with other permits, the last of them for the quantity declared.
    """
    [lodged] = Ledger(stack.sandbox, "customs").received("declaration.lodged", main.declaration)
    body = copy.deepcopy(lodged["body"])
    body["declaration"] = reference
    body["permits"] = [
        {"number": one["permit"]["number"], "service": service_of(one), "file": one["document"]} for one in granted
    ]
    for item in body["items"]:
        item["permits"] = [one["number"] for one in body["permits"]]
        item["quantity"] = granted[-1]["permit"]["lines"][0]["quantity"]
    url = f"{stack.directory['programs']['customs']['base_url']}/messages"
    message = wire.new_message(
        "declaration.lodged", sender=lodged["sender"], recipient=lodged["recipient"], subject=reference, body=body
    )
    key = wire.MessageKey.load(stack.sandbox / "portal")
    content = message.to_bytes()
    assert httpx.post(url, content=content, headers=wire.sign_request(key, url, content), timeout=30).status_code == 202
    entry: dict[str, Any] = wait_for(
        lambda: Ledger(stack.sandbox, "customs").records("declaration").get(reference, {}),
        lambda entry: entry.get("state") in ("released", "not_released"),
    )
    return entry


def service_of(granted: dict[str, Any]) -> str:
    number = granted["permit"]["number"]
    return PLANT if "FIT" in number else QUALITY


def wait_for(read: Callable[[], Any], until: Callable[[Any], bool], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = read()
        if until(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"it stayed {read()}")


# ------------------------------------------------------------------------------------- and how it goes on


def test_while_it_is_asked_the_clock_stands_and_after_the_answer_it_runs_and_the_body_grants(office: Office) -> None:
    """S12.2: the answer goes to the body with the exporter's signature, and not before."""
    one = office["it asks for more"]
    standing = {
        "az": "Cavab verənədək müddətin hesablanması dayandırılır.",
        "en": "The time limit stands until you answer.",
    }
    yours = {"az": "Siz: qurum cavabınızı gözləyir", "en": "You: the body waits for your answer"}
    for language in LANGUAGES:
        page = one.case_page(QUALITY, language)
        assert standing[language] in page.text()
        assert yours[language] in page.text()
    reference = one.case(QUALITY)
    clock = "select due_on is null, finished_on is null from calendar_clock where subject = %s"
    assert rows(office.stack, clock, reference) == [(True, True)]

    one.exporter.open(f"/cases/{reference}/answer/")
    paper = one.exporter.submit({"question_supplier": 'Zaqatala, "Qafqaz fındığı" təsərrüfatı'}).path
    assert rows(office.stack, clock, reference) == [(True, True)]
    one.to_signing(one.exporter, paper)
    sign(one.exporter, one.key("exporter", "sign"))
    one.exporter.wait(paper, lambda page: page.path == f"/cases/{reference}/", 20)

    assert rows(office.stack, clock, reference) == [(False, True)]
    one.until(QUALITY, "granted")
    [supplied] = Ledger(office.stack.sandbox, "quality").received("case.information_supplied", reference)
    assert supplied["body"]["answers"] == {"supplier": 'Zaqatala, "Qafqaz fındığı" təsərrüfatı'}
    assert supplied["body"]["answer_document"]["media_type"] == "application/pdf"
    one.exporter.wait(f"/operations/{one.operation}/", lambda page: stage_on(page) == "ready_to_declare", 20)


def test_a_body_that_is_late_is_overdue_when_its_working_days_are_over_and_may_still_grant(office: Office) -> None:
    one = office["it is late"]
    reference = one.case(PLANT)
    # Working days do not pass while one looks on: the clock was started three weeks ago.
    rows(office.stack, "update calendar_clock set started_on = started_on - 40, running_since = running_since - 40,"
                       " due_on = due_on - 40 where subject = %s", reference)  # fmt: skip

    label = {"az": "Müddət keçib", "en": "Overdue"}
    warning = {"az": "tarixinədək qəbul etməli idi. Gecikmədən şikayət edə bilərsiniz.",
               "en": "You can complain about the delay."}  # fmt: skip
    for language in LANGUAGES:
        page = one.case_page(PLANT, language)
        assert label[language] in page.text()
        assert warning[language] in page.text()
        assert label[language] in one.card(PLANT, language)
    with pytest.raises(PageError, match="no form"):
        one.page().form("/declare/")

    office.scripts.say_of("plant", {"application": one.application}, late=0)
    one.until(PLANT, "granted", 20)


def test_a_body_that_is_down_gets_everything_once_it_is_up(office: Office) -> None:
    one = office.apply("it is down", origin="yes")
    office.scripts.say("origin", down=True)
    one.submit_application()
    one.until(ORIGIN, "undelivered")

    label = {"az": "Hələ çatdırılmayıb", "en": "Not delivered yet"}
    trying = {"az": "Portal cəhdləri davam etdirir", "en": "The portal keeps trying"}
    for language in LANGUAGES:
        assert label[language] in one.card(ORIGIN, language)
        text = one.case_page(ORIGIN, language).text()
        assert label[language] in text
        assert trying[language] in text
    one.until(PLANT, "granted")
    with pytest.raises(PageError, match="no form"):
        one.page().form("/declare/")

    office.scripts.take_back("origin")
    one.until(ORIGIN, "granted")
    reference = one.case(ORIGIN)
    assert len(Ledger(office.stack.sandbox, "origin").received("case.submitted", reference)) == 1
    assert stage_on(one.page()) == "ready_to_declare"


def test_customs_itself_refuses_and_its_reasons_are_seen(office: Office) -> None:
    one = office["customs refuses"]
    one.exporter.wait(f"/operations/{one.operation}/", lambda page: stage_on(page) == "ready_to_declare", 40)
    office.scripts.say("customs", decision="refuse")
    one.declare()
    one.exporter.wait(f"/operations/{one.operation}/", lambda page: stage_on(page) == "not_released", 40)

    label = {"az": "Buraxılmayıb", "en": "Not released"}
    reason = {"az": "Baxış zamanı malın faktiki miqdarı bəyan ediləndən fərqli olmuşdur.",
              "en": "On inspection the quantity of the goods was another than declared."}  # fmt: skip
    told = {"az": "Gömrük malları buraxmadı.", "en": "Customs did not release the goods."}
    for language in LANGUAGES:
        assert label[language] in one.declaration_page(language).text()
        assert reason[language] in one.declaration_page(language).text()
        assert label[language] in one.page(language).text()
        assert told[language] in one.page(language).text()
    assert Ledger(office.stack.sandbox, "customs").records("declaration")[one.declaration]["state"] == "not_released"
    office.scripts.take_back("customs")
