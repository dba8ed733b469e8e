"""The one door to certification centres and time-stamp authorities: short questions, small answers, kept for minutes.

A process that reads other people's files (confined.py) asks nobody by itself: it puts the portal's process in place of
the door with `use`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

import httpx
from django.core.cache import cache

LARGEST = 64 * 1024


class NoAnswer(Exception):
    """Nothing that can be read came back in time; the message says what happened, for the log."""


class Door(Protocol):
    """What can be asked."""

    def post(self, address: str, content: bytes, media_type: str, *, timeout: float) -> bytes:
        """The answer, at most 64 KiB.

        Raises:
            NoAnswer: there is none.
        """

    def kept(self, key: str) -> bytes | None:
        """An answer that was kept under the key and is still young enough."""

    def keep(self, key: str, answer: bytes, seconds: int) -> None:
        """The answer is kept."""


class Network:
    """The centres themselves, and this process's cache."""

    def post(self, address: str, content: bytes, media_type: str, *, timeout: float) -> bytes:
        found = b""
        headers = {"Content-Type": media_type}
        try:
            with client().stream("POST", address, content=content, headers=headers, timeout=timeout) as reply:
                if reply.status_code != 200:
                    raise NoAnswer(f"answered {reply.status_code}")
                for chunk in reply.iter_bytes():
                    found += chunk
                    if len(found) > LARGEST:
                        raise NoAnswer("the answer is too large")
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        return found

    def kept(self, key: str) -> bytes | None:
        found: bytes | None = cache.get(key)
        return found

    def keep(self, key: str, answer: bytes, seconds: int) -> None:
        cache.set(key, answer, seconds)


_door: Door = Network()


def door() -> Door:
    """What this process asks through."""
    return _door


def use(other: Door) -> None:
    """This process asks through another door from now on."""
    global _door
    _door = other


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """One for the process, as making one costs 20 ms (TLS roots).

    Follows no redirect and no proxy of the environment: only the addresses of the trusted list are asked.
    """
    return httpx.Client(follow_redirects=False, trust_env=False, limits=httpx.Limits(keepalive_expiry=2))
