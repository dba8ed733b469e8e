"""The portal's key, and a participant with a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from azexport.participants.models import Participant
from tests.factories.exchange import PORTAL_URL, Counterpart, counterpart
from tests.factories.participants import KeyPair, key_of, participant


@pytest.fixture(scope="session")
def portal_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("portal")
    key_of("azexport").write(folder)
    return folder


@pytest.fixture(autouse=True)
def portal(portal_folder: Path, settings: Settings) -> KeyPair:
    """The portal's key, in the place where the portal looks for it."""
    settings.PORTAL_KEYS = portal_folder
    settings.PORTAL_URL = PORTAL_URL
    return key_of("azexport")


@pytest.fixture
def office(portal: KeyPair) -> Iterator[Counterpart]:
    """The server of the participant `hazel-office`."""
    with counterpart("hazel-office", portal) as one:
        yield one


@pytest.fixture
def body(db: None, office: Counterpart) -> Participant:
    """The participant `hazel-office`, whose system is `office`."""
    return participant("hazel-office", base_url=office.url)
