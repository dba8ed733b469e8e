"""The time-stamp authority: RFC 3161 tokens signed with an ECDSA key (SHA-256)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from azexport_verify import asn1_repairs
from sandbox.authority import Issued

asn1_repairs.apply()

POLICY = "1.3.6.1.4.1.55555.1.1"
"""The authority's policy, under a made-up enterprise number."""
_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


class TimeStampAuthority:
    """Answers time-stamp requests; one key, held in memory."""

    def __init__(self, folder: Path, name: str, chain: Sequence[x509.Certificate]) -> None:
        issued = Issued.read(folder, name)
        self._key = issued.key
        self._certificate = _asn1(issued.certificate)
        self._chain = [_asn1(above) for above in chain]
        self._certificate_hash = hashlib.sha256(self._certificate.dump()).digest()

    def answer(self, request: bytes) -> bytes:
        """The DER response: a token, or a rejection that says why."""
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            digest = imprint["hashed_message"].native
        except (ValueError, TypeError, KeyError):
            return _rejection("bad_data_format")
        if _DIGEST_SIZES.get(algorithm) != len(digest):
            return _rejection("bad_alg" if algorithm not in _DIGEST_SIZES else "bad_data_format")
        if asked["req_policy"].native not in (None, POLICY):
            return _rejection("unaccepted_policy")
        token = self._token(asked, datetime.now(UTC))
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _token(self, asked: tsp.TimeStampReq, moment: datetime) -> cms.ContentInfo:
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": asked["message_imprint"],
                "serial_number": secrets.randbits(120),
                "gen_time": core.GeneralizedTime(moment),
                "accuracy": {"seconds": 1},
            }
        )
        if asked["nonce"].native is not None:
            info["nonce"] = asked["nonce"]
        content = info.dump()
        attributes = self._signed_attributes(content, moment)
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        certificates = [self._certificate, *self._chain] if asked["cert_req"].native else []
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": cms.ParsableOctetString(content),
                },
                "signer_infos": [
                    cms.SignerInfo(
                        {
                            "version": "v1",
                            "sid": cms.SignerIdentifier(
                                {
                                    "issuer_and_serial_number": {
                                        "issuer": self._certificate.issuer,
                                        "serial_number": self._certificate.serial_number,
                                    }
                                }
                            ),
                            "digest_algorithm": {"algorithm": "sha256"},
                            "signed_attrs": attributes,
                            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
                            "signature": signature,
                        }
                    )
                ],
            }
        )
        if certificates:
            signed["certificates"] = certificates
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})

    def _signed_attributes(self, content: bytes, moment: datetime) -> cms.CMSAttributes:
        certificate_id = tsp.ESSCertIDv2(
            {
                "cert_hash": self._certificate_hash,
                "issuer_serial": {
                    "issuer": [asn1.GeneralName("directory_name", self._certificate.issuer)],
                    "serial_number": self._certificate.serial_number,
                },
            }
        )
        return cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(moment.replace(microsecond=0))})),
                _attribute("message_digest", hashlib.sha256(content).digest()),
                _attribute("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [certificate_id]})),
            ]
        )


def _attribute(name: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": name, "values": (value,)})


def _asn1(certificate: x509.Certificate) -> asn1.Certificate:
    return asn1.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _rejection(failure: str) -> bytes:
    # Built by hand: asn1crypto takes the token, which a rejection has not, for mandatory.
    status: bytes = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {failure}}).dump()
    return b"\x30" + bytes([len(status)]) + status
