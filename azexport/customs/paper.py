"""The declaration on paper: what its typst template is given."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import override

from azexport.customs import presentation
from azexport.customs.actions import FIELD
from azexport.customs.models import Declaration
from azexport.documents.rendering import Attachment, render_pdf
from azexport.kernel.formats import date_
from azexport.kernel.text import both


def render(declaration: Declaration) -> bytes:
    """The PDF with an empty signature field and the declaration's data inside, for machines."""
    return render_pdf(
        "customs/declaration.typ",
        data(declaration),
        attachments=[
            Attachment(
                name="declaration.json",
                media_type="application/json",
                content=json.dumps(declaration.data, ensure_ascii=False, indent=2).encode(),
                description="Bəyannamənin məlumatları / The declaration's data",
            )
        ],
        signature_fields=[FIELD],
        code=declaration.code,
        at=declaration.frozen_at.replace(microsecond=0) if declaration.frozen_at else None,
    )


def data(declaration: Declaration) -> dict[str, Any]:
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
