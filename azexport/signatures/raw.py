"""Raw signatures: their two encodings, and verifying them with a certificate's public key."""

from __future__ import annotations

from asn1crypto import algos, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from azexport.signatures.errors import Refused
from azexport.signatures.states import Verdict

SMALLEST_RSA = 2048
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})
WEAK_HASHES = frozenset({"md2", "md5", "sha1"})

_ISSUED = DefaultSignatureValidator()

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def public_key(certificate: x509.Certificate) -> PublicKey:
    """The certificate's key: EC or RSA.

    Raises:
        Refused: malformed, or weak_algorithm where it is of another kind.
    """
    try:
        key = serialization.load_der_public_key(certificate.public_key.dump())
    except Exception as error:  # unsupported curves, broken keys
        raise Refused(Verdict.WEAK_ALGORITHM, f"key: {type(error).__name__}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise Refused(Verdict.WEAK_ALGORITHM, "neither EC nor RSA")
    return key


def require_strength(certificate: x509.Certificate) -> None:
    """The key and the signature on the certificate meet the policy of today.

    Raises:
        Refused: weak_algorithm.
    """
    key = public_key(certificate)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SMALLEST_RSA:
        raise Refused(Verdict.WEAK_ALGORITHM, f"RSA-{key.key_size}")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in CURVES:
        raise Refused(Verdict.WEAK_ALGORITHM, key.curve.name)
    algorithm: algos.SignedDigestAlgorithm = certificate["signature_algorithm"]
    try:
        hash_name = algorithm.hash_algo
    except ValueError as error:
        raise Refused(Verdict.WEAK_ALGORITHM, algorithm["algorithm"].native) from error
    if hash_name in WEAK_HASHES:
        raise Refused(Verdict.WEAK_ALGORITHM, hash_name)


def to_der(value: bytes, key: PublicKey) -> bytes:
    """The signature as CMS wants it: WebCrypto's r||s becomes DER, anything else stays."""
    if isinstance(key, rsa.RSAPublicKey):
        return value
    size = (key.key_size + 7) // 8
    if len(value) != 2 * size or _is_der(value):
        return value
    return encode_dss_signature(int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big"))


def to_p1363(value: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """The reverse of `to_der`."""
    r, s = decode_dss_signature(value)
    size = (key.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def verify(value: bytes, data: bytes, certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> None:
    """The value (DER or PKCS#1 v1.5) is the certificate key's signature over the data.

    Raises:
        Refused: bad_signature.
    """
    key = public_key(certificate)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, data, ec.ECDSA(algorithm))
        else:
            key.verify(value, data, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError) as error:
        raise Refused(Verdict.BAD_SIGNATURE) from error


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the certificate bears the issuer's signature, by whatever algorithm; strength is judged elsewhere."""
    try:
        _ISSUED.validate_signature(
            certificate["signature_value"].native,
            certificate["tbs_certificate"].dump(),
            issuer.public_key,
            certificate["signature_algorithm"],
        )
    except Exception:  # unknown algorithms, broken keys, a signature of somebody else
        return False
    return True


def mechanism(certificate: x509.Certificate) -> algos.SignedDigestAlgorithm:
    """The CMS name of SHA-256 with the certificate's kind of key."""
    kind = "sha256_ecdsa" if isinstance(public_key(certificate), ec.EllipticCurvePublicKey) else "sha256_rsa"
    return algos.SignedDigestAlgorithm({"algorithm": kind})


def _is_der(value: bytes) -> bool:
    try:
        decode_dss_signature(value)
    except ValueError:
        return False
    return True
