"""Goods for tests. The code lists are in every test database."""

from __future__ import annotations

from typing import Any

from azexport.catalogue.models import Good
from azexport.kernel.references import new_reference
from azexport.kernel.text import both
from azexport.parties.models import Organisation
from tests.factories.parties import NOW


def make_good(organisation: Organisation, **given: Any) -> Good:
    """Shelled hazelnuts, by default not published."""
    values: dict[str, Any] = {
        "reference": new_reference("GD"),
        "organisation": organisation,
        "hs_code": "080222",
        "name": both("Fındıq ləpəsi", "Hazelnut kernels"),
        "description": both("Qabığı təmizlənmiş, 13-15 mm", "Shelled, 13-15 mm"),
        "unit_id": "KGM",
        "region_id": "shaki-zagatala",
        "origin_criterion": "wholly_obtained",
        "producer": "Şəki Fındıq MMC",
        "made_in_azerbaijan": True,
        "changed_at": NOW,
        "changed_by": "PS-TEST",
        "created_at": NOW,
    } | given
    if values.get("status") == "published":
        values = {"published_at": NOW, "published_by": "PS-TEST"} | values
    values.setdefault("commodity_id", values["hs_code"][:6])
    return Good.objects.create(**values)
