"""Who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from azexport.parties.models import Member


class MemberRequest(HttpRequest):
    """A request that the gate let through: somebody is signed in."""

    actor: Member
