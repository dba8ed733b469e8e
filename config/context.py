"""What every page's template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """The portal's address, whether it runs against the sandbox, and who is signed in."""
    return {
        "portal_url": settings.PORTAL_URL,
        "sandbox": bool(settings.SANDBOX),
        "actor": getattr(request, "actor", None),
    }
