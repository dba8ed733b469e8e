"""The law's terms for answering a letter: dated data (data/terms.yaml), never a constant in code."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from azexport.kernel.text import Text


class Terms(BaseModel):
    """The terms in force from a day on, in working days, with the clause they stand in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valid_from: date
    act: Text
    clause: str
    source: Literal["verified", "assumption"]
    answer: int = Field(gt=0)
    study: int = Field(gt=0)
    extension: int = Field(gt=0)


def terms_on(day: date) -> Terms:
    """What the law says on that day."""
    rows = _rows()
    return next((one for one in reversed(rows) if one.valid_from <= day), rows[0])


@cache
def _rows() -> list[Terms]:
    content = yaml.safe_load((Path(__file__).parent / "data" / "terms.yaml").read_text(encoding="utf-8"))
    return sorted(TypeAdapter(list[Terms]).validate_python(content), key=lambda one: one.valid_from)
