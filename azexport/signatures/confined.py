"""The process that reads other people's files: it starts warm, has no secrets, and lives for one file.

`python -c "from azexport.signatures import confined; confined.serve(FD)"` is started by confinement.py. It has read
all its code once and then forks a child for each file. The child sets its own limits, which no code of the file can
lift, asks centres only through the portal's process, and ends with its answer. What it says is JSON and bytes, never a
pickle: an answer must not be able to run anything in the portal.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from azexport.kernel.errors import OutsideFailure
from azexport.signatures import attachments, outside, pades, validation
from azexport.signatures.errors import Refused
from azexport.signatures.states import Purpose
from azexport.signatures.trust import Centre, TrustList

LARGEST_FRAME = 64 * 1024 * 1024
_LATE = ("lxml.etree", "pyhanko.pdf_utils.filters", "cryptography.hazmat.backends.openssl.backend", "encodings.cp1252")
"""What would be read only at the first file, and so once for each child."""
_HEADER = struct.Struct(">II")


@dataclass(frozen=True)
class Limits:
    """Of one file. Validating a contract with two signatures takes half a second of computing time."""

    cpu_seconds: int = 15
    memory: int = 768 * 1024 * 1024
    """Bytes of address space. The code takes 80 MB, a file of 30 MB is held several times."""
    seconds: float = 60.0
    """By the clock, the centres' answers included."""

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


def write(channel: socket.socket, told: dict[str, Any], content: bytes = b"") -> None:
    """One frame: JSON and bytes."""
    text = json.dumps(told).encode()
    channel.sendall(_HEADER.pack(len(text), len(content)) + text)
    if content:
        channel.sendall(content)


def read(channel: socket.socket) -> tuple[dict[str, Any], bytes]:
    """One frame.

    Raises:
        EOFError: the other side is gone, or says what cannot be.
        TimeoutError: the channel's time is over.
    """
    text_size, size = _HEADER.unpack(_exactly(channel, _HEADER.size))
    if text_size + size > LARGEST_FRAME:
        raise EOFError
    text = _exactly(channel, text_size)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EOFError from error
    return told, _exactly(channel, size)


def _exactly(channel: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        chunk = channel.recv(min(size - len(found), 1 << 20))
        if not chunk:
            raise EOFError
        found += chunk
    return bytes(found)


class Portal:
    """The door of a child: the portal's process asks for it."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel

    def post(self, address: str, content: bytes, media_type: str, *, timeout: float) -> bytes:
        told, answer = self._call({"post": address, "media_type": media_type, "timeout": timeout}, content)
        if "problem" in told:
            raise outside.NoAnswer(told["problem"])
        return answer

    def kept(self, key: str) -> bytes | None:
        told, answer = self._call({"kept": key})
        return answer if told["found"] else None

    def keep(self, key: str, answer: bytes, seconds: int) -> None:
        self._call({"keep": key, "seconds": seconds}, answer)

    def _call(self, told: dict[str, Any], content: bytes = b"") -> tuple[dict[str, Any], bytes]:
        write(self.channel, told, content)
        return read(self.channel)


# ------------------------------------------------------------------------------------------------ what can be done

Work = Callable[[bytes, dict[str, Any], TrustList], tuple[dict[str, Any], bytes]]


def _validate(content: bytes, given: dict[str, Any], trust: TrustList) -> tuple[dict[str, Any], bytes]:
    reports = validation.validate(
        content,
        trust,
        now=datetime.fromisoformat(given["now"]),
        require=Purpose(given["require"]),
        online=given["online"],
    )
    return {"reports": [one.as_data() for one in reports]}, b""


def _attached(content: bytes, given: dict[str, Any], trust: TrustList) -> tuple[dict[str, Any], bytes]:
    found = attachments.read(content, given["name"])
    return {"found": found is not None}, found or b""


def _proof(content: bytes, given: dict[str, Any], trust: TrustList) -> tuple[dict[str, Any], bytes]:
    return pades.proof_of(content).as_data(), b""


def _renew(content: bytes, given: dict[str, Any], trust: TrustList) -> tuple[dict[str, Any], bytes]:
    renewed = pades.renew(content, trust, now=datetime.fromisoformat(given["now"]))
    return pades.proof_of(renewed).as_data(), renewed


WORKS: dict[str, Work] = {"validate": _validate, "attached": _attached, "proof": _proof, "renew": _renew}


# ------------------------------------------------------------------------------------------------ the processes


def serve(descriptor: int) -> None:
    """A child for each pair of channels that comes, until the portal's process is gone."""
    settings.configure(USE_I18N=False)
    for name in _LATE:
        importlib.import_module(name)
    control = socket.socket(fileno=descriptor)
    wake, woken = socket.socketpair()
    for one in (wake, woken):
        one.setblocking(False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the portal's to act on
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    children: dict[int, socket.socket] = {}
    ears = selectors.DefaultSelector()
    ears.register(control, selectors.EVENT_READ)
    ears.register(wake, selectors.EVENT_READ)
    gc.collect()
    gc.freeze()
    while True:
        for key, _events in ears.select():
            if key.fileobj is wake:
                _bury(wake, children)
                continue
            message, descriptors, _flags, _address = socket.recv_fds(control, 1, 2)
            if not message:
                return
            channel, status = (socket.socket(fileno=one) for one in descriptors)
            child = os.fork()
            if child == 0:
                ears.close()
                for one in (control, wake, woken, status, *children.values()):
                    one.close()
                _live(channel)
            channel.close()
            children[child] = status


def _bury(wake: socket.socket, children: dict[int, socket.socket]) -> None:
    """Each child that has ended: its channel of status says how."""
    with contextlib.suppress(BlockingIOError):
        wake.recv(4096)
    while children:
        try:
            child, how = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if child == 0:
            return
        with children.pop(child) as status, contextlib.suppress(OSError):
            ended = os.waitstatus_to_exitcode(how)
            write(status, {"exit": ended})


def _live(channel: socket.socket) -> None:
    """The life of a child: limits, one piece of work, the end."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGALRM, signal.SIGXCPU):
            signal.signal(name, signal.SIG_DFL)
        told, content = read(channel)
        _limit(Limits(**told["limits"]))
        outside.use(Portal(channel))
        trust = TrustList(tuple(Centre.of_data(one) for one in told["trust"]))
        write(channel, *_done(WORKS[told["work"]], content, told["given"], trust))
        code = 0
    except EOFError:
        pass  # the portal's process is gone
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _done(work: Work, content: bytes, given: dict[str, Any], trust: TrustList) -> tuple[dict[str, Any], bytes]:
    try:
        told, made = work(content, given, trust)
    except Refused as refusal:
        return {"refused": refusal.verdict.value, "detail": refusal.detail[:300]}, b""
    except OutsideFailure as failure:
        return {"outside": failure.code, "permanent": failure.permanent}, b""
    return {"done": told}, made


def _limit(limits: Limits) -> None:
    """No code can lift these again: the hard limits are set, too."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    signal.setitimer(signal.ITIMER_REAL, limits.seconds)
