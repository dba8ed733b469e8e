"""The HTTP client to centres and time-stamp authorities: one for the process, as making one costs 20 ms (TLS roots)."""

from __future__ import annotations

from functools import lru_cache

import httpx


@lru_cache(maxsize=1)
def client() -> httpx.Client:
    """Follows no redirect and no proxy of the environment: only the addresses of the trusted list are asked."""
    return httpx.Client(follow_redirects=False, trust_env=False, limits=httpx.Limits(keepalive_expiry=2))
