"""The whole system on one machine: PostgreSQL, the sandbox's programs, the portal's worker and web server.

`make run`, `make demo`, the browser journeys and the fault tests all start this one.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tools import database
from tools.postgres import Cluster

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


class StackError(Exception):
    """The system could not be started; the message says what to do."""


@dataclass
class Stack:
    """One running system: its data in `var`, its portal on `port`, its sandbox on the ports from `sandbox_port`."""

    var: Path
    port: int = 8000
    sandbox_port: int = 8100
    quiet: bool = True
    """Programs write to files in var/log; otherwise to the terminal."""
    server: str | None = field(default_factory=lambda: os.environ.get("DATABASE_URL"))
    """The address of a PostgreSQL server's database; None for an embedded one."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sandbox(self) -> Path:
        return self.var / "sandbox"

    @property
    def cluster(self) -> Cluster | None:
        """The embedded database, or None where a server of somebody else's is used."""
        return None if self.server else Cluster(self.var / "postgres")

    @property
    def environment(self) -> dict[str, str]:
        cluster = self.cluster
        # Where that is set, every program would compile its imports anew at each start.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {
            **inherited,
            "AZEXPORT_VAR": str(self.var),
            "AZEXPORT_SANDBOX": str(self.sandbox),
            "AZEXPORT_PORTAL_URL": self.url,
            "DATABASE_URL": cluster.url() if cluster else str(self.server),
            "PYTHONUNBUFFERED": "1",
        }

    # -- the whole

    def start(self) -> None:
        """Everything runs and answers. What ran before goes on with its data."""
        self.var.mkdir(parents=True, exist_ok=True)
        self.start_database()
        self.set_up_sandbox()
        try:
            database.fill(self.environment, sandbox=True)
        except subprocess.CalledProcessError as error:
            raise StackError("the database could not be made ready; see the message above") from error
        for name in self.names():
            self.launch(name)
        for name in self.names():
            self.wait_for(name)

    def stop(self) -> None:
        """Everything is down, in the reverse order."""
        for name in ("web", "worker"):
            self.terminate(name)
        for name in list(self.processes):
            self._ask_to_stop(name)
        for name in list(self.processes):
            self.terminate(name)
        if cluster := self.cluster:
            cluster.stop()

    def names(self) -> list[str]:
        """The programs: the sandbox's first, then the portal's."""
        return [*self.sandbox_names(), "worker", "web"]

    # -- its parts

    def start_database(self) -> None:
        if cluster := self.cluster:
            cluster.start()
            cluster.ensure_database()

    def set_up_sandbox(self) -> None:
        """The sandbox's keys, certificates and directory exist."""
        command = ["setup", "--dir", str(self.sandbox), "--port-base", str(self.sandbox_port), "--portal", self.url]
        self._sandbox(*command)

    def sandbox_names(self) -> list[str]:
        return list(self.directory["programs"])

    @property
    def directory(self) -> dict[str, Any]:
        """What the sandbox says of itself: programs, people, addresses."""
        told: dict[str, Any] = json.loads((self.sandbox / "directory.json").read_text())
        return told

    def launch(self, name: str) -> None:
        """The program is starting; `wait_for` tells when it answers."""
        self.processes[name] = self._run(name, self._command(name))

    def enter_demo_data(self) -> subprocess.Popen[bytes]:
        """Services that stand in no list are on their way into the registry, by its own procedure (var/log tells)."""
        command = [sys.executable, "-m", "demo.registrations", self.url, str(self.sandbox)]
        return self._run("demo-data", command)

    def _run(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        log = subprocess.DEVNULL
        output = None
        if self.quiet:
            (self.var / "log").mkdir(exist_ok=True)
            output = (self.var / "log" / f"{name}.log").open("ab")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=log,
            stdout=output,
            stderr=output,
            # Ctrl-C is for us alone: we stop the programs in our own order.
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        if output:
            output.close()
        return process

    def wait_for(self, name: str, seconds: float = 60) -> None:
        """The program answers.

        Raises:
            StackError: it has ended, or has not answered in time.
        """
        process, address = self.processes[name], self._health(name)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise StackError(f"{name} ended with status {process.returncode}; see {self.var}/log/{name}.log")
            if address is None or _answers(address):
                return
            time.sleep(0.05)
        raise StackError(f"{name} did not answer at {address} within {seconds:.0f} s; see {self.var}/log/{name}.log")

    def kill(self, name: str) -> None:
        """The program and its children are gone at once, as by a power cut."""
        if name == "database":
            self._kill_database()
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def restart(self, name: str) -> None:
        """A killed program runs and answers again."""
        if name == "database":
            self.start_database()
            return
        self.launch(name)
        self.wait_for(name)

    def terminate(self, name: str, seconds: float = 10) -> None:
        if (process := self.processes.pop(name, None)) is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def ended(self) -> Iterator[str]:
        """The programs that have ended without being asked."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                yield name

    def manage(self, *arguments: str) -> str:
        """The output of a management command against this system's database."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StackError(done.stderr)
        return done.stdout

    # -- inside

    def _command(self, name: str) -> list[str]:
        if name == "web":
            return [
                str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port),
                "--workers", "2", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers",
                "--workers-kill-timeout", "5", "--log-level", "warning", "config.wsgi:application",
            ]  # fmt: skip
        if name == "worker":
            return [sys.executable, "manage.py", "procrastinate", "worker"]
        return [sys.executable, "-m", "sandbox", "run", name, "--dir", str(self.sandbox)]

    def _health(self, name: str) -> str | None:
        if name == "web":
            return f"{self.url}/health/"
        if name == "worker":
            return None
        return f"{self.directory['programs'][name]['base_url']}/health"

    def _sandbox(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StackError(f"sandbox {arguments[0]} failed: {done.stderr.strip()}")
        return done.stdout

    def _ask_to_stop(self, name: str) -> None:
        process = self.processes[name]
        if process.poll() is None:
            process.terminate()

    def _kill_database(self) -> None:
        cluster = self.cluster
        assert cluster is not None, "only the embedded database is ours to kill"
        pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
        # Inside its user namespace the server has the same process id.
        os.kill(pid, signal.SIGKILL)
        while _alive(pid):
            time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as response:
            return bool(response.status < 500)
    except (URLError, OSError):
        return False


def free_port(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _die_with_parent() -> None:
    """Linux: a program ends when its parent is killed, so that a SIGKILL of the launcher leaves nothing behind."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
