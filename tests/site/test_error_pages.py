"""Error pages say what happened and how to go on, in both languages, and do not fall over themselves."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from azexport.kernel.errors import IllegalTransition, NotAllowed, RuleViolated, Violation

PAGES = {
    "400": ("Sorğunu başa düşmək mümkün olmadı", "The request could not be understood"),
    "403": ("Bu səhifəni aça bilməzsiniz", "You cannot open this page"),
    "404": ("Səhifə tapılmadı", "Page not found"),
    "409": ("Bu arada vəziyyət dəyişib", "This has changed in the meantime"),
    "422": ("Bunu hələ etmək olmaz", "This cannot be done yet"),
    "500": ("Portalda nasazlıq var", "The portal has a problem"),
}


def render(name: str, language: str, **context: object) -> str:
    with override(language):
        return render_to_string(f"{name}.html", context, request=RequestFactory().get("/somewhere/"))


@pytest.mark.parametrize("name", PAGES)
def test_each_page_speaks_both_languages(name: str) -> None:
    for language, words in zip(("az", "en"), PAGES[name], strict=True):
        assert words in render(name, language)


def test_every_broken_rule_is_named_with_its_code() -> None:
    broken = RuleViolated([Violation("EXP-011", "The buyer is missing."), Violation("EXP-012", "No goods.")])

    page = render("422", "en", error=broken)

    for words in ("EXP-011", "The buyer is missing.", "EXP-012", "No goods."):
        assert words in page


def test_a_refusal_says_its_reason() -> None:
    assert "You are not allowed to do this." in render("403", "en", error=NotAllowed())
    assert "the state has changed in the meantime" in render("409", "en", error=IllegalTransition())


def test_a_form_from_a_stale_page_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["language"] = "en"

    answer = client.post("/verify/", {"code": "x"})

    assert answer.status_code == 403
    assert "The form was open for too long" in answer.content.decode()


def test_the_page_of_a_failure_asks_the_database_nothing() -> None:
    # No database mark: pytest-django would fail the test on a query.
    assert "Try again in a few minutes" in render("500", "en")
