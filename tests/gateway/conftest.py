"""The portal's key, and a participant that sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from azexport.participants.models import Participant
from tests.factories.exchange import PORTAL_URL
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
def sender(db: None) -> Participant:
    """The participant `hazel-office`, registered with its key."""
    return participant("hazel-office")
