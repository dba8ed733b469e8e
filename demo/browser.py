"""A browser without a screen: keeps cookies, follows redirects, fills in the forms that the pages offer."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from lxml import html


class PageError(Exception):
    """A page is not what the journey expects; says what it said instead."""


class Page:
    """A page as the user has it before them."""

    def __init__(self, response: httpx.Response) -> None:
        self.url = str(response.url)
        self.status = response.status_code
        self.content = response.content
        self.tree = html.fromstring(response.content.decode()) if b"<" in response.content[:500] else None

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def heading(self) -> str:
        assert self.tree is not None
        return " ".join(self.tree.xpath("string(//h1)").split())

    @property
    def errors(self) -> list[str]:
        assert self.tree is not None
        found = self.tree.xpath("//*[contains(@class,'govuk-error-summary')]//li")
        return [" ".join(item.text_content().split()) for item in found]

    def text(self) -> str:
        """What one reads on the page, white space folded."""
        assert self.tree is not None
        return " ".join(self.tree.xpath("string(//main)").split())

    def links(self, containing: str) -> list[str]:
        """The addresses of the page's links whose address contains that."""
        assert self.tree is not None
        found = [urljoin(self.url, href) for href in self.tree.xpath("//main//a/@href")]
        return list(dict.fromkeys(href for href in found if containing in href))

    def form(self, action: str = "") -> Any:
        """The first form of the page's main part whose address ends with `action`.

        Raises:
            PageError: there is none.
        """
        assert self.tree is not None
        for form in self.tree.xpath("//main//form"):
            address = urlsplit(urljoin(self.url, form.get("action") or self.url)).path
            if address.endswith(action) and form.get("id") != "soft-key":
                return form
        raise PageError(f"no form {action!r} on {self.path} ({self.heading})")

    def attribute(self, element_id: str, name: str) -> str:
        """An attribute of the element with that id."""
        assert self.tree is not None
        found = self.tree.xpath(f"//*[@id='{element_id}']/@{name}")
        if not found:
            raise PageError(f"#{element_id} with {name} is not on {self.path} ({self.heading})")
        return str(found[0])


class Browser:
    """One person's browser at the portal."""

    def __init__(self, portal: str, language: str = "az") -> None:
        self.portal = portal
        self.client = httpx.Client(follow_redirects=True, timeout=30, headers={"Accept": "text/html"})
        # No domain: a cookie jar takes "localhost" for another host than the one it asks.
        self.client.cookies.set("language", language)
        weakref.finalize(self, self.client.close)
        self.page: Page

    def open(self, address: str) -> Page:
        """The page at the address.

        Raises:
            PageError: the portal answered with an error.
        """
        return self._show(self.client.get(urljoin(self.portal, address)))

    def submit(self, fields: Mapping[str, Any] | None = None, *, form: str = "", button: str | None = None) -> Page:
        """The page after sending a form of the present page with these fields set, as a browser sends it.

        Args:
            fields: name -> value; a list for several values; (name, bytes, media type) for a file.
            form: the end of the form's address, where the page has several.
            button: `name=value` of the button pressed.

        Raises:
            PageError: the form lacks a field, or the portal refused it.
        """
        element = self.page.form(form)
        data: dict[str, Any] = {}
        for name, value in element.form_values():
            data.setdefault(name, []).append(value)
        files = {}
        for name, value in (fields or {}).items():
            if name not in element.fields:
                raise PageError(f"the form on {self.page.path} has no field {name}: {sorted(element.fields.keys())}")
            if isinstance(value, tuple):
                files[name] = value
            else:
                data[name] = value
        if button:
            name, _, value = button.partition("=")
            data[name] = value
        address = urljoin(self.page.url, element.get("action") or self.page.url)
        if (element.method or "GET").upper() == "GET":
            return self._show(self.client.get(address, params=data))
        headers = {"Referer": self.page.url, "Origin": self.portal}
        page = self._show(self.client.post(address, data=data, files=files or None, headers=headers), allow=(422,))
        if page.status == 422:
            raise PageError(f"{page.path} refused: {'; '.join(page.errors) or page.text()[:300]}")
        return page

    def post_json(self, address: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The portal's JSON answer to a JSON message of the page's script."""
        token = self.client.cookies.get("csrftoken") or ""
        headers = {"X-CSRFToken": token, "Referer": self.page.url, "Origin": self.portal, "Accept": "application/json"}
        response = self.client.post(urljoin(self.portal, address), json=body, headers=headers)
        if response.status_code >= 400:
            raise PageError(f"{address}: {response.status_code} {response.text[:300]}")
        answer: dict[str, Any] = response.json()
        return answer

    def get_json(self, address: str) -> dict[str, Any]:
        """The portal's JSON answer."""
        response = self.client.get(urljoin(self.portal, address), headers={"Accept": "application/json"})
        if response.status_code >= 400:
            raise PageError(f"{address}: {response.status_code} {response.text[:300]}")
        answer: dict[str, Any] = response.json()
        return answer

    def download(self, address: str) -> bytes:
        """The bytes at the address."""
        response = self.client.get(urljoin(self.portal, address))
        if response.status_code != 200:
            raise PageError(f"{address}: {response.status_code}")
        return response.content

    def wait(self, address: str, until: Callable[[Page], bool], seconds: float = 60) -> Page:
        """The page, reloaded as its own script would, once `until` holds.

        Raises:
            PageError: it did not hold in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            page = self.open(address)
            if until(page):
                return page
            time.sleep(0.25)
        raise PageError(f"{address} did not change within {seconds:.0f} s: {self.page.text()[:300]}")

    def _show(self, response: httpx.Response, allow: tuple[int, ...] = ()) -> Page:
        page = Page(response)
        if response.status_code >= 400 and response.status_code not in allow:
            said = page.text()[:300] if page.tree is not None else response.text[:300]
            raise PageError(f"{response.request.method} {page.path}: {response.status_code} {said}")
        self.page = page
        return page
