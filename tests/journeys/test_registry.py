"""Anybody finds a service in the registry of e-services, by hand, in a real browser (S7.1.1, S10, S11.5.2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages import Eye, follow

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_anybody_finds_a_service_and_everything_published_of_it(new_page: Callable[..., Page], tmp_path: Path) -> None:
    eye = Eye(tmp_path)
    page = new_page()
    eye.watch(page)
    page.goto("/services/")
    eye.look(page, "registry")
    page.goto("/services/")
    page.get_by_label("Xidmət, qurum və ya nömrə").fill("mense sertfikati")
    page.get_by_text("Axtarışı dəqiqləşdir").click()
    page.get_by_label("Növü").select_option("interactive")
    page.get_by_role("button", name="Axtar").click()
    expect(page.get_by_text("sertfikati →")).to_be_visible()
    eye.look(page, "registry-found")
    page.reload()
    page.get_by_role("link", name="mənşə sertifikatının verilməsi").click()
    expect(page.get_by_role("heading", name="Əlavə etdiyiniz sənədlər")).to_be_visible()
    eye.look(page, "registry-service")
    page.reload()
    follow(page.get_by_role("link", name="Bütün versiyalar və dəyişikliklər"))
    for address in ("bodies/", "pending/", "ES-000001/", "?q=zzqqxx"):
        eye.look(page, f"registry-{address.strip('/')[:8]}")
        page.goto(f"/services/{address}")
    eye.look(page, "registry-none")
    assert not eye.problems, "\n".join(dict.fromkeys(eye.problems))
