"""The declaration on paper: what its typst template is given."""

from __future__ import annotations

from typing import Any

from django.utils.translation import override

from azexport.customs import presentation
from azexport.customs.models import Declaration
from azexport.kernel.formats import date_
from azexport.kernel.text import Text, both


def title(declaration: Declaration) -> Text:
    """What the declaration's PDF is called wherever it is listed."""
    return both(f"İxrac gömrük bəyannaməsi {declaration.reference}", f"Export declaration {declaration.reference}")


def public_facts(declaration: Declaration) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    return [
        {"label": both("Bəyannamə", "Declaration"), "value": declaration.reference},
        {"label": both("İxracatçı", "Exporter"), "value": declaration.data["exporter"]["name"]},
        {"label": both("VÖEN", "VÖEN (taxpayer number)"), "value": declaration.data["exporter"]["voen"]},
        {"label": both("Təyinat ölkəsi", "Destination"), "value": declaration.data["destination"]},
        {"label": both("HS kodları", "HS codes"), "value": ", ".join(row["hs"] for row in declaration.data["items"])},
    ]


def page(declaration: Declaration) -> dict[str, Any]:
    """Everything the template prints, each text in both languages."""
    said: dict[str, Any] = {}
    for lang in ("az", "en"):
        with override(lang):
            said[lang] = {
                "boxes": [
                    {"box": row["box"], "label": str(row["label"]), "value": str(row["value"])}
                    for row in presentation.boxes(declaration.data, lang=lang)
                ],
                "items": presentation.items(declaration.data, lang=lang),
                "date": date_(declaration.data["date"], lang),
            }
    return {
        "number": declaration.reference,
        "date": both(said["az"]["date"], said["en"]["date"]),
        "boxes": [
            {
                "box": az["box"],
                "label": both(az["label"], en["label"]),
                "value": both(az["value"], en["value"]),
            }
            for az, en in zip(said["az"]["boxes"], said["en"]["boxes"], strict=True)
        ],
        "items": [
            {**az, "description_en": en["description"], "packages": both(az["packages"], en["packages"])}
            for az, en in zip(said["az"]["items"], said["en"]["items"], strict=True)
        ],
        "declarant": declaration.data["declarant"],
    }
