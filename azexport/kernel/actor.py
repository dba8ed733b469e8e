"""Who acts. Lower rooms know only this shape; people and participants live above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """A person, a participant's system, or the portal itself."""

    @property
    def actor_kind(self) -> str: ...

    @property
    def actor_id(self) -> str: ...

    @property
    def actor_name(self) -> str: ...


@dataclass(frozen=True)
class NamedActor:
    """An actor as values: how the audit and the jobs keep one."""

    actor_kind: str
    actor_id: str
    actor_name: str


SYSTEM = NamedActor("system", "azexport", "azexport")
