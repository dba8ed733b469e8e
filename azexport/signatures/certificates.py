"""Checking a certificate without asking anybody: centre, path, validity, strength, usage."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from azexport.signatures import raw
from azexport.signatures.errors import Refused
from azexport.signatures.identity import identity_of
from azexport.signatures.states import Purpose, ServiceKind, Verdict
from azexport.signatures.trust import ISSUERS_FOR, Centre, TrustList

SKEW = timedelta(seconds=60)


def check_for_signing(certificate: x509.Certificate, trust: TrustList, *, now: datetime, purpose: Purpose) -> Centre:
    """The certificate may sign documents for this purpose; returns its centre.

    Raises:
        Refused: unknown_centre, expired, weak_algorithm or wrong_usage.
    """
    centre = _check(certificate, trust, now=now, kinds=ISSUERS_FOR[purpose])
    require_signing_usage(certificate)
    return centre


def check_for_sign_in(certificate: x509.Certificate, trust: TrustList, *, now: datetime) -> Centre:
    """The certificate may prove who is there; returns its centre.

    Raises:
        Refused: unknown_centre, expired, weak_algorithm or wrong_usage.
    """
    centre = _check(certificate, trust, now=now, kinds=ISSUERS_FOR[Purpose.SIGN])
    usages = _usages(certificate)
    purposes = certificate.extended_key_usage_value
    if "digital_signature" not in usages or (purposes is not None and "client_auth" not in purposes.native):
        raise Refused(Verdict.WRONG_USAGE, "not for authentication")
    return centre


def require_signing_usage(certificate: x509.Certificate) -> None:
    """The certificate promises commitment to content: a sign-in certificate does not (trap 4).

    Raises:
        Refused: wrong_usage.
    """
    if "non_repudiation" not in _usages(certificate):
        raise Refused(Verdict.WRONG_USAGE, "no nonRepudiation")


def _usages(certificate: x509.Certificate) -> set[str]:
    value = certificate.key_usage_value
    return set(value.native) if value is not None else set()


def _check(certificate: x509.Certificate, trust: TrustList, *, now: datetime, kinds: Iterable[str]) -> Centre:
    centre = trust.issuer_of(certificate, kinds)
    if centre is None or not centre.trusted_at(now):
        raise Refused(Verdict.UNKNOWN_CENTRE, certificate.issuer.human_friendly)
    if not certificate.not_valid_before - SKEW <= now <= certificate.not_valid_after:
        raise Refused(Verdict.EXPIRED)
    require_competence(certificate, centre)
    raw.require_strength(certificate)
    _validate_path(certificate, centre, trust, now)
    return centre


def require_competence(certificate: x509.Certificate, centre: Centre) -> None:
    """People, taxpayers and bodies of Azerbaijan are named by its own centres only, never by a recognised foreign one.

    Raises:
        Refused: unknown_centre.
    """
    named = identity_of(certificate)
    if centre.kind == ServiceKind.FOREIGN and (named.fin or named.voen or named.body):
        raise Refused(Verdict.UNKNOWN_CENTRE, "a foreign centre names somebody of Azerbaijan")


def _validate_path(certificate: x509.Certificate, centre: Centre, trust: TrustList, now: datetime) -> None:
    """RFC 5280: signatures, path length, name constraints, unknown critical extensions. No revocation."""
    context = ValidationContext(
        trust_manager=trust.manager([centre.kind]),
        other_certs=centre.chain,
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=max(now, certificate.not_valid_before),
    )
    try:
        asyncio.run(CertificateValidator(certificate, validation_context=context).async_validate_usage(set()))
    except PathBuildingError as error:
        raise Refused(Verdict.UNKNOWN_CENTRE, str(error)) from error
    except PathValidationError as error:
        raise Refused(Verdict.UNKNOWN_CENTRE, str(error)) from error
