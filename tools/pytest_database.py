"""Test databases: one template for each state of the migrations, one clone of it for each worker.

Cloning takes a tenth of a second, so a test that commits gets a clone of its own (`fresh_database`)
instead of a flush, which the append-only log would refuse.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from filelock import FileLock
from psycopg import sql

from tools import database
from tools.postgres import Cluster

if TYPE_CHECKING:
    from pytest_django.plugin import DjangoDbBlocker

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_SOURCES = ("azexport/*/migrations/*.py", "azexport/*/management/commands/*.py", "regulations/**/*.yaml",
                    "azexport/reference/*.py", "azexport/reference/data/*", "azexport/services/schema/*.py",
                    "azexport/services/data/*", "azexport/services/actions/listed.py",
                    "azexport/services/actions/entries.py")  # fmt: skip

_own_cluster: tuple[Cluster, IO[bytes]] | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, Any, Any]:
    """The server's address is in the environment before pytest-django reads Django's settings."""
    start_server()
    return (yield)


def start_server() -> None:
    """A server for tests runs, and `DATABASE_URL` is its address; one that is named there already is used as it is."""
    global _own_cluster
    if "DATABASE_URL" not in os.environ:
        cluster = Cluster(ROOT / "var" / "test-postgres", durable=False)
        (ROOT / "var").mkdir(exist_ok=True)
        # Runs side by side share the server: each holds the lock, the last one stops it.
        users = (ROOT / "var" / "test-postgres.users").open("wb")
        fcntl.flock(users, fcntl.LOCK_SH)
        with FileLock(ROOT / "var" / "test-postgres.lock"):
            cluster.start()
            cluster.ensure_database()
        os.environ["DATABASE_URL"] = cluster.url()
        _own_cluster = cluster, users


def pytest_unconfigure() -> None:
    if _own_cluster is None:
        return
    cluster, users = _own_cluster
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        cluster.stop()


def _address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def _run(statement: str, *names: str) -> None:
    with psycopg.connect(_address("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def template() -> str:
    """The name of the template database for the sources as they are; it is made where it is missing."""
    digest = hashlib.sha256(os.environ.get("AZEXPORT_REGULATIONS", "").encode())
    for pattern in TEMPLATE_SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    name = f"azexport_template_{digest.hexdigest()[:12]}"
    (ROOT / "var").mkdir(exist_ok=True)
    with FileLock(ROOT / "var" / "template.lock"), psycopg.connect(_address("postgres")) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        making = f"{name}_making"
        _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", making)
        _run("CREATE DATABASE {}", making)
        database.fill({**os.environ, "DATABASE_URL": _address(making)}, sandbox=False)
        _run("ALTER DATABASE {} RENAME TO {}", making, name)
    return name


def clone(name: str) -> str:
    """A database of that name, fresh from the template; returns its address."""
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template())
    return _address(name)


def drop(name: str) -> None:
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _point_django_at(name: str) -> None:
    from django.conf import settings
    from django.db import connection

    connection.close()
    if getattr(connection, "pool", None):
        connection.close_pool()  # type: ignore[attr-defined]
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[None]:
    """Every worker has its own clone of the template, reference data and regulations included."""
    name = f"azexport_test_{os.getpid()}_{worker_id}"
    clone(name)
    with django_db_blocker.unblock():
        _point_django_at(name)
    yield
    with django_db_blocker.unblock():
        _point_django_at("postgres")
    drop(name)


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[str]:
    """A database of the test's own in which it may commit, from threads too; yields its address."""
    from django.core.cache import cache
    from django.db import connection

    usual: Any = connection.settings_dict["NAME"]
    name = f"azexport_fresh_{os.getpid()}_{worker_id}"
    address = clone(name)
    with django_db_blocker.unblock():
        _point_django_at(name)
        cache.clear()
        yield address
        cache.clear()
        _point_django_at(usual)
    drop(name)
