"""The certification centres' program: OCSP, revocation lists, centre certificates and time stamps over HTTP.

Centres: a national root with an issuing centre for persons (E-imza) and one for seals and message keys, the time-stamp
authority under the same root; a recognised German centre; and a centre nobody trusts. `python -m sandbox pki revoke
SERIAL` (suspend, restore, list) changes the state of a certificate; the next answer tells.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.x509 import ocsp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.authority import Centre, Register
from sandbox.program import serve
from sandbox.timestamps import TimeStampAuthority

CENTRES: dict[str, tuple[str | None, dict[str, str]]] = {
    "az-root": (None, {"C": "AZ", "O": "Sandbox E-imza", "CN": "Sandbox E-imza Kök Mərkəzi"}),
    "az-persons": ("az-root", {"C": "AZ", "O": "Sandbox E-imza", "CN": "Sandbox E-imza Şəxslər Mərkəzi"}),
    "az-seals": ("az-root", {"C": "AZ", "O": "Sandbox E-imza", "CN": "Sandbox E-imza Möhürlər Mərkəzi"}),
    "de-root": (
        None,
        {"C": "DE", "O": "Sandbox Vertrauensdienste", "CN": "Sandbox Vertrauensdienste Wurzel"},
    ),
    "de-persons": (
        "de-root",
        {"C": "DE", "O": "Sandbox Vertrauensdienste", "CN": "Sandbox Vertrauensdienste Personen"},
    ),
    "untrusted-root": (None, {"C": "AZ", "O": "Sandbox Naməlum Mərkəz", "CN": "Sandbox Naməlum Kök"}),
    "untrusted-persons": (
        "untrusted-root",
        {"C": "AZ", "O": "Sandbox Naməlum Mərkəz", "CN": "Sandbox Naməlum Şəxslər"},
    ),
}
"""Name of each centre -> the centre above it, and its subject."""
TSA = "tsa"


def found_centres(folder: Path, base_url: str) -> dict[str, Centre]:
    """New centres with new keys in `folder`, which is DIR/pki."""
    folder.mkdir(parents=True, exist_ok=True)
    register = Register(folder / "register.sqlite3")
    centres: dict[str, Centre] = {}
    for name, (above, subject) in CENTRES.items():
        parent = centres[above] if above else None
        centres[name] = Centre.found(name, subject, parent, register, folder, base_url)
    return centres


def load_centres(folder: Path, base_url: str) -> dict[str, Centre]:
    register = Register(folder / "register.sqlite3")
    centres: dict[str, Centre] = {}
    for name, (above, _) in CENTRES.items():
        centres[name] = Centre.load(name, centres[above] if above else None, register, folder, base_url)
    return centres


class Pki:
    """The program behind the addresses that stand in the certificates."""

    def __init__(self, folder: Path) -> None:
        self.base_url: str = json.loads((folder / "directory.json").read_text())["programs"]["pki"]["base_url"]
        self.centres = load_centres(folder / "pki", self.base_url)
        self.by_key = {key: centre for centre in self.centres.values() for key in centre.key_hashes}
        self.tsa = TimeStampAuthority(folder / "pki", TSA, self.centres["az-root"].chain)

    async def ocsp(self, request: Request) -> Response:
        try:
            if request.method == "GET":
                content = base64.b64decode(unquote(request.path_params["encoded"]), validate=True)
            else:
                content = await request.body()
            asked = ocsp.load_der_ocsp_request(content)
        except (ValueError, binascii.Error, NotImplementedError):
            return _ocsp_failure(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        centre = self.by_key.get(asked.issuer_key_hash)
        if centre is None:
            return _ocsp_failure(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        return Response(centre.ocsp_response(asked), media_type="application/ocsp-response")

    async def crl(self, request: Request) -> Response:
        centre = self.centres.get(request.path_params["name"])
        if centre is None:
            return PlainTextResponse("there is no such centre", 404)
        return Response(centre.crl(), media_type="application/pkix-crl")

    async def certificate(self, request: Request) -> Response:
        centre = self.centres.get(request.path_params["name"])
        if centre is None:
            return PlainTextResponse("there is no such centre", 404)
        der = centre.certificate.public_bytes(serialization.Encoding.DER)
        return Response(der, media_type="application/pkix-cert")

    async def timestamp(self, request: Request) -> Response:
        return Response(self.tsa.answer(await request.body()), media_type="application/timestamp-reply")

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "program": "pki"})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/ocsp", self.ocsp, methods=["POST"]),
                Route("/ocsp/{encoded:path}", self.ocsp, methods=["GET"]),
                Route("/crl/{name}.crl", self.crl),
                Route("/ca/{name}.cer", self.certificate),
                Route("/tsa", self.timestamp, methods=["POST"]),
                Route("/health", self.health),
            ]
        )

    def run(self) -> None:
        port = urlsplit(self.base_url).port
        assert port is not None
        asyncio.run(serve(self.app(), port, label="pki"))


def build(folder: Path) -> Pki:
    return Pki(folder.resolve())


def _ocsp_failure(status: ocsp.OCSPResponseStatus) -> Response:
    content = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)
    return Response(content, media_type="application/ocsp-response")
