"""What the portal's page does with a key file in the browser, done here: the key never leaves this process."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from demo.browser import Browser, PageError


@dataclass
class SoftKey:
    """A key pair and its certificate out of a .p12 file."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    """DER"""

    @classmethod
    def open(cls, path: Path, password: str) -> SoftKey:
        key, certificate, _chain = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        assert certificate is not None
        return cls(key, certificate.public_bytes(Encoding.DER))

    def token(self, origin: str, nonce: str) -> dict[str, str]:
        """A Web eID token over H(origin) || H(nonce)."""
        signed = hashlib.sha256(origin.encode()).digest() + hashlib.sha256(nonce.encode()).digest()
        r, s = utils.decode_dss_signature(self.key.sign(signed, ec.ECDSA(SHA256())))
        return {
            "unverifiedCertificate": b64encode(self.certificate).decode(),
            "algorithm": "ES256",
            "signature": b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode(),
            "format": "web-eid:1.0",
            "appVersion": "azexport-demo/1",
        }

    def sign(self, signed_attributes: bytes) -> bytes:
        """DER signature over the signed attributes."""
        return self.key.sign(signed_attributes, ec.ECDSA(SHA256()))


def sign_in(browser: Browser, key: SoftKey, goal: str = "/cabinet/") -> None:
    """The browser is signed in; its page is the one that the portal shows next."""
    page = browser.open("/sign-in/")
    parts = urlsplit(browser.portal)
    token = key.token(f"{parts.scheme}://{parts.netloc}", page.attribute("soft-key", "data-nonce"))
    answer = browser.post_json(page.attribute("soft-key", "data-token-url"), {"token": token, "next": goal})
    browser.open(answer["location"])


def sign(browser: Browser, key: SoftKey) -> None:
    """The document of the signing page that the browser shows is signed; the browser is where the portal leads next.

    Raises:
        PageError: what the portal asks to sign is not the document that the page shows, or signing failed.
    """
    page = browser.page
    answer = browser.post_json(
        page.attribute("soft-key", "data-certificate-url"), {"certificate": b64encode(key.certificate).decode()}
    )
    attributes = b64decode(answer["signed_attributes"])
    if bytes.fromhex(answer["digest"]) not in attributes:
        raise PageError("the signed attributes do not hold the document's digest")
    value = b64encode(key.sign(attributes)).decode()
    browser.post_json(page.attribute("soft-key", "data-signature-url"), {"signature": value})
    browser.open(_location(browser, page.attribute("soft-key", "data-state-url")))


def _location(browser: Browser, state_url: str) -> str:
    import time

    for _ in range(240):
        state: dict[str, Any] = browser.get_json(state_url)
        if state.get("location"):
            return str(state["location"])
        if state["status"] in {"failed", "expired", "cancelled"}:
            raise PageError(f"signing {state['status']}: {state.get('message')}")
        time.sleep(0.25)
    raise PageError("signing did not finish within a minute")
