"""An environment that is not plain is refused, not guessed at."""

from __future__ import annotations

import pytest

from config.environment import UnusableEnvironment, read

GOOD = {
    "AZEXPORT_PRODUCTION": "1",
    "DATABASE_URL": "postgresql://portal@db/azexport",
    "AZEXPORT_SECRET_KEY": "its own",
    "AZEXPORT_PORTAL_URL": "https://azexport.example",
    "AZEXPORT_PORTAL_KEYS": "/etc/azexport/keys",
}


def test_production_has_no_sandbox() -> None:
    told = read(GOOD | {"AZEXPORT_SANDBOX": "/tmp/sandbox", "AZEXPORT_DEBUG": "1"})
    assert (told.production, told.sandbox, told.debug) == (True, None, False)


@pytest.mark.parametrize(
    "wrong", [{"AZEXPORT_PRODUCTION": "true"}, {"AZEXPORT_PORTAL_URL": "http://azexport.example"}]
    + [{name: ""} for name in GOOD if name != "AZEXPORT_PRODUCTION"],
)  # fmt: skip
def test_production_refuses_what_would_open_it(wrong: dict[str, str]) -> None:
    with pytest.raises(UnusableEnvironment):
        read(GOOD | wrong)
