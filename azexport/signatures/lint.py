"""What you see is what you sign: the only PDFs put before a signer are still pictures (threat 3).

No scripts, no actions but links, no optional content, no forms but signature fields, no hidden layers, PDF/A claimed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from azexport.kernel.errors import RuleViolated, Violation
from azexport.signatures.errors import Refused
from azexport.signatures.pdf import value
from azexport.signatures.states import Verdict

LARGEST = 20 * 1024 * 1024
MOST_OBJECTS = 50_000
FORBIDDEN_IN_CATALOG = ("/AA", "/OCProperties", "/Collection", "/Perms", "/Requirements", "/Legal")
FORBIDDEN_ANYWHERE = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/Rendition"})
FORBIDDEN_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState",
     "/Rendition", "/Movie", "/Sound", "/Trans", "/GoTo3DView", "/Named", "/RichMediaExecute"}
)  # fmt: skip
ALLOWED_ANNOTATIONS = frozenset({"/Link", "/Widget"})


def check(content: bytes, field: str) -> None:
    """The PDF may be put before a signer: it passes the lint and has this empty signature field.

    Raises:
        RuleViolated: SIG-001 to SIG-004, all that are broken.
        Refused: malformed.
    """
    broken = list(violations(content, field))
    if broken:
        raise RuleViolated(broken)


def violations(content: bytes, field: str) -> list[Violation]:
    """Every rule that the PDF breaks."""
    if len(content) > LARGEST:
        return [Violation("SIG-001", _("The document is larger than 20 MB."))]
    try:
        reader = PdfFileReader(io.BytesIO(content))
        return list(_violations(reader, field))
    except Exception as error:  # hostile PDFs raise nine kinds of exception (trap 7)
        raise Refused(Verdict.MALFORMED, type(error).__name__) from error


def _violations(reader: PdfFileReader, field: str) -> Iterator[Violation]:
    if reader.encrypted:
        yield Violation("SIG-001", _("The document is encrypted."))
        return
    catalog = reader.root
    active = [key for key in FORBIDDEN_IN_CATALOG if key in catalog]
    active += _active_parts(reader)
    if isinstance(value(catalog, "/OpenAction"), generic.DictionaryObject):
        active.append("/OpenAction")
    if active:
        message = _("The document has scripts, actions, layers or other parts that can change what is shown.")
        yield Violation("SIG-002", message)
    if not _claims_pdf_a(catalog):
        yield Violation("SIG-003", _("The document is not PDF/A."))
    fields = {value(one, "/T"): one for one in _fields(catalog)}
    if any(value(one, "/FT") != "/Sig" for one in fields.values()):
        yield Violation("SIG-002", _("The document has form fields that can be filled in."))
    wanted = fields.get(field)
    if wanted is None or "/V" in wanted:
        yield Violation("SIG-004", _("The document has no empty field for this signature."))


def _claims_pdf_a(catalog: Any) -> bool:
    metadata = value(catalog, "/Metadata")
    return isinstance(metadata, generic.StreamObject) and b"pdfaid" in metadata.data


def _fields(catalog: Any) -> Iterator[Any]:
    form = value(catalog, "/AcroForm")
    for reference in (form and value(form, "/Fields")) or ():
        yield reference.get_object()


def _active_parts(reader: PdfFileReader) -> list[str]:
    """Names of what must not be there, found in any object of the newest revision."""
    found: set[str] = set()
    seen: set[tuple[int, int]] = set()
    queue: list[Any] = [reader.root]
    while queue:
        item = queue.pop()
        if isinstance(item, generic.IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > MOST_OBJECTS:
                raise Refused(Verdict.MALFORMED, "too many objects")
            item = item.get_object()
        if isinstance(item, generic.DictionaryObject):
            found |= _active_in(item)
            queue.extend(item.raw_get(key) for key in item if key != "/Parent")
        elif isinstance(item, generic.ArrayObject):
            queue.extend(item.raw_get(index) for index in range(len(item)))
    return sorted(found)


def _active_in(item: Any) -> set[str]:
    found = {str(key) for key in item if key in FORBIDDEN_ANYWHERE}
    if value(item, "/S") in FORBIDDEN_ACTIONS:
        found.add(str(item["/S"]))
    if value(item, "/Type") == "/Annot" and value(item, "/Subtype") not in ALLOWED_ANNOTATIONS:
        found.add(str(value(item, "/Subtype")))
    if value(item, "/Type") in ("/Page", "/Annot") and "/AA" in item:
        found.add("/AA")
    if value(item, "/Type") in ("/OCG", "/OCMD"):
        found.add("/OCG")
    return found
