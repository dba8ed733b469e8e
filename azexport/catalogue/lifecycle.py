"""How a good is shown to everybody and taken back."""

from __future__ import annotations

from azexport.catalogue.permissions import owns
from azexport.catalogue.states import GoodStatus
from azexport.lifecycle.engine import ACTOR, NOW, T, Table

_CHANGED = {"changed_at": NOW, "changed_by": ACTOR}

TABLE = Table([
    T("publish", GoodStatus.DRAFTED, GoodStatus.PUBLISHED, may=owns, event="good.published",
      sets={"published_at": NOW, "published_by": ACTOR, **_CHANGED}),
    T("unpublish", GoodStatus.PUBLISHED, GoodStatus.DRAFTED, may=owns, event="good.unpublished",
      sets={"published_at": None, "published_by": "", **_CHANGED}),
])  # fmt: skip
