"""A dossier as the portal packs it, with real signatures, messages and a real seal; tests change it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from azexport_verify import dossier, papers
from azexport_verify.anchors import Anchors, load
from azexport_verify.papers import Signature
from azexport_verify.report import Report
from sandbox.permit_documents.printing import print_paper, template_for
from sandbox.permit_documents.signing import Desk, HeldKey, Official, Stamper
from sandbox.wire import MessageKey, new_message, sign_reply, sign_request
from tests.sandbox.conftest import Sandbox, sandbox

__all__ = ["sandbox"]

SELLER, BUYER = "leyla-mammadova", "jonas-weber"
CONTRACT, APPLICATION = "documents/1-contract-CT-1.pdf", "documents/2-application-AP-1.pdf"
PERMIT, DECLARATION = "documents/3-permit-CS-1.pdf", "documents/4-declaration-DC-1.pdf"
RELEASE, ATTACHMENT = "documents/5-release-DC-1.pdf", "documents/2-attachment-DO-1.png"
SENT, RECEIPT = "messages/0001-case.submitted-request.json", "messages/0002-case.submitted-reply.json"
GRANTED = "messages/0003-case.granted-request.json"
KINDS = {CONTRACT: "contract", APPLICATION: "application", PERMIT: "permit", DECLARATION: "declaration",
         RELEASE: "release", ATTACHMENT: "attachment"}  # fmt: skip
CHAIN = [(APPLICATION, CONTRACT), (PERMIT, APPLICATION), (DECLARATION, PERMIT), (RELEASE, DECLARATION)]


class Maker:
    """Who can sign whatever the sandbox's keys can sign."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.folder = sandbox.folder
        self.tsa = sandbox.directory["pki"]["tsa"]
        self.desk = Desk(self.folder / "plant", self.tsa)

    def person(self, key: str, folder: str = "people") -> Official:
        content = (self.folder / folder / f"{key}-sign.p12").read_bytes()
        private, certificate, above = pkcs12.load_key_and_certificates(content, b"sandbox")
        assert private is not None
        assert certificate is not None
        pems = [*(self.folder / "trust").glob("*.pem"), *(self.folder / "untrusted").glob("*.pem")]
        known = [x509.load_pem_x509_certificate(path.read_bytes()) for path in pems]
        chain = [certificate]
        while chain[-1].issuer != chain[-1].subject:
            chain.append(next(one for one in [*above, *known] if one.subject == chain[-1].issuer))
        return _official(private, chain)

    def body(self, program: str, key: str = "head") -> Official:
        return Official.load(self.folder / program, key)

    def paper(self, text: str, *signers: Official) -> bytes:
        permit = {"number": text, "valid_from": "2026-01-01", "voen": "-", "destination": "DE", "lines": []}
        application = {"service": text, "answers": {}, "goods": [], "applicant": {}, "consignee": {}}
        data = {"permit": permit, "application": application, "fields": {},
                "letterhead": {"name": {"az": text, "en": text}},
                "officer": {"name": "-", "position": "-", "certificate": "-"}}  # fmt: skip
        at = datetime(2026, 1, 1, tzinfo=UTC)
        pdf = print_paper(template_for("none"), data, check_url="http://localhost/", at=at)
        for signer in signers:
            pdf = self.desk.sign(pdf, signer, reason=text)
        return pdf

    def seal(self, content: bytes, owner: Official | None = None) -> bytes:
        signer = (owner or Official.load(self.folder / "portal", "seal")).signer
        container = asyncio.run(
            signer.async_sign_general_data(
                content, "sha256", detached=True, use_cades=True, timestamper=Stamper(self.tsa)
            )
        )
        return bytes(container.dump())

    def message(self, program: str, *, outgoing: bool, kind: str, status: int | None = None) -> bytes:
        """A stored message: from or to the body of the program; with a status the reply to it."""
        home = self.folder / ("portal" if outgoing else program)
        key, code = MessageKey.load(home), self.sandbox.code(program)
        sender, recipient = ("azexport", code) if outgoing else (code, "azexport")
        body = new_message(kind, sender=sender, recipient=recipient, subject="CS-1", body={"case": "CS-1"}).to_bytes()
        url = f"{self.sandbox.url(program)}/messages"
        headers = sign_request(key, url, body) if status is None else sign_reply(key, status, body)
        data = {
            "message_id": "-", "type": kind, "subject": "CS-1", "direction": "out" if outgoing else "in",
            "participant": code, "part": "request" if status is None else "reply", "at": datetime.now(UTC).isoformat(),
            **({"method": "POST", "target_uri": url} if status is None else {"status": status}),
            "headers": [[name, value] for name, value in headers.items()],
            "certificate": key.certificate.public_bytes(serialization.Encoding.PEM).decode(),
            "body": base64.b64encode(body).decode(),
        }  # fmt: skip
        return json.dumps(data).encode()


def _official(private: Any, chain: list[x509.Certificate]) -> Official:
    ders = [asn1.Certificate.load(one.public_bytes(serialization.Encoding.DER)) for one in chain]
    name = str(chain[0].subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    return Official(name, HeldKey(private, ders[0], ders[1:]), chain[0], tuple(chain[1:]))


@dataclass
class Dossier:
    """The parts of a dossier; `packed` makes the archive of what they are now."""

    maker: Maker
    files: dict[str, bytes]
    kinds: dict[str, str]
    links: list[dict[str, str]]
    manifest: bytes | None = None
    """As it was sealed; made anew from the files when None."""
    seal: bytes | None = None
    extra: list[tuple[zipfile.ZipInfo | str, bytes]] = field(default_factory=list)

    def entries(self) -> list[dict[str, Any]]:
        return [
            {
                "path": path,
                "sha256": hashlib.sha256(content).hexdigest(),
                "size": len(content),
                "media_type": "application/pdf" if path.endswith(".pdf") else "application/octet-stream",
                "kind": self.kinds.get(path, "message"),
                "title": {"az": path, "en": path},
            }
            for path, content in self.files.items()
        ]

    def sealed(self, owner: Official | None = None, **changes: Any) -> Dossier:
        """The same with a new manifest of what the files are now, sealed."""
        data = {"format": "azexport-dossier/1", "operation": "OP-1", "created_at": "2026-11-22T10:00:00+00:00",
                "files": self.entries(), "links": self.links, **changes}  # fmt: skip
        manifest = json.dumps(data, ensure_ascii=False).encode()
        return replace(self, manifest=manifest, seal=self.maker.seal(manifest, owner))

    def changed(self, path: str, content: bytes) -> Dossier:
        return replace(self, files={**self.files, path: content})

    def without(self, path: str) -> Dossier:
        return replace(self, files={name: content for name, content in self.files.items() if name != path})

    def packed(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (("manifest.json", self.manifest), ("manifest.p7s", self.seal)):
                if content is not None:
                    archive.writestr(name, content)
            for name, content in self.files.items():
                archive.writestr(name, content)
            for entry, content in self.extra:
                archive.writestr(entry, content)
        return out.getvalue()

    def written(self, folder: Path) -> Path:
        path = folder / "dossier.zip"
        path.write_bytes(self.packed())
        return path


@pytest.fixture(scope="session")
def maker(sandbox: Sandbox) -> Maker:
    return Maker(sandbox)


@pytest.fixture(scope="session")
def anchors(maker: Maker) -> Anchors:
    return load(maker.folder / "trust")


@pytest.fixture(scope="session")
def whole(maker: Maker) -> Dossier:
    """A dossier with which everything is in order."""
    seller, buyer = maker.person(SELLER), maker.person(BUYER)
    files = {
        CONTRACT: maker.paper("CONTRACT", seller, buyer),
        APPLICATION: maker.paper("APPLICATION", seller),
        ATTACHMENT: b"\x89PNG not really",
        PERMIT: maker.paper("PERMIT", maker.body("plant")),
        DECLARATION: maker.paper("DECLARATION", seller),
        RELEASE: maker.paper("RELEASE", maker.body("customs")),
        SENT: maker.message("plant", outgoing=True, kind="case.submitted"),
        RECEIPT: maker.message("plant", outgoing=False, kind="receipt", status=202),
        GRANTED: maker.message("plant", outgoing=False, kind="case.granted"),
    }
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    links = [{"from": here, "to": there, "sha256": digests[there]} for here, there in CHAIN]
    return Dossier(maker, files, KINDS, links).sealed()


class Checker:
    """Checks a dossier and says what was found."""

    def __init__(self, folder: Path, anchors: Anchors) -> None:
        self.folder = folder
        self.anchors = anchors

    verdicts: ClassVar[dict[tuple[str, date], list[Signature]]] = {}

    @classmethod
    def signatures_of(cls, content: bytes, anchors: Anchors, *, now: datetime) -> list[Signature]:
        """Each paper is checked for real once for each day: most tests change something else than the papers."""
        key = (hashlib.sha256(content).hexdigest(), now.date())
        if key not in cls.verdicts:
            cls.verdicts[key] = REAL(content, anchors, now=now)
        return cls.verdicts[key]

    def __call__(self, dossier_: Dossier | bytes, **options: Any) -> Report:
        path = self.folder / "dossier.zip"
        path.write_bytes(dossier_ if isinstance(dossier_, bytes) else dossier_.packed())
        return dossier.check(path, self.anchors, **options)

    def codes(self, dossier_: Dossier | bytes, **options: Any) -> set[tuple[str, str]]:
        """{(code, path)} of what is wrong."""
        return {(one.code, one.path) for one in self(dossier_, **options).findings}


REAL = papers.signatures_of


@pytest.fixture
def check(tmp_path: Path, anchors: Anchors, monkeypatch: pytest.MonkeyPatch) -> Checker:
    monkeypatch.setattr(papers, "signatures_of", Checker.signatures_of)
    return Checker(tmp_path, anchors)
