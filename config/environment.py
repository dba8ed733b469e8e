"""The environment the programs run in, typed: every variable is read here and nowhere else."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class UnusableEnvironment(Exception):
    """A variable is missing or unusable; the message names it and says what to set."""


@dataclass(frozen=True)
class Environment:
    """What the process was told."""

    var: Path
    database_url: str
    secret_key: str
    production: bool
    debug: bool
    portal_url: str
    behind_proxy: bool
    """A proxy of ours ends TLS and says so in X-Forwarded-Proto (AZEXPORT_BEHIND_PROXY=1)."""
    sandbox: Path | None
    """The sandbox's folder, or None where the portal speaks to real participants."""
    portal_keys: Path
    """message.key, message.pem, seal.key, seal.pem: the portal's own keys, nobody else's."""
    regulations: Path
    """The folder of the regulations and of participants.yaml."""


def read(env: dict[str, str] | None = None) -> Environment:
    """Reads the environment.

    Raises:
        UnusableEnvironment: production without its own secret key, database or keys.
    """
    env = dict(os.environ) if env is None else env
    if env.get("AZEXPORT_PRODUCTION", "") not in ("", "0", "1"):
        raise UnusableEnvironment("AZEXPORT_PRODUCTION must be 1 or 0: anything else would open the sandbox's doors.")
    production = env.get("AZEXPORT_PRODUCTION", "") == "1"
    var = Path(env.get("AZEXPORT_VAR", str(ROOT / "var")))
    sandbox = None if production else Path(env.get("AZEXPORT_SANDBOX", str(var / "sandbox")))
    if production:
        for name in ("DATABASE_URL", "AZEXPORT_SECRET_KEY", "AZEXPORT_PORTAL_URL", "AZEXPORT_PORTAL_KEYS"):
            if not env.get(name):
                raise UnusableEnvironment(f"{name} must be set in production.")
        if not env["AZEXPORT_PORTAL_URL"].startswith("https://"):
            raise UnusableEnvironment("AZEXPORT_PORTAL_URL must begin with https:// in production.")
    return Environment(
        var=var,
        database_url=env.get("DATABASE_URL") or _embedded(var),
        secret_key=env.get(
            "AZEXPORT_SECRET_KEY", "for development and tests only: production refuses to start without"
        ),
        production=production,
        debug=env.get("AZEXPORT_DEBUG", "") == "1" and not production,
        portal_url=env.get("AZEXPORT_PORTAL_URL", "http://localhost:8000").rstrip("/"),
        behind_proxy=env.get("AZEXPORT_BEHIND_PROXY", "") == "1",
        sandbox=sandbox,
        portal_keys=Path(env.get("AZEXPORT_PORTAL_KEYS", str((sandbox or var) / "portal"))),
        regulations=Path(env.get("AZEXPORT_REGULATIONS", str(ROOT / "regulations"))),
    )


def _embedded(var: Path) -> str:
    from tools.postgres import Cluster

    return Cluster(var / "postgres").url()
