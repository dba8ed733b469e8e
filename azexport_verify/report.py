"""What was found, and how it is said: for people in Azerbaijani or English, for programs as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LANGUAGES = ("az", "en")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: what (a code of TEXTS), with which file, and details in English."""

    code: str
    path: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Signed:
    """A signature that counts: in which file, by whom, when."""

    path: str
    signer: str
    organisation: str
    at: datetime | None


@dataclass
class Report:
    """The result of checking one dossier."""

    operation: str = ""
    created_at: str = ""
    sealed_by: str = ""
    sealed_at: datetime | None = None
    documents: int = 0
    messages: int = 0
    messages_in_order: int = 0
    links: int = 0
    signatures: list[Signed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is in order."""
        return not self.findings

    def add(self, code: str, path: str = "", detail: str = "") -> None:
        self.findings.append(Finding(code, path, detail))

    def as_json(self) -> str:
        """For programs. Members: ok, operation, created_at, sealed {by, at}, counts, signatures, findings."""
        data: dict[str, Any] = {
            "ok": self.ok,
            "operation": self.operation,
            "created_at": self.created_at,
            "sealed": {"by": self.sealed_by, "at": self.sealed_at.isoformat() if self.sealed_at else None},
            "counts": {"documents": self.documents, "messages": self.messages, "links": self.links},
            "signatures": [
                {
                    "path": one.path,
                    "signer": one.signer,
                    "organisation": one.organisation,
                    "at": one.at.isoformat() if one.at else None,
                }
                for one in self.signatures
            ],
            "findings": [
                {"code": one.code, "path": one.path, "text": {name: TEXTS[one.code][name] for name in LANGUAGES},
                 "detail": one.detail}
                for one in self.findings
            ],
        }  # fmt: skip
        return json.dumps(data, ensure_ascii=False, indent=1)

    def lines(self, language: str) -> Iterator[str]:
        """For people."""
        words = WORDS[language]
        if self.operation:
            yield f"{words['operation']}: {self.operation} ({self.created_at})"
        if self.sealed_by:
            at = f", {_moment(self.sealed_at)}" if self.sealed_at else ""
            yield f"{words['sealed']}: {self.sealed_by}{at}"
            yield f"{words['documents']}: {self.documents}"
            yield f"{words['messages']}: {self.messages} ({words['in_order']}: {self.messages_in_order})"
            yield f"{words['links']}: {self.links}"
        for one in self.signatures:
            whose = f"{one.signer}, {one.organisation}" if one.organisation else one.signer
            yield f"  ✓ {one.path}: {whose}, {_moment(one.at)}"
        for finding in self.findings:
            path = f"{finding.path}: " if finding.path else ""
            detail = f" [{finding.detail}]" if finding.detail else ""
            yield f"  ✗ {path}{TEXTS[finding.code][language]}{detail}"
        yield words["ok"] if self.ok else words["not_ok"].format(count=len(self.findings))


def _moment(at: datetime | None) -> str:
    return at.strftime("%d.%m.%Y %H:%M:%S UTC") if at else "—"


WORDS = {
    "az": {
        "operation": "Əməliyyat",
        "sealed": "Möhürləyən",
        "documents": "Sənədlər",
        "messages": "Mesajlar",
        "in_order": "imzası doğru olanlar",
        "links": "Əlaqələr",
        "ok": "Dosye bütövdür: bütün faylların, imzaların və mesajların yoxlanışı uğurla keçdi.",
        "not_ok": "DOSYE QƏBUL EDİLMİR: {count} uyğunsuzluq aşkar edilmişdir.",
    },
    "en": {
        "operation": "Operation",
        "sealed": "Sealed by",
        "documents": "Documents",
        "messages": "Messages",
        "in_order": "with a signature in order",
        "links": "Links",
        "ok": "The dossier is whole: all files, signatures and messages are in order.",
        "not_ok": "THE DOSSIER IS NOT IN ORDER: {count} findings.",
    },
}


def _text(az: str, en: str) -> dict[str, str]:
    return {"az": az, "en": en}


TEXTS = {
    # the archive
    "not_a_zip": _text("Fayl ZIP arxivi deyil", "The file is no zip archive"),
    "unsafe_name": _text("Fayl adı təhlükəlidir, arxiv açılmadı", "An unsafe file name; the archive was not opened"),
    "duplicate": _text(
        "Fayl arxivdə iki dəfə var, arxiv açılmadı", "The file is there twice; the archive was not opened"
    ),
    "link": _text("Simvolik keçid, arxiv açılmadı", "A symbolic link; the archive was not opened"),
    "not_a_file": _text("Adi fayl deyil, arxiv açılmadı", "Not a plain file; the archive was not opened"),
    "encrypted": _text("Fayl şifrələnib, arxiv açılmadı", "The file is encrypted; the archive was not opened"),
    "compression": _text("Naməlum sıxma üsulu, arxiv açılmadı", "An unknown compression; the archive was not opened"),
    "bomb": _text("Həddən artıq böyükdür, arxiv açılmadı", "It is too large; the archive was not opened"),
    "too_many": _text("Arxivdə həddən artıq fayl var", "There are too many files in the archive"),
    "extra_content": _text(
        "Arxivdə fayllardan başqa məlumat var", "There is something in the archive beside its files"
    ),
    # the manifest
    "no_manifest": _text("Siyahı (manifest.json) yoxdur", "There is no manifest (manifest.json)"),
    "no_seal": _text("Siyahının möhürü (manifest.p7s) yoxdur", "The manifest has no seal (manifest.p7s)"),
    "bad_manifest": _text("Siyahı oxunmur", "The manifest cannot be read"),
    "seal_unreadable": _text("Siyahının möhürü oxunmur", "The manifest's seal cannot be read"),
    "seal_broken": _text(
        "Möhür bu siyahıya aid deyil: siyahı dəyişdirilib", "The seal is not of this manifest: it was changed"
    ),
    "seal_unknown_centre": _text(
        "Möhürün sertifikatı etibarlı mərkəz tərəfindən verilməyib", "The seal's certificate is not of a trusted centre"
    ),
    "seal_wrong_owner": _text(
        "Siyahını portal möhürləməyib", "The manifest was sealed by somebody else than the portal"
    ),
    "seal_not_proven": _text("Möhürün etibarlılığı sübut olunmur", "The seal's validity is not proven"),
    # the files
    "changed": _text("Fayl dəyişdirilib", "The file was changed"),
    "missing": _text("Fayl yoxdur", "The file is missing"),
    "added": _text("Fayl siyahıda yoxdur: sonradan əlavə edilib", "The file is not in the manifest: it was added"),
    "bad_link": _text("Sənədlər arasında əlaqə pozulub", "A link between the documents is broken"),
    "no_link": _text(
        "Sənədin özündən əvvəlki sənədlə əlaqəsi göstərilməyib", "The document has no link to the one it stands on"
    ),
    # signatures of documents
    "unsigned": _text("Tələb olunan imza yoxdur", "A signature that must be there is missing"),
    "unreadable": _text("Sənəd və ya imza oxunmur", "The document or its signature cannot be read"),
    "altered": _text("Sənəd imzalandıqdan sonra dəyişdirilib", "The document was altered after it was signed"),
    "changed_after_signing": _text(
        "İmzadan sonra icazə verilməyən əlavə edilib", "Something was added after signing that may not be added"
    ),
    "coverage": _text("İmza bütün sənədi əhatə etmir", "The signature does not cover the whole document"),
    "not_pades": _text("İmza PAdES formatında deyil", "The signature is no PAdES signature"),
    "no_document_time_stamp": _text(
        "Uzunmüddətli sübut (sənədin zaman möhürü) yoxdur", "There is no long-term proof (document time stamp)"
    ),
    "time_stamp_expired": _text(
        "Son zaman möhürünün sertifikatının müddəti bitib", "The certificate of the last time stamp has expired"
    ),
    "untrusted_time": _text("Zaman möhürünə etibar edilmir", "The time stamp is not to be trusted"),
    "unknown_centre": _text(
        "İmzalayanın sertifikatı etibarlı mərkəz tərəfindən verilməyib",
        "The signer's certificate is not of a trusted centre",
    ),
    "revoked": _text("İmzalayanın sertifikatı ləğv edilib", "The signer's certificate was revoked"),
    "expired": _text("İmzalayanın sertifikatının müddəti bitib", "The signer's certificate had expired"),
    "wrong_usage": _text("Sertifikat imza üçün nəzərdə tutulmayıb", "The certificate is not one for signing"),
    "weak_algorithm": _text("Zəif kriptoqrafik alqoritm", "A weak cryptographic algorithm"),
    "not_proven": _text("İmzanın etibarlılığı sübut olunmur", "The signature's validity is not proven"),
    # messages
    "message_unreadable": _text("Mesaj oxunmur", "The message cannot be read"),
    "message_digest": _text("Mesajın məzmunu dəyişdirilib", "The message's content was changed"),
    "message_signature": _text("Mesajın imzası doğru deyil", "The message's signature is not right"),
    "message_centre": _text(
        "Mesajın sertifikatı etibarlı mərkəz tərəfindən verilməyib",
        "The message's certificate is not of a trusted centre",
    ),
    "message_sender": _text("Mesajı göstərilən göndərən imzalamayıb", "The message is not signed by its stated sender"),
}
"""Every finding, in both languages."""
