"""The sandbox's certification centres and time stamps, as a program of their own on loopback. Knows no Django."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def running() -> Iterator[tuple[Path, int]]:
    """The sandbox's folder and the port of its centres, until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="azexport-benchmark-") as name:
        base = _free_base()
        command = [sys.executable, "-m", "sandbox"]
        subprocess.run([*command, "setup", "--dir", name, "--port-base", str(base)], check=True, cwd=ROOT)
        program = subprocess.Popen([*command, "run", "pki", "--dir", name], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            _wait_for(f"http://localhost:{base + 1}/ca/az-root.cer")
            yield Path(name), base + 1
        finally:
            program.terminate()
            program.wait(timeout=10)


def _free_base() -> int:
    for _attempt in range(200):
        base = random.randrange(11000, 32000, 40)
        if all(_is_free(base + offset) for offset in range(1, 26)):
            return base
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for(address: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the sandbox's certification centres did not start")
