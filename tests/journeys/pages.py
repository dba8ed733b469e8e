"""What a person does on a page, and what a careful eye sees there."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from babel.messages.pofile import read_po
from playwright.sync_api import FilePayload, Locator, Page, expect

from tools.stack import ROOT

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
SERIOUS = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# -- what a person does


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Every named field of the page's form holds its value; choices are named by their value."""
    for name, value in values.items():
        put(page, page.locator(f'main form [name="{name}"]'), value)


def put(page: Page, field: Locator, value: str) -> None:
    """The field holds the value, entered as its kind is entered by hand."""
    kind = field.first.evaluate("field => field.tagName == 'SELECT' ? 'select' : field.type")
    if kind in ("radio", "checkbox"):
        one = field if kind == "checkbox" else page.locator(f'main form [name="{_name(field)}"][value="{value}"]')
        one.check()
    elif kind == "select":
        _choose(page, field, value)
    elif kind == "hidden":
        suggest(page, field.evaluate("field => field.parentElement.querySelector('[role=combobox]').id"), value, value)
    else:
        field.fill(value)


def suggest(page: Page, id_: str, typed: str, expected: str) -> None:
    """Something is typed into a field with suggestions, and the one that holds `expected` is chosen."""
    box = page.locator(f"#{id_}[role=combobox]")
    box.fill("")
    box.press_sequentially(typed)
    digits = re.sub(r"\D", "", expected)
    wanted = re.compile(r"\.?".join(digits)) if digits else re.compile(re.escape(expected))
    page.get_by_role("option").filter(has_text=wanted).first.click()
    expect(page.get_by_role("listbox")).not_to_be_visible()


def _choose(page: Page, field: Locator, value: str) -> None:
    if field.is_visible():
        field.select_option(value)
        return
    label = field.locator(f'option[value="{value}"]').inner_text()
    box = page.locator(f"#{(field.get_attribute('id') or '').removesuffix('-select')}")
    box.fill("")
    box.fill(label)
    page.get_by_role("option", name=label, exact=True).first.click()
    expect(field).to_have_value(value)


def _name(field: Locator) -> str:
    return field.first.get_attribute("name") or ""


def press(page: Page, within: str = "main") -> None:
    """The page's main button is pressed."""
    button = f"{within} form button.govuk-button:not(.govuk-button--secondary):not(.govuk-button--warning)"
    page.locator(button).first.click()


def save(page: Page, values: dict[str, str] | None = None) -> None:
    """The form is filled in and sent, and the next page is there."""
    fill_in(page, values or {})
    here = urlsplit(page.url).path
    press(page)
    page.wait_for_url(lambda url: urlsplit(url).path != here)


def both(name: str, az: str, en: str) -> dict[str, str]:
    """The two fields of a text in both languages."""
    return {f"{name}__az": az, f"{name}__en": en}


def tick(page: Page, name: str, *values: str) -> None:
    """These boxes of a list are ticked."""
    for value in values:
        page.locator(f'main form [name="{name}"][value="{value}"]').check()


def keep(page: Page) -> None:
    """A page of the editor is saved, and nothing on it is left to mend."""
    here = page.url
    press(page)
    page.wait_for_url(lambda url: url != here)
    assert "?check" not in page.url, page.locator(".az-faults").inner_text()


def write(page: Page, address: str, values: Mapping[str, str | dict[str, str]], *, mends: bool = False) -> None:
    """A page of the editor is filled in and saved; a text in both languages goes into both its fields."""
    page.goto(address)
    for name, value in values.items():
        fill_in(page, both(name, **value) if isinstance(value, dict) else {name: value})
    if not mends:
        keep(page)
        return
    press(page)
    page.wait_for_url("**?check")


def picture(name: str) -> FilePayload:
    """A small picture, as a file to be chosen."""
    return {"name": name, "mimeType": "image/png", "buffer": b64decode(_PIXEL)}


_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="


def answer(page: Page, known: dict[str, str]) -> None:
    """Every empty question of a page whose questions come from the regulations is answered."""
    for name in _unanswered(page):
        controls = page.locator(f'main form [name="{name}"]')
        put(page, controls, _fitting(controls, known.get(name.split("__")[0])))


def _unanswered(page: Page) -> list[str]:
    found: list[str] = page.locator("main form").first.evaluate(
        """form => {
            const names = [], others = ['hidden', 'submit', 'file', 'checkbox'];
            for (const one of form.elements) {
                if (!one.name || names.includes(one.name) || others.includes(one.type)) continue;
                const group = form.elements[one.name];
                if (!group.value) names.push(one.name);
            }
            return names;
        }"""
    )
    return found


def _fitting(controls: Locator, known: str | None) -> str:
    one = controls.first
    kind = one.evaluate("field => field.tagName == 'SELECT' ? 'select' : field.type")
    if kind == "radio":
        values = controls.evaluate_all("all => all.map(one => one.value)")
        return known if known and known in values else str(values[0])
    if known:
        return known
    if kind == "select":
        return str(one.evaluate("field => [...field.options].map(one => one.value).find(Boolean)"))
    if kind == "date":
        return date.today().isoformat()
    return "1" if one.get_attribute("inputmode") in ("decimal", "numeric") else "Şəki"


def use_key(page: Page, key: Path, password: str) -> None:
    """The key file is chosen, its password typed, and the button pressed."""
    page.set_input_files("#key-file", key)
    page.fill("#key-password", password)
    page.click("#soft-key-submit")


# -- what a careful eye sees


def follow(link: Locator) -> None:
    """Clicks, and waits until the page that it leads to is there: a click does not wait for that by itself."""
    with link.page.expect_navigation(wait_until="load"):
        link.click()


@dataclass
class Eye:
    """Looks at each page in both languages, wide and narrow, keeps the pictures, and remembers what is wrong."""

    folder: Path
    problems: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """What the page's console says is heard from now on."""
        page.on("pageerror", lambda error: self.problems.append(f"{_path(page)}: script error: {error}"))
        page.on("console", lambda said: self._hear(page, said))

    def look(self, page: Page, name: str) -> None:
        """The page as it stands is looked at: in Azerbaijani, then in English, each wide and narrow.

        Afterwards the page is the English one, wide; the next one comes in Azerbaijani again.
        """
        label = f"{len(self.seen) + 1:02d}-{name}"
        self.seen.append(name)
        self._settle(page)
        self._pictures(page, label, "az")
        self._untranslated(page, label)
        self._language(page, "en")
        page.reload(wait_until="load")
        self._settle(page)
        expect(page.locator("html")).to_have_attribute("lang", "en")
        self._accessible(page, label)
        self._pictures(page, label, "en")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self._language(page, "az")

    def glance(self, page: Page, name: str) -> None:
        """A page that is gone when it is loaded again (errors of a form) is looked at as it is."""
        label = f"{len(self.seen) + 1:02d}-{name}"
        self.seen.append(name)
        self._accessible(page, label)
        self._pictures(page, label, page.locator("html").get_attribute("lang") or "az")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    # -- inside

    def _hear(self, page: Page, said: Any) -> None:
        expected = "status of 4" in said.text  # a page that is meant to refuse
        if said.type == "error" and not expected:
            self.problems.append(f"{_path(page)}: console: {said.text}")

    def _settle(self, page: Page) -> None:
        page.evaluate("() => document.fonts.ready.then(() => true)")

    def _language(self, page: Page, code: str) -> None:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        page.context.add_cookies([{"name": "language", "value": code, "url": origin}])

    def _pictures(self, page: Page, label: str, language: str) -> None:
        for size, viewport in (("wide", WIDE), ("narrow", NARROW)):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            (self.folder / f"{label}-{language}-{size}.png").write_bytes(_picture(page))
        over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            self.problems.append(f"{label} ({language}): {over} px wider than a telephone")

    def _accessible(self, page: Page, label: str) -> None:
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(
            "tags => axe.run(document, {resultTypes: ['violations'], iframes: false, runOnly: tags})", RULES
        )
        for one in found["violations"]:
            if one["impact"] in SERIOUS:
                where = "; ".join(node["html"][:160] for node in one["nodes"][:3])
                self.problems.append(f"{label}: {one['id']} ({one['impact']}): {one['help']}: {where}")

    def _untranslated(self, page: Page, label: str) -> None:
        for text in page.evaluate(_TEXTS):
            if english(text):
                self.problems.append(f"{label}: English on the Azerbaijani page: {text}")


def _picture(page: Page) -> bytes:
    """The whole page as PNG; faster than Playwright's own by a third, for it packs loosely."""
    session = page.context.new_cdp_session(page)
    box = page.evaluate("() => [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    taken = session.send(
        "Page.captureScreenshot",
        {
            "format": "png",
            "optimizeForSpeed": True,
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": box[0], "height": box[1], "scale": 1},
        },
    )
    session.detach()
    return b64decode(taken["data"])


_TEXTS = """() => {
    const found = new Set([document.title.split(' – ')[0]]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.replace(/\\s+/g, ' ').trim();
        if (text.length > 1 && !element.closest('script, style, template, [lang=en]')) found.add(text);
    }
    for (const one of document.querySelectorAll('[aria-label]')) found.add(one.getAttribute('aria-label').trim());
    return [...found];
}"""


def english(text: str) -> bool:
    """Whether the text is a source text that has another Azerbaijani form, or none yet."""
    plain, patterns, fine = _messages()
    if text in fine:
        return False
    return text in plain or any(pattern.fullmatch(text) for pattern in patterns)


@cache
def _messages() -> tuple[set[str], list[re.Pattern[str]], set[str]]:
    plain, patterns, fine = set[str](), list[re.Pattern[str]](), set[str]()
    for message, translations in _entries():
        fine.update(translations)
        if message in translations:
            continue
        if "%(" not in message:
            plain.add(message.replace("%%", "%"))
        elif len(re.sub(r"%\(\w+\)s|[^a-zA-Z]", "", message)) > 5:
            parts = re.split(r"%\(\w+\)[sd]", message.replace("%%", "%"))
            patterns.append(re.compile(".+?".join(re.escape(part.strip("\n")) for part in parts)))
    return plain - fine, patterns, fine


def _entries() -> Iterator[tuple[str, set[str]]]:
    for path in [*ROOT.glob("locale/az/*/django.po"), *ROOT.glob("azexport/*/locale/az/*/django.po")]:
        with path.open("rb") as file:
            for message in read_po(file, locale="az"):
                sources = message.id if isinstance(message.id, tuple) else (message.id,)
                targets = message.string if isinstance(message.string, tuple) else (message.string,)
                for source in filter(None, sources):
                    yield str(source), {str(target) for target in targets if target}


def _path(page: Page) -> str:
    return urlsplit(page.url).path


Open = Callable[..., Page]
