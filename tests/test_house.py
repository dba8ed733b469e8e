"""The house: what no single room can promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from azexport.kernel.http import Audience

ROOT = Path(__file__).resolve().parent.parent


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        assert not isinstance(entry.pattern, RegexPattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            assert isinstance(entry, URLPattern)
            yield prefix + str(entry.pattern), entry.callback


@pytest.mark.parametrize(("address", "view"), list(patterns()), ids=[address or "/" for address, _ in patterns()])
def test_every_address_declares_its_audience(address: str, view: Any) -> None:
    assert isinstance(getattr(view, "audience", None), Audience), f"/{address} declares no audience"


def test_no_room_is_empty() -> None:
    for room in (ROOT / "azexport").iterdir():
        if (room / "__init__.py").exists():
            assert len(list(room.glob("*.py"))) > 1, f"{room.name} holds nothing"
            assert (room / "__init__.py").read_text().startswith('"""'), f"{room.name} does not say what it owns"


def test_no_regulations_or_bodys_id_stands_in_the_code() -> None:
    bodies = yaml.safe_load((ROOT / "regulations" / "participants.yaml").read_text())
    entries = bodies["participants"] if isinstance(bodies, dict) else bodies
    ids = {entry["code"] for entry in entries}
    ids |= {
        yaml.safe_load(path.read_text())["id"]
        for path in (ROOT / "regulations").glob("*.yaml")
        if path.name != "participants.yaml"
    }
    assert len(ids) > 6
    sources = [p for p in (ROOT / "azexport").rglob("*") if p.suffix in {".py", ".html", ".typ", ".po"}]
    found = [(path.relative_to(ROOT), one) for path in sources for one in ids if one in path.read_text()]
    assert found == []
