"""Services that decision 191 does not list enter the registry as any other: applied for, signed, decided (S10.3-10.4).

    python -m demo.registrations PORTAL SANDBOX [SERVICE …]

The head of each provider fills in and signs the form of S-A2; an officer of the registry operator takes it on, goes
through the steps and signs the registration. What is in the registry already is left alone.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import yaml

from demo.browser import Browser, Page, PageError
from demo.softkey import SoftKey, sign, sign_in

ROOT = Path(__file__).resolve().parent.parent
OPERATOR = "communications"
FORM = "service-registration"
FIRST = (
    "phytosanitary-certificate", "veterinary-certificate", "free-sale-certificate", "export-promotion",
    "promotion-calculator", "packing-station-approval", "taxpayer-extract", "permit-finder", "document-verification",
    "export-documents-guide", "service-registration", "registry-correction", "registry-cancellation",
)  # fmt: skip
"""What runs here and stands in no list."""


@dataclass
class Registrations:
    """The people of the sandbox, at the pages of the portal."""

    portal: str
    sandbox: Path
    regulations: Path = Path(os.environ.get("AZEXPORT_REGULATIONS") or ROOT / "regulations")
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory: dict[str, Any] = json.loads((self.sandbox / "directory.json").read_text())

    def enter(self, service: str) -> str:
        """The service is in the registry; returns its number.

        Raises:
            PageError: the portal did not do what is expected.
        """
        content = yaml.safe_load((self.regulations / f"{service}.yaml").read_text())
        if number := self.number_of(service):
            return number
        case = self.apply(content)
        self.decide(case)
        if number := self.number_of(service):
            return number
        raise PageError(f"{service} was decided and is not in the registry")

    @cached_property
    def names(self) -> dict[str, str]:
        """Participant's code -> what the body is called today."""
        listed = yaml.safe_load((self.regulations / "participants.yaml").read_text())["participants"]
        return {one["code"]: one["tenures"][-1]["name"]["az"] for one in listed}

    def number_of(self, service: str) -> str:
        """The service's number in the registry; empty where it has none."""
        answer = httpx.get(f"{self.portal}/api/services", params={"runs": "here", "limit": "200"}, timeout=10).json()
        found = [one["number"] for one in answer["services"] if one.get("service") == service]
        return str(found[0]) if found else ""

    def apply(self, content: dict[str, Any]) -> str:
        """The head of the provider has filled in and signed the form; returns the case's reference."""
        head = self.person(content["general"]["provider"], "head")
        browser = self.at_the_desk(head)
        known = answers_of(content, self.names)
        browser.open(f"/apply/{FORM}/")
        browser.submit(form="start" if _has_form(browser.page, "start") else "")
        at = browser.page.path
        for address in list(browser.page.links("/tasks/")):
            self.answer(browser, address, known)
        browser.open(f"{at}check/")
        browser.submit()
        self.sign(browser, head)
        page = browser.wait(f"{at}submitted/", lambda page: page.path.endswith("/submitted/"))
        return _reference(page, "/cases/")

    def answer(self, browser: Browser, address: str, known: dict[str, Any]) -> None:
        """The task is answered, what an answer brings up included."""
        browser.open(address)
        for _round in range(3):
            offered = browser.page.form().fields
            browser.submit({name: value for name, value in known.items() if name in offered})
            if browser.page.url.rstrip("/") != address.rstrip("/"):
                return
        raise PageError(f"{address} asks on and on")

    def decide(self, case: str) -> None:
        """An officer of the registry operator has gone through the steps, and signed."""
        officer = self.person(OPERATOR, "officer")
        browser = self.at_the_desk(officer)
        at = f"/desk/cases/{case}/"
        browser.open(at + "take-on/")
        browser.submit()
        for _step in range(10):
            running = _steps(browser.open(at))
            if not running:
                break
            every = browser.page.form(running[0]).xpath(".//input[@name='checklist']/@value")
            browser.submit({"checklist": list(every)} if every else {}, form=running[0])
        browser.open(at + "grant/")
        browser.submit()
        browser.submit()
        self.sign(browser, officer)

    # -- what both share

    def person(self, body: str, role: str) -> dict[str, Any]:
        people = [one for one in self.directory["people"] if one.get("body") == body]
        found: dict[str, Any] = next((one for one in people if one["role"] == role), {}) or people[0]
        return found

    def key(self, person: dict[str, Any], kind: str) -> SoftKey:
        path = Path(person[f"{kind}_p12"])
        return SoftKey.open(path if path.is_absolute() else self.sandbox / path, person["password"])

    def at_the_desk(self, person: dict[str, Any]) -> Browser:
        """The person's browser, signed in."""
        if person["key"] not in self.browsers:
            browser = self.browsers[person["key"]] = Browser(self.portal)
            sign_in(browser, self.key(person, "auth"), "/desk/")
        return self.browsers[person["key"]]

    def sign(self, browser: Browser, person: dict[str, Any]) -> None:
        """The paper that the browser waits for is made, shown and signed."""
        waiting = browser.page.url
        deadline = time.monotonic() + 60
        while not browser.page.path.startswith("/sign/"):
            if found := [link for link in browser.page.links("/sign/") if "/sign/SG-" in link]:
                browser.open(found[0])
                break
            if time.monotonic() > deadline:
                raise PageError(f"{waiting} did not lead to signing: {browser.page.text()[:200]}")
            time.sleep(0.2)
            browser.open(waiting)
        sign(browser, self.key(person, "sign"))


_WAY_IN = {"interactive": "apply", "informational": "regulations"}


def answers_of(content: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """S-A2 filled in from a regulation (its shape: S-A1)."""
    general, provision = content["general"], content["provision"]
    paid = float(provision["fee"]["amount"]) > 0
    acts = "\n".join(
        ", ".join(filter(None, (one["act"]["az"], str(one.get("clause", ""))))) for one in general["legal_basis"]
    )
    address = provision.get("runs_at") or f"/{_WAY_IN[provision['kind']]}/{content['id']}/"
    performers = [names.get(code, code) for code in general.get("other_performers") or ()]
    answers: dict[str, Any] = {
        "name_az": general["name"]["az"], "name_en": general["name"]["en"],
        "content_az": general["content"]["az"].strip(), "content_en": general["content"]["en"].strip(),
        "activity": "s" + general["activity"].replace(".", "-"),
        "legal_basis": acts, "other_performers": "\n".join(performers),
        "kind": provision["kind"], "fee": "paid" if paid else "free",
        "users": provision["users"], "place": f"https://azexport.az{address}", "service": content["id"],
    }  # fmt: skip
    if paid:
        basis = provision["fee"].get("legal_basis") or {}
        answers["fee_text"] = (
            f"{provision['fee']['amount']} {provision['fee'].get('currency', 'AZN')}. {basis.get('az', '')}"
        )
    return answers


def _steps(page: Page) -> list[str]:
    """The addresses of the forms of the steps that can be finished now."""
    assert page.tree is not None
    found = page.tree.xpath("//main//form[contains(@action, '/steps/')]/@action")
    return [str(one) for one in found if not str(one).endswith("/start/")]


def _has_form(page: Page, action: str) -> bool:
    try:
        page.form(action)
    except PageError:
        return False
    return True


def _reference(page: Page, before: str) -> str:
    links = page.links(before)
    if not links:
        raise PageError(f"{page.path} names no case: {page.text()[:200]}")
    return links[0].split(before)[1].strip("/").split("/")[0]


def main() -> int:
    """Enters each service; says which; exit status 1 where one could not be entered."""
    portal, sandbox, *wanted = sys.argv[1:]
    registrations = Registrations(portal, Path(sandbox))
    try:
        shipped = [one for one in FIRST if (registrations.regulations / f"{one}.yaml").exists()]
        for service in wanted or shipped:
            started = time.monotonic()
            number = registrations.enter(service)
            print(f"{number}  {service}  ({time.monotonic() - started:.1f} s)", flush=True)
    except (PageError, httpx.HTTPError) as error:
        print(f"the registration stopped: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
