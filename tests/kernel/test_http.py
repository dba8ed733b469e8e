"""The HTTP edge refuses in words, whatever is asked of it."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["/verify/%00/", "/documents/%00/", "/finder/?hs=%00&destination=DE", "/cases/?before=%00"]
)
def test_an_address_with_a_nul_leads_nowhere(address: str) -> None:
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Accept": "application/json"}])
def test_a_page_that_polls_after_the_session_is_over_is_refused(headers: dict[str, str]) -> None:
    answer = Client().get("/cases/", headers=headers)
    assert answer.status_code == 403
    assert ("json" in answer["Content-Type"]) == ("Accept" in headers)


def test_a_token_nested_beyond_reason_is_refused() -> None:
    assert Client().post("/sign-in/token", "[" * 30_000, content_type="application/json").status_code == 400
