"""The main job, stage by stage, through the portal's pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx

from demo.browser import Browser, Page, PageError
from demo.softkey import SoftKey, sign, sign_in

NAMES = {
    "080222": ("Qabığı təmizlənmiş fındıq, 2026-cı il məhsulu", "Shelled hazelnuts, crop 2026"),
    "081310": ("Ərik qurusu", "Dried apricots"),
    "070200": ("Təzə pomidor", "Fresh tomatoes"),
}
ANSWERS = {
    "botanical_name": "Corylus avellana",
    "treated": "false",
    "lot_number": "LOT-2026-117",
    "harvest_year": "2026",
    "invoice_number": "INV-2026-0042",
}
"""Answers worth having right; every other question is answered as its form allows."""
ROAD, ROAD_OFFICE = "3", "AZSNQ"
ADDRESS = "Speicherstadt 12, 20457 Hamburg"


@dataclass
class Order:
    """What is exported."""

    hs: str
    to: str
    tonnes: str
    contracted: str = ""
    """Tonnes that the contract is about, where this is not its only consignment."""

    @property
    def kilograms(self) -> str:
        return _kilograms(self.tonnes)

    @property
    def contracted_kilograms(self) -> str:
        return _kilograms(self.contracted or self.tonnes)


def _kilograms(tonnes: str) -> str:
    return f"{int(float(tonnes) * 1000)}"


@dataclass
class Journey:
    """The exporter's and the buyer's way from sign-in to release; every document goes into `folder`."""

    portal: str
    directory: dict[str, Any]
    sandbox: Path
    folder: Path
    order: Order
    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    contract: str = ""
    application: str = ""
    operation: str = ""
    declaration: str = ""
    permits: int = 0

    def __post_init__(self) -> None:
        self.exporter = Browser(self.portal)
        self.buyer = Browser(self.portal, language="en")
        self.folder.mkdir(parents=True, exist_ok=True)

    # -- the stages

    def run(self) -> None:
        """Every stage, in order.

        Raises:
            PageError: the portal did not do what the stage expects.
        """
        for name, stage in (
            ("sign in", self.open_cabinet),
            ("good", self.enter_good),
            ("contract: draft", self.draft_contract),
            ("contract: exporter signs", self.sign_contract),
            ("contract: buyer signs", self.buyer_signs),
            ("application: fill in", self.fill_application),
            ("application: sign and submit", self.submit_application),
            ("permits", self.await_permits),
            ("declaration: sign and lodge", self.declare),
            ("release", self.await_release),
            ("dossier", self.fetch_dossier),
        ):
            with self.timed(name):
                stage()

    def open_cabinet(self) -> None:
        """Sign-in opens the cabinet: the register's data are confirmed (P10.1, P10.3.3(1-2))."""
        sign_in(self.exporter, self.key("exporter", "auth"))
        if self.exporter.page.path == "/sign-in/confirm/":
            self.exporter.submit({"phone": "+994501234567"})

    def enter_good(self) -> None:
        """A good made in Azerbaijan is on the shelf (P4.1.1)."""
        az, en = self.names()
        self.exporter.open("/goods/add/")
        self.answer_form(
            {
                "hs_code": self.order.hs, "name_az": az, "name_en": en, "description_az": az, "description_en": en,
                "unit": "KGM", "producer": "Şəki Fındıq MMC", "made_in_azerbaijan": "on",
            }
        )  # fmt: skip

    def draft_contract(self) -> None:
        """The contract is complete and its PDF is made (P10.3.1(1-2))."""
        browser = self.exporter
        browser.open("/contracts/new/")
        browser.submit()
        self.contract = _reference(browser.page.path)
        at = f"/contracts/{self.contract}/"
        az, en = self.names()
        buyer, kilograms = self.person("buyer"), self.order.contracted_kilograms
        sections: list[tuple[str, dict[str, Any]]] = [
            ("seller/", {}),
            ("buyer/", {"name": buyer["organisation"], "country": self.order.to, "address": ADDRESS}),
            ("contact/", {"contact": buyer["name"], "email": buyer["email"]}),
            ("number/", {"number": "2026/117", "place": "Şəki"}),
            ("currency/", {"currency": "EUR"}),
            ("goods/new/", {
                "hs": self.order.hs, "description_az": az, "description_en": en, "quantity": kilograms,
                "unit": "KGM", "price": "7", "net_kg": kilograms, "gross_kg": str(int(int(kilograms) * 1.02)),
                "packages": str(max(1, int(kilograms) // 25)), "package_kind": "BG",
            }),
            ("delivery/", {"incoterm": "CPT", "incoterm_place": "Hamburg",
                           "delivery_by": (_today() + timedelta(days=60)).isoformat()}),
            ("payment/", {"payment_terms": "open_account", "payment_days": "30"}),
        ]  # fmt: skip
        for address, fields in sections:
            browser.open(at + address)
            browser.submit(fields)
        browser.open(at + "law/")
        self.answer_form({})
        browser.open(at + "check/")
        browser.submit()

    def sign_contract(self) -> None:
        """The exporter has read and signed the PDF."""
        self.to_signing(self.exporter, f"/contracts/{self.contract}/")
        sign(self.exporter, self.key("exporter", "sign"))

    def buyer_signs(self) -> None:
        """The buyer comes by the letter's link, opens a cabinet with a foreign certificate, and signs (P10.3.1(4))."""
        link = self.letter(self.person("buyer")["email"], "/invitation/")
        browser = self.buyer
        browser.open(link)
        sign_in(browser, self.key("buyer", "auth"))
        if browser.page.path == "/sign-in/confirm/":
            self.answer_form({"address": ADDRESS, "phone": "+4940123456"}, browser)
        browser.submit(form="/invitation/")
        self.to_signing(browser, f"/contracts/{self.contract}/")
        sign(browser, self.key("buyer", "sign"))
        page = self.exporter.open(f"/contracts/{self.contract}/")
        self.keep(self.exporter, page.links("/documents/")[0], "contract.pdf")

    def fill_application(self) -> None:
        """One application: goods, permits, questions asked once, promotion note (P10.3.3(3-4))."""
        browser = self.exporter
        browser.open(f"/applications/new/?contract={self.contract}")
        browser.submit({"contract": self.contract})
        self.application = _reference(browser.page.path)
        at = f"/applications/{self.application}/"
        browser.open(at + "goods/")
        browser.submit({"quantity_1": self.order.kilograms} if self.order.contracted else {})
        browser.open(at + "permits/")
        self.answer_form({})
        for address in browser.open(at).links("/questions/"):
            self.answer_section(address)
        if browser.open(at).links("/promotion/"):
            browser.open(at + "promotion/")
            browser.submit({"requested": "yes", "bank": "Kapital Bank", "iban": "AZ21NABZ00000000137010001944"})

    def submit_application(self) -> None:
        """One signature, and every body has its part at once (P10.3.3(5))."""
        browser = self.exporter
        browser.open(f"/applications/{self.application}/check/")
        browser.submit()
        self.to_signing(browser, f"/applications/{self.application}/sign/")
        sign(browser, self.key("exporter", "sign"))
        page = browser.wait(
            f"/applications/{self.application}/submitted/", lambda page: page.path.endswith("/submitted/")
        )
        self.operation = _reference(urlsplit(page.links("/operations/")[0]).path)

    def await_permits(self) -> None:
        """Every body has decided and its signed permit has been checked (P10.3.3(6))."""
        page = self.exporter.wait(
            f"/operations/{self.operation}/",
            lambda page: bool(_marks(page)) and all(m == "granted" for m in _marks(page)),
            120,
        )
        assert page.tree is not None
        self.permits = len(_marks(page))
        for card in page.tree.xpath("//*[@data-mark]"):
            address = card.xpath(".//a[contains(@href,'/documents/')]/@href")[0]
            self.keep(self.exporter, address, f"permit-{card.get('data-service')}.pdf")
        self.keep_kind(page, "application")

    def declare(self) -> None:
        """The declaration is filled in from what there is, signed and lodged (P10.3.3(7-8))."""
        browser = self.exporter
        browser.open(f"/operations/{self.operation}/")
        browser.submit(form="/declare/")
        self.declaration = _reference(browser.page.path)
        at = f"/declarations/{self.declaration}/"
        browser.open(at + "transport/")
        self.answer_form(
            {
                "transport_mode": ROAD,
                "transport_identity": "10-AA-117",
                "transport_nationality": "AZ",
                "exit_office": ROAD_OFFICE,
            }
        )
        browser.open(at + "check/")
        browser.submit()
        self.to_signing(browser, at)
        sign(browser, self.key("exporter", "sign"))

    def await_release(self) -> None:
        """Customs has verified every permit, picked a channel and released the goods (P4.2.6)."""
        page = self.exporter.wait(
            f"/operations/{self.operation}/",
            lambda page: _stage(page) in {"released", "not_released"},
            120,
        )
        if _stage(page) != "released":
            raise PageError("customs did not release the goods")
        self.keep_kind(page, "declaration")
        self.keep_kind(page, "release")

    def fetch_dossier(self) -> None:
        """One archive of everything, to be checked without the portal."""
        browser = self.exporter
        browser.open(f"/operations/{self.operation}/")
        browser.submit(form="/dossier.zip")
        page = browser.wait(f"/operations/{self.operation}/", lambda page: bool(page.links("/dossier.zip")))
        self.keep(browser, page.links("/dossier.zip")[0], "dossier.zip")

    # -- what the stages share

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.say(f"{name} …")
        yield
        self.seconds[name] = round(time.monotonic() - started, 2)
        self.say(f"{name}: {self.seconds[name]:.2f} s")

    def person(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.directory["people"] if one["role"] == role)
        return found

    def key(self, role: str, kind: str) -> SoftKey:
        person = self.person(role)
        path = Path(person[f"{kind}_p12"])
        return SoftKey.open(path if path.is_absolute() else self.sandbox / path, person["password"])

    def names(self) -> tuple[str, str]:
        return NAMES.get(self.order.hs[:6], (f"Mal {self.order.hs}", f"Goods of HS {self.order.hs}"))

    def to_signing(self, browser: Browser, address: str, seconds: float = 60) -> None:
        """The browser shows the signing page that `address` leads to once the document is made."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            page = browser.open(address)
            if page.path.startswith("/sign/"):
                return
            if found := [link for link in page.links("/sign/") if _is_signing(link)]:
                browser.open(found[0])
                return
            assert page.tree is not None
            if any(form.get("action", "").endswith("/sign/") for form in page.tree.xpath("//main//form")):
                browser.submit(form="/sign/")
                return
            time.sleep(0.2)
        raise PageError(f"{address} did not lead to signing: {browser.page.text()[:200]}")

    def answer_section(self, address: str) -> None:
        """A section's questions; what an answer brings up is answered too."""
        for _round in range(3):
            self.exporter.open(address)
            self.answer_form({})
            if urlsplit(self.exporter.page.url).path != urlsplit(address).path:
                return
        raise PageError(f"{address} asks on and on")

    def answer_form(self, known: dict[str, Any], browser: Browser | None = None) -> None:
        """The page's form is sent with what is known, and something fitting everywhere else."""
        browser = browser or self.exporter
        form = browser.page.form()
        fields: dict[str, Any] = dict(known)
        for element in form.xpath(".//input | .//select | .//textarea"):
            name = element.get("name")
            if not name or name in fields or name == "csrfmiddlewaretoken":
                continue
            value = _fitting(element, form)
            if value is not None:
                fields[name] = value
        browser.submit({name: value for name, value in fields.items() if name in form.fields})

    def letter(self, to: str, containing: str, seconds: float = 30) -> str:
        """The first link with that in it, of a letter to that address."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            letters = httpx.get(f"{self.directory['mail']}/api/messages", params={"to": to}, timeout=10).json()
            for letter in reversed(letters):
                for link in letter["links"]:
                    if containing in link:
                        return str(link)
            time.sleep(0.25)
        raise PageError(f"no letter with {containing} came to {to}")

    def keep(self, browser: Browser, address: str, name: str) -> None:
        self.keep_bytes(name, browser.download(address))

    def keep_bytes(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)
        self.documents[name] = str(self.folder / name)

    def keep_kind(self, page: Page, kind: str) -> None:
        """The page's document of that kind is kept under its kind's name."""
        assert page.tree is not None
        found = page.tree.xpath(f"//*[@data-kind='{kind}']//a[contains(@href,'/documents/')]/@href")
        if not found:
            raise PageError(f"{page.path} shows no {kind}")
        self.keep(self.exporter, found[0], f"{kind}.pdf")


def _fitting(element: Any, form: Any) -> Any:
    """A value that the field would take; None where what it holds already is fine."""
    name, kind = element.get("name"), element.get("type", "text")
    key = name.split("__")[0]
    if element.tag == "select":
        current = element.value
        options = [option.get("value") for option in element.iter("option") if option.get("value")]
        return None if current else next(iter(options), None)
    if kind in ("hidden", "submit", "file", "checkbox"):
        return "on" if kind == "checkbox" and "made_in" in name else None
    if kind == "radio":
        group = form.xpath(f".//input[@name='{name}']")
        if any(one.get("checked") is not None for one in group):
            return None
        values = [one.get("value") for one in group]
        return ANSWERS[key] if ANSWERS.get(key) in values else values[0]
    current = element.text if element.tag == "textarea" else element.get("value")
    if (current or "").strip():
        return None
    if key in ANSWERS:
        return ANSWERS[key]
    if kind == "date":
        return _today().isoformat()
    return "1" if element.get("inputmode") in ("decimal", "numeric") else "Şəki"


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Baku")).date()


def _reference(path: str) -> str:
    return path.strip("/").split("/")[1]


def _marks(page: Page) -> list[str]:
    assert page.tree is not None
    return [str(mark) for mark in page.tree.xpath("//*[@data-mark]/@data-mark")]


def _stage(page: Page) -> str:
    return page.attribute("operation", "data-stage")


def _is_signing(link: str) -> bool:
    return urlsplit(link).path.startswith("/sign/")
