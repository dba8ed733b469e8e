"""When to try again: the whole retry policy."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(minutes=15)


def pause(attempts: int, *, jitter: float) -> timedelta:
    """How long to wait after so many failed attempts (1 or more): 1 s, 2 s, 4 s … at most 15 minutes.

    Args:
        jitter: 0 to 1; adds up to a fifth, so that messages which failed together do not return together.
    """
    doubled: timedelta = FIRST * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST) * (1 + jitter / 5)


def next_attempt(
    *, attempts: int, now: datetime, deadline: datetime, jitter: float, asked: timedelta | None = None
) -> datetime | None:
    """When to try again, or None when the deadline has been reached. The last attempt is at the deadline itself.

    Args:
        asked: what the other side said in Retry-After; it is heeded up to the longest pause.
    """
    if now >= deadline:
        return None
    wait = pause(attempts, jitter=jitter)
    if asked is not None:
        wait = max(wait, min(asked, LONGEST))
    return min(now + wait, deadline)
