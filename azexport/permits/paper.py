"""Reading what is attached to a permit's PDF/A-3."""

from __future__ import annotations

import json
from typing import Any

from azexport.signatures import attachments

NAME = "permit.json"


def attached_permit(content: bytes) -> dict[str, Any] | None:
    """The permit as the paper's own data state it; None where they are missing, doubled or unreadable.

    Raises:
        Refused: indeterminate, where the file could not be read just now; try again.
    """
    found = attachments.attached(content, NAME)
    try:
        permit = json.loads(found or b"")
    except (ValueError, RecursionError):
        return None
    return permit if isinstance(permit, dict) else None
