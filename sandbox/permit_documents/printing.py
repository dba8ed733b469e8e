"""Print a paper as PDF/A-3a with its data attached."""

from __future__ import annotations

import functools
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
import typst
from babel import Locale

FOLDER = Path(__file__).parent
GENERAL = "generic"


@functools.cache
def _fonts() -> typst.Fonts:
    # Only typst's own fonts, so that every machine prints the same bytes.
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@functools.cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=FOLDER, font_paths=_fonts())


def template_for(name: str) -> Path:
    """The template of the body `name`, or the general one when it has none of its own."""
    own = FOLDER / f"{name}.typ"
    return own if name != "paper" and own.is_file() else FOLDER / f"{GENERAL}.typ"


@functools.cache
def _countries() -> dict[str, str]:
    """ISO code -> the country's name in both languages."""
    az, en = Locale("az").territories, Locale("en").territories
    return {str(code): f"{az[code]} / {en[code]} ({code})" for code in en if len(str(code)) == 2 and code in az}


def _qr(content: str) -> str:
    output = io.BytesIO()
    segno.make(content, error="m").save(output, kind="svg", border=0, dark="#1d2733")
    return output.getvalue().decode()


def print_paper(template: Path, data: dict[str, Any], *, check_url: str, at: datetime) -> bytes:
    """The PDF/A-3a of `data` on `template`; `check_url` becomes its QR code and `at` its date of creation.

    Attached is permit.json, the permit as it stands in `data`, or what `data["attachment"]` says (name, data).
    """
    attached = data.get("attachment", {"name": "permit.json", "data": data["permit"]})
    content = json.dumps(attached["data"], ensure_ascii=False, indent=2, sort_keys=True)
    full = {
        "countries": _countries(),
        **data,
        "check_url": check_url,
        "qr": _qr(check_url),
        "attachment": {"name": attached["name"], "content": content},
    }
    pdf = _compiler().compile(
        template,
        format="pdf",
        sys_inputs={"data": json.dumps(full, ensure_ascii=False)},
        pdf_standards=["a-3a"],
        timestamp=at,
    )
    assert isinstance(pdf, bytes)
    return pdf
