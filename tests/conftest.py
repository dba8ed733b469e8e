"""Fixtures for every test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.utils.translation import deactivate

# pytest-django's own fixture of that name wins over a plugin's, but not over a conftest's.
from tools.pytest_database import django_db_setup, fresh_database

__all__ = ["django_db_setup", "fresh_database"]


@pytest.fixture(autouse=True)
def _no_cache_between_tests() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _no_language_between_tests() -> None:
    """A request leaves its language behind in the thread; the next request chooses its own, a test need not."""
    deactivate()


@pytest.fixture
def now() -> datetime:
    """A Monday morning in Baku with no holiday near: 5 October 2026, 10:00."""
    return datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
