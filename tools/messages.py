"""Message catalogues without GNU gettext: Django's templates and Python are extracted and compiled with Babel.

python -m tools.messages extract [ROOM]   update the catalogue(s) from the sources; new texts come in untranslated
python -m tools.messages compile          write .mo files beside the .po files
python -m tools.messages missing          list the texts without a translation; exit status 1 if there are any
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "az"
NOISE = ("-Date: ", "Generated-By", "Report-Msgid-Bugs-To", "Last-Translator", "Language-Team")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "_g": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def places() -> dict[str, tuple[Path, list[Path]]]:
    """Name -> (catalogue's locale folder, folders whose sources it covers)."""
    rooms = {
        room.name: (room / "locale", [room])
        for room in sorted((ROOT / "azexport").iterdir())
        if (room / "__init__.py").exists()
    }
    return {"portal": (ROOT / "locale", [ROOT / "templates", ROOT / "config"]), **rooms}


def catalogue_path(locale: Path) -> Path:
    return locale / LANGUAGE / "LC_MESSAGES" / "django.po"


def texts(folder: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], str | None]]:
    """(file, line, message, context) of every translatable text below the folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "locale" in path.parts or "migrations" in path.parts:
            continue
        source = path.read_text()
        if path.suffix != ".py":
            from django.utils.translation.template import templatize

            # What stands around the texts is no Python: without its indentation the tokenizer takes it.
            source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
        for line, message, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            yield str(path.relative_to(ROOT)), line, message, context


def extract_place(locale: Path, folders: list[Path]) -> Catalog:
    """The catalogue of these folders with the translations that are there already."""
    template = Catalog()
    for folder in folders:
        for file, _line, message, context in texts(folder):
            # Line numbers would make every catalogue change with every edit.
            template.add(message, locations=[(file, None)], context=context)  # type: ignore[list-item]
    path = catalogue_path(locale)
    if path.exists():
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=LANGUAGE)
    else:
        catalogue = Catalog(locale=LANGUAGE)
    catalogue.fuzzy, catalogue.header_comment = False, "# Azerbaijani texts of azexport."
    catalogue.project, catalogue.version = "azexport", "1"
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def write(locale: Path, catalogue: Catalog) -> None:
    path = catalogue_path(locale)
    if not len(catalogue):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=110, omit_header=False, sort_output=True, ignore_obsolete=True)
    lines = [line for line in path.read_text().splitlines(True) if not any(part in line for part in NOISE)]
    path.write_text("".join(lines))


def compile_all() -> None:
    for locale, _folders in places().values():
        path = catalogue_path(locale)
        target = path.with_suffix(".mo")
        if not path.exists() or (target.exists() and target.stat().st_mtime >= path.stat().st_mtime):
            continue
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=LANGUAGE)
        temporary = target.with_suffix(f".{os.getpid()}")
        with temporary.open("wb") as out:
            write_mo(out, catalogue)
        temporary.replace(target)


def missing() -> list[str]:
    """Every text that has no translation, or several: rooms share one language, and which one won would be chance."""
    found: list[str] = []
    said: dict[tuple[str | None, str], tuple[object, str]] = {}
    for name, (locale, folders) in places().items():
        for message in extract_place(locale, folders):
            if not message.id:
                continue
            text = message.id if isinstance(message.id, str) else message.id[0]
            translated = message.string if isinstance(message.string, tuple) else (message.string,)
            if not all(translated):
                found.append(f"{name}: {text}")
            first, room = said.setdefault((message.context, text), (translated, name))
            if first != translated:
                found.append(f"{name}: {text}: translated otherwise in {room}")
    return found


def main() -> int:
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure()
        django.setup()
    match sys.argv[1:]:
        case ["extract", *rooms]:
            for name, (locale, folders) in places().items():
                if not rooms or name in rooms:
                    write(locale, extract_place(locale, folders))
        case ["compile"]:
            compile_all()
        case ["missing"]:
            lines = missing()
            print("\n".join(lines) or "every text is translated")
            return 1 if lines else 0
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
