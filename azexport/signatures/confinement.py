"""Other people's files are read in a process of their own, with limits of computing time, memory and the clock.

A hostile file then costs one job a clear refusal, not a worker (signatures.md, trap 7, threat 15; ASVS 5.0 V5, V15).
One warm process per process of the portal forks a child for each file (confined.py).
"""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import confined, outside
from azexport.signatures.errors import Refused
from azexport.signatures.states import Verdict
from azexport.signatures.trust import TrustList

log = logging.getLogger(__name__)

LIMITS = confined.Limits()
SLACK = 10.0
"""Seconds beyond its own clock after which a child that has not ended is believed to hang."""
_PROGRAM = "from azexport.signatures import confined; confined.serve({})"


def run(work: str, content: bytes, given: dict[str, Any], *, trust: TrustList) -> tuple[dict[str, Any], bytes]:
    """What a piece of work of confined.WORKS says of the file, and the bytes that it made.

    Raises:
        Refused: as the work does; malformed, where the file took more computing time or memory than any honest one;
            indeterminate, where the clock ran out or the process ended for another reason: trying again may help.
        OutsideFailure: as the work does.
    """
    told = {
        "work": work,
        "given": given,
        "limits": LIMITS.as_data(),
        "trust": [centre.as_data() for centre in trust.centres],
    }
    channel, status = _nursery.child()
    with channel, status:
        deadline = time.monotonic() + LIMITS.seconds + SLACK
        try:
            channel.settimeout(LIMITS.seconds + SLACK)
            confined.write(channel, told, content)
            return _listen(channel, trust.addresses, deadline)
        except (EOFError, OSError) as error:
            raise _ended(status, error) from error


def _listen(channel: socket.socket, addresses: frozenset[str], deadline: float) -> tuple[dict[str, Any], bytes]:
    """The child's questions are answered until it has done its work."""
    while True:
        channel.settimeout(max(0.01, deadline - time.monotonic()))
        told, content = confined.read(channel)
        if "done" in told:
            return told["done"], content
        if "refused" in told:
            raise Refused(Verdict(told["refused"]), str(told["detail"]))
        if "outside" in told:
            raise OutsideFailure(permanent=bool(told["permanent"]), code=str(told["outside"]))
        confined.write(channel, *_answer(told, content, addresses))


def _answer(told: dict[str, Any], content: bytes, addresses: frozenset[str]) -> tuple[dict[str, Any], bytes]:
    door = outside.door()
    if "kept" in told:
        kept = door.kept(_own(told["kept"]))
        return {"found": kept is not None}, kept or b""
    if "keep" in told:
        if len(content) <= outside.LARGEST:
            door.keep(_own(told["keep"]), content, min(int(told["seconds"]), 600))
        return {}, b""
    if told.get("post") not in addresses:
        return {"problem": "not an address of the list"}, b""
    try:
        return {}, door.post(told["post"], content, str(told["media_type"]), timeout=min(float(told["timeout"]), 10.0))
    except outside.NoAnswer as error:
        return {"problem": str(error)}, b""


def _own(key: Any) -> str:
    """A child reaches nothing else that is kept."""
    return f"ocsp:{str(key).removeprefix('ocsp:')[:100]}"


def _ended(status: socket.socket, error: Exception) -> Refused:
    """Why the child is gone."""
    status.settimeout(1.0)
    try:
        ended = int(confined.read(status)[0]["exit"])
    except (EOFError, OSError):
        ended = 0
    if -ended in (signal.SIGXCPU, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT):
        return Refused(Verdict.MALFORMED, f"reading the file was stopped: {signal.Signals(-ended).name}")
    name = signal.Signals(-ended).name if ended < 0 else f"exit {ended}"
    log.warning("a confined process has not done its work: %s, %s", name, type(error).__name__)
    return Refused(Verdict.INDETERMINATE, f"reading the file was not completed: {name}")


class _Nursery:
    """The warm process of this process, started when it is needed first and again where it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def child(self) -> tuple[socket.socket, socket.socket]:
        """A channel to a new child, and one on which it is told how the child has ended.

        Raises:
            Refused: indeterminate, where no process can be started.
        """
        with self._lock:
            for _attempt in range(2):
                control = self._warm()
                channel, theirs = socket.socketpair()
                status, told = socket.socketpair()
                with theirs, told:
                    try:
                        socket.send_fds(control, [b"+"], [theirs.fileno(), told.fileno()])
                    except OSError:
                        self._drop()
                        channel.close()
                        status.close()
                        continue
                return channel, status
        raise Refused(Verdict.INDETERMINATE, "no process to read the file in")

    def end(self) -> None:
        """The warm process is ended, where it is this process's own."""
        with self._lock:
            if self._owner == os.getpid():
                self._drop()

    def _warm(self) -> socket.socket:
        if self._owner != os.getpid():
            # This process was forked from the one that started it: that one is not ours to end.
            self._owner, self._process, self._control = os.getpid(), None, None
        if self._process is not None and self._process.poll() is not None:
            self._drop()
        if self._control is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _PROGRAM.format(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    # Nothing of the portal's environment: no key, no password, no proxy.
                    env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")},
                )
            self._control = ours
        return self._control

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


_nursery = _Nursery()
atexit.register(_nursery.end)
