"""Validating signed PDFs: one rule of acceptance, one verdict for each way to fail it (signatures.md, traps 1 to 8).

Accepted is a signature whose sub-indication is OK and whose bottom line holds and whose file was changed only as
allowed and that covers at least its whole revision and whose certificate is meant for it, is of a listed centre,
is bound by signing-certificate-v2 and was good when a trusted time stamp proves that the signature existed.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESPassed, AdESSubIndic
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, StandardDiffPolicy
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.form_field_rules import SigFieldCreationRule, SigFieldModificationRule
from pyhanko.sign.general import NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation.ades import _dss_to_local_knowledge as dss_knowledge
from pyhanko.sign.validation.ades import ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.revinfo.archival import OCSPContainer

from azexport.signatures import certificates, pyhanko_repairs, raw, revocation
from azexport.signatures.errors import Refused
from azexport.signatures.identity import CertificateIdentity, identity_of
from azexport.signatures.pades import signer_of_token, time_of_token
from azexport.signatures.pdf import value
from azexport.signatures.states import Purpose, ServiceKind, Verdict
from azexport.signatures.trust import ISSUERS_FOR, Centre, TrustList

LARGEST = 30 * 1024 * 1024
MOST_SIGNATURES = 16
MOST_CERTIFICATES = 24
TOLERANCE = timedelta(seconds=60)
"""Between the clock of a time-stamp authority and ours, and between the start of a job and its end."""
ANSWER_MAY_PRECEDE = timedelta(minutes=5)
"""How long before a signature (by its time stamp) a centre's answer may speak and still tell of that signature.

An older "good" proves nothing: the certificate may have been revoked between the answer and the signature. What the
signer asks just before signing, and what is kept of an issuing centre for two minutes, is within it.
"""

CHANGES_ALLOWED = StandardDiffPolicy(
    global_rules=DEFAULT_DIFF_POLICY.global_rules,
    form_rule=FormUpdatingRule([SigFieldCreationRule(), SigFieldModificationRule()]),
)
"""What may follow a signature: further signatures and what proves them. pyHanko lets text fields be filled in, too."""

# pyHanko logs a traceback for everything that it does not accept; the report says it.
for _name in ("ades", "generic_cms"):
    logging.getLogger(f"pyhanko.sign.validation.{_name}").setLevel(logging.CRITICAL)
pyhanko_repairs.apply()


@dataclass(frozen=True)
class SignatureReport:
    """What is to be said of one signature in a file."""

    field: str
    verdict: Verdict
    signer: CertificateIdentity | None
    signed_at: datetime | None
    """Proven by a time stamp; None where there is none that can be trusted."""
    level: str
    """B-B, B-T, B-LT or B-LTA."""
    details: str
    """For the log and for experts: English, not shown to users as the reason."""

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    def as_data(self) -> dict[str, Any]:
        """JSON, as it is stored with documents."""
        data = asdict(self)
        data["verdict"] = self.verdict.value
        data["signed_at"] = self.signed_at.isoformat() if self.signed_at else None
        return data

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> SignatureReport:
        """What `as_data` was made of."""
        return cls(
            field=data["field"],
            verdict=Verdict(data["verdict"]),
            signer=CertificateIdentity(**data["signer"]) if data["signer"] else None,
            signed_at=datetime.fromisoformat(data["signed_at"]) if data["signed_at"] else None,
            level=data["level"],
            details=data["details"],
        )


def validate(
    content: bytes, trust: TrustList, *, now: datetime, require: Purpose = Purpose.SIGN, online: bool = True
) -> list[SignatureReport]:
    """A report of every signature (document time stamps are evidence, not signatures), in the order of signing.

    Args:
        require: as what each signature is demanded.
        online: ask the centres, too, whether the signers' certificates have been revoked meanwhile.

    A file that cannot be read gives one report, malformed; a file without a signature one, unsigned.
    """
    if len(content) > LARGEST:
        return [_failure("", Verdict.MALFORMED, "larger than 30 MB")]
    try:
        reader = PdfFileReader(io.BytesIO(content))
        if reader.encrypted:
            return [_failure("", Verdict.MALFORMED, "encrypted")]
        every = list(reader.embedded_signatures)
        if len(every) > MOST_SIGNATURES:
            return [_failure("", Verdict.MALFORMED, f"{len(every)} signatures")]
        if len({tuple(one.byte_range) for one in every}) < len(every):
            return [_failure("", Verdict.MALFORMED, "one signature in two fields")]
        signatures = [one for one in every if one.sig_object_type != "/DocTimeStamp"]
        if not signatures:
            return [_failure("", Verdict.UNSIGNED, "")]
        return [_Examination(one, trust, now, require, online).report() for one in signatures]
    except Exception as error:  # hostile PDFs raise nine kinds of exception (trap 7)
        return [_failure("", Verdict.MALFORMED, f"{type(error).__name__}: {error}"[:300])]


def _failure(field: str, verdict: Verdict, details: str) -> SignatureReport:
    return SignatureReport(field, verdict, None, None, "", details)


class _Examination:
    """One signature being looked at."""

    def __init__(
        self, signature: EmbeddedPdfSignature, trust: TrustList, now: datetime, require: Purpose, online: bool
    ) -> None:
        self.signature = signature
        self.trust = trust
        self.now = now
        self.require = require
        self.online = online
        self.signer: CertificateIdentity | None = None
        self.signed_at: datetime | None = None
        self.level = ""
        self.asked: list[tuple[bytes, revocation.Answer]] = []
        self.known: LocalKnowledge | None = None
        self.judged_at = now

    def report(self) -> SignatureReport:
        try:
            details = self._accept()
            verdict = Verdict.ACCEPTED
        except Refused as refusal:
            verdict, details = refusal.verdict, refusal.detail
        except Exception as error:  # hostile CMS (trap 7)
            verdict, details = Verdict.MALFORMED, f"{type(error).__name__}: {error}"[:300]
        return SignatureReport(
            str(self.signature.field_name), verdict, self.signer, self.signed_at, self.level, details
        )

    def _accept(self) -> str:
        """What can be told apart with certainty comes first; pyHanko's judgement of the whole comes last."""
        self._caps()
        certificate = self._signer_certificate()
        self.signer = identity_of(certificate)
        self.level = self._level()
        self._integrity()
        self._bound(certificate)
        centre = self._centre(certificate)
        raw.require_strength(certificate)
        certificates.require_signing_usage(certificate)
        if self.require is Purpose.SEAL and not self.signer.body:
            raise Refused(Verdict.WRONG_USAGE, "the certificate names no body")
        moment = self._time(certificate)
        if not certificate.not_valid_before <= moment <= certificate.not_valid_after:
            raise Refused(Verdict.EXPIRED, "outside the certificate's validity when it was signed")
        if not centre.trusted_at(moment):
            raise Refused(Verdict.UNKNOWN_CENTRE, "the centre was not recognised when it was signed")
        self._revocation(certificate, centre, moment)
        return self._judgement(centre, moment)

    def _caps(self) -> None:
        signed = self.signature.signed_data
        if len(signed["certificates"] or ()) > MOST_CERTIFICATES:
            raise Refused(Verdict.MALFORMED, "too many embedded certificates")
        if len(signed["signer_infos"]) != 1:
            raise Refused(Verdict.MALFORMED, "not exactly one signer")
        if self.signature.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
            raise Refused(Verdict.MALFORMED, "not PAdES")

    def _signer_certificate(self) -> x509.Certificate:
        try:
            return self.signature.signer_cert
        except SignatureValidationError as error:
            # The certificate that the signature names is not in it: another one was put in its place.
            raise Refused(Verdict.BAD_SIGNATURE, str(error)[:200]) from error

    def _level(self) -> str:
        reader = self.signature.reader
        if not self._tokens():
            return "B-B"
        if "/DSS" not in reader.root:
            return "B-T"
        return "B-LTA" if self._archive_stamps() else "B-LT"

    def _archive_stamps(self) -> list[EmbeddedPdfSignature]:
        """The document time stamps made after the signature, oldest first."""
        return [
            one
            for one in self.signature.reader.embedded_timestamp_signatures
            if one.signed_revision > self.signature.signed_revision
        ]

    def _integrity(self) -> None:
        signature = self.signature
        signature.compute_integrity_info(CHANGES_ALLOWED)
        summary = signature.summarise_integrity_info()
        if summary["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION:
            raise Refused(Verdict.ALTERED, "the signature does not cover its whole revision")
        change = summary["diff_result"]
        level = getattr(change, "modification_level", ModificationLevel.OTHER)
        # pyHanko lets annotations pass where the signer has not forbidden them; a page must stay as it was signed.
        if not summary["docmdp_ok"] or level > ModificationLevel.FORM_FILLING:
            raise Refused(Verdict.ALTERED, f"changed after signing: {change}"[:300])
        self._no_new_boxes()
        try:
            signed_digest = find_unique_cms_attribute(signature.signer_info["signed_attrs"], "message_digest").native
        except NonexistentAttributeError as error:
            raise Refused(Verdict.MALFORMED, "no message digest") from error
        if signed_digest != signature.compute_digest():
            raise Refused(Verdict.ALTERED, "the digest is another one")

    def _no_new_boxes(self) -> None:
        """A visible field added after signing covers what was signed (threat 2)."""
        signature = self.signature
        before = {name for name, _box in _boxes(signature.reader.get_historical_root(signature.signed_revision))}
        for name, visible in _boxes(signature.reader.root):
            if visible and name not in before:
                raise Refused(Verdict.ALTERED, "a visible field was added after signing")

    def _bound(self, certificate: x509.Certificate) -> None:
        """Threat 5: a certificate with the same key cannot take another's place."""
        info = self.signature.signer_info
        try:
            bound = find_unique_cms_attribute(info["signed_attrs"], "signing_certificate_v2")
        except NonexistentAttributeError as error:
            raise Refused(Verdict.MALFORMED, "no signing-certificate-v2") from error
        first = bound["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
        if name in raw.WEAK_HASHES:
            raise Refused(Verdict.WEAK_ALGORITHM, name)
        if getattr(certificate, name, None) != first["cert_hash"].native:
            raise Refused(Verdict.BAD_SIGNATURE, "signed with another certificate")
        for algorithm in (info["digest_algorithm"]["algorithm"].native, _hash_of(info)):
            if algorithm in raw.WEAK_HASHES:
                raise Refused(Verdict.WEAK_ALGORITHM, algorithm)

    def _centre(self, certificate: x509.Certificate) -> Centre:
        centre = self.trust.issuer_of(certificate, ISSUERS_FOR[self.require])
        if centre is None:
            if self.trust.issuer_of(certificate, [ServiceKind.SEAL, ServiceKind.EIMZA, ServiceKind.FOREIGN]):
                raise Refused(Verdict.WRONG_USAGE, "a certificate for another purpose")
            raise Refused(Verdict.UNKNOWN_CENTRE, certificate.issuer.human_friendly)
        certificates.require_competence(certificate, centre)
        return centre

    def _time(self, certificate: x509.Certificate) -> datetime:
        """When the signature existed, by its own time stamp; pyHanko validates the token later.

        Of several it might believe another one than this: an old stamp of something else would shift the moment.
        """
        tokens = self._tokens()
        if len(tokens) > 1:
            raise Refused(Verdict.UNTRUSTED_TIME, f"{len(tokens)} signature time stamps")
        for token in tokens:
            stamp = signer_of_token(token)
            authority = self.trust.issuer_of(stamp, [ServiceKind.TIMESTAMP])
            moment = time_of_token(token)
            if authority is None or not authority.trusted_at(moment):
                raise Refused(Verdict.UNTRUSTED_TIME, "the time-stamp authority is not listed")
            if moment > self.now + TOLERANCE:
                raise Refused(Verdict.UNTRUSTED_TIME, "the time stamp is of the future")
            return moment
        raise Refused(Verdict.UNTRUSTED_TIME, "no signature time stamp")

    def _revocation(self, certificate: x509.Certificate, centre: Centre, moment: datetime) -> None:
        """What the file carries and what the centre says today; what came after the signature does not harm it."""
        answers = self._embedded(certificate, centre.issuer)
        complete = self.online
        if self.online:
            try:
                answers.append(self._ask(certificate, centre.issuer))
                self._ask_about_the_rest(centre, moment)
            except Refused as refusal:
                if not answers:
                    raise refusal
                complete = False
        stamps = self._archive_stamps()
        if not complete and stamps:
            # Nobody was asked today: the file proves its state at its newest time stamp, as long as that one holds.
            if stamps[-1].signer_cert.not_valid_after < self.now:
                raise Refused(Verdict.INDETERMINATE, "the newest time stamp's certificate has expired")
            self.judged_at = min(self.now, time_of_token(stamps[-1].signed_data))
        for answer in answers:
            if answer.verdict is not Verdict.ACCEPTED and (answer.since is None or answer.since <= moment + TOLERANCE):
                raise Refused(answer.verdict, f"since {answer.since}")
        _require_recent(answers, moment, "the certificate")
        for subject, issuer, used_at in self._rest(centre, moment):
            asked = [one for about, one in self.asked if about == subject.sha256]
            _require_recent([*self._embedded(subject, issuer), *asked], used_at, subject.subject.human_friendly)

    def _rest(self, centre: Centre, moment: datetime) -> list[tuple[x509.Certificate, x509.Certificate, datetime]]:
        """The issuing centres and the time-stamp authorities: certificate, its issuer, when it was relied on first."""
        tokens = [(signer_of_token(one), time_of_token(one)) for one in self._tokens()]
        tokens += [(one.signer_cert, time_of_token(one.signed_data)) for one in self._archive_stamps()]
        links = [(centre.issuer, centre.root, moment)]
        for stamp, used_at in tokens:
            authority = self.trust.issuer_of(stamp, [ServiceKind.TIMESTAMP])
            if authority is not None:
                links += [(stamp, authority.issuer, used_at), (authority.issuer, authority.root, used_at)]
        return [link for link in links if link[0].sha256 != link[1].sha256]

    def _tokens(self) -> list[cms.SignedData]:
        """The signature time stamps."""
        return list(extract_tst_data_iter(self.signature.signer_info, signed=False))

    def _ask_about_the_rest(self, centre: Centre, moment: datetime) -> None:
        """Today's answers, kept for two minutes."""
        pairs = {subject.sha256: (subject, issuer) for subject, issuer, _used_at in self._rest(centre, moment)}
        for subject, issuer in pairs.values():
            self._ask(subject, issuer)

    def _ask(self, subject: x509.Certificate, issuer: x509.Certificate) -> revocation.Answer:
        answer = revocation.check(subject, issuer, self.trust, now=self.now)
        self.asked.append((subject.sha256, answer))
        return answer

    def _embedded(self, certificate: x509.Certificate, issuer: x509.Certificate) -> list[revocation.Answer]:
        """What the file carries about the certificate, each judged at the moment of which it speaks."""
        found: list[revocation.Answer] = []
        for one in self._known().known_ocsps:
            try:
                response: ocsp.OCSPResponse = one.ocsp_response_data
                told_at = response.response_data["responses"][0]["this_update"].native
                found.append(revocation.read(response.dump(), certificate, issuer, now=told_at))
            except Refused:
                continue
        return found

    def _known(self) -> LocalKnowledge:
        if self.known is None:
            self.known = dss_knowledge(self.signature.reader)
        return self.known

    def _judgement(self, centre: Centre, moment: datetime) -> str:
        result = asyncio.run(self._ades())
        status: PdfSignatureStatus | None = result.api_status
        if result.ades_subindic is not AdESPassed.OK:
            raise Refused(_verdict_of(result.ades_subindic), f"{result.ades_subindic}: {result.failure_msg}"[:300])
        if status is None or not (status.bottom_line and status.intact and status.valid):
            raise Refused(Verdict.ALTERED, "the bottom line is not met")
        self.signed_at = result.best_signature_time
        if self.signed_at is None or abs(self.signed_at - moment) > TOLERANCE:
            raise Refused(Verdict.UNTRUSTED_TIME, f"proven is {self.signed_at}, the time stamp says {moment}")
        return f"{result.ades_subindic.name} {self.level} {centre.country}"

    async def _ades(self) -> Any:
        timing = ValidationTimingInfo(
            validation_time=self.judged_at, best_signature_time=self.judged_at, point_in_time_validation=False
        )
        spec = self._spec()
        if self.level == "B-LTA":
            return await ades_lta_validation(
                self.signature, PdfSignatureValidationSpec(spec, diff_policy=CHANGES_ALLOWED), timing_info=timing
            )
        # Without a document time stamp long-term validation can only say NO_POE (trap 2).
        return await ades_with_time_validation(
            self.signature.signed_data,
            spec,
            timing_info=timing,
            raw_digest=self.signature.compute_digest(),
            extra_status_kwargs=self.signature.summarise_integrity_info(),
            status_cls=PdfSignatureStatus,
        )

    def _spec(self) -> SignatureValidationSpec:
        known = self._known() if self.level == "B-LT" else LocalKnowledge()
        asked = [
            container
            for _about, answer in self.asked
            for container in OCSPContainer.load_multi(ocsp.OCSPResponse.load(answer.response))
        ]
        return SignatureValidationSpec(
            cert_validation_policy=self._policy(ISSUERS_FOR[self.require]),
            ts_cert_validation_policy=self._policy([ServiceKind.TIMESTAMP.value]),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
                certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
            ),
            local_knowledge=LocalKnowledge(
                known_ocsps=[*known.known_ocsps, *asked],
                known_crls=known.known_crls,
                known_certs=[*known.known_certs, *self.trust.certificates()],
            ),
            key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
        )

    def _policy(self, kinds: Any) -> CertValidationPolicySpec:
        rule = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
        return CertValidationPolicySpec(
            trust_manager=self.trust.manager(kinds),
            revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(rule, rule)),
            time_tolerance=TOLERANCE,
        )


def _require_recent(answers: Sequence[revocation.Answer], used_at: datetime, what: str) -> None:
    """One of the answers, at least, speaks of when the certificate was used, or of later (see ANSWER_MAY_PRECEDE)."""
    if not answers:
        raise Refused(Verdict.INDETERMINATE, f"nothing says whether {what} was good")
    newest = max(answer.told_at for answer in answers)
    if newest < used_at - ANSWER_MAY_PRECEDE:
        raise Refused(Verdict.INDETERMINATE, f"what is said of {what} is of {newest}, before it was used")


def _boxes(root: Any) -> list[tuple[str, bool]]:
    """(name, whether it takes room on a page) of every form field of a revision."""
    form = value(root, "/AcroForm")
    found = []
    for reference in (form and value(form, "/Fields")) or ():
        field = reference.get_object()
        widgets = [kid.get_object() for kid in value(field, "/Kids") or ()] or [field]
        sizes = [[float(number) for number in one["/Rect"]] for one in widgets if "/Rect" in one]
        found.append((str(field["/T"]), any(box[0] != box[2] and box[1] != box[3] for box in sizes)))
    return found


def _hash_of(info: Any) -> str:
    try:
        return str(info["signature_algorithm"].hash_algo)
    except ValueError:
        return ""


_VERDICTS: dict[AdESSubIndic, Verdict] = {
    AdESFailure.FORMAT_FAILURE: Verdict.MALFORMED,
    AdESFailure.HASH_FAILURE: Verdict.ALTERED,
    AdESFailure.SIG_CRYPTO_FAILURE: Verdict.ALTERED,
    AdESFailure.REVOKED: Verdict.REVOKED,
    AdESFailure.NOT_YET_VALID: Verdict.EXPIRED,
    AdESIndeterminate.SIG_CONSTRAINTS_FAILURE: Verdict.WRONG_USAGE,
    AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE: Verdict.WRONG_USAGE,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: Verdict.WEAK_ALGORITHM,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Verdict.WEAK_ALGORITHM,
    AdESIndeterminate.EXPIRED: Verdict.EXPIRED,
    AdESIndeterminate.NOT_YET_VALID: Verdict.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: Verdict.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: Verdict.EXPIRED,
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: Verdict.UNKNOWN_CENTRE,
    AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND: Verdict.UNKNOWN_CENTRE,
    AdESIndeterminate.REVOKED_NO_POE: Verdict.REVOKED,
    AdESIndeterminate.REVOKED_CA_NO_POE: Verdict.REVOKED,
    AdESIndeterminate.TIMESTAMP_ORDER_FAILURE: Verdict.UNTRUSTED_TIME,
}


def _verdict_of(indication: AdESSubIndic) -> Verdict:
    return _VERDICTS.get(indication, Verdict.INDETERMINATE)


def worst(reports: Sequence[SignatureReport]) -> Verdict:
    """One word for a whole file: accepted only where every signature is."""
    return next((one.verdict for one in reports if not one.accepted), Verdict.ACCEPTED)


def validate_pdf(
    content: bytes, *, now: datetime, require: Purpose = Purpose.SIGN, online: bool = True
) -> list[SignatureReport]:
    """`validate` against the portal's own list of trusted centres, of a file that anybody may have made.

    It is looked at in a process of its own with limits of time and memory (see confinement). Asks centres: for jobs,
    not for pages.
    """
    # Imported here: the rest of this module works without a database and without another process.
    from azexport.signatures import confinement, queries

    if len(content) > LARGEST:
        return [_failure("", Verdict.MALFORMED, "larger than 30 MB")]
    given = {"now": now.isoformat(), "require": require.value, "online": online}
    try:
        told, _none = confinement.run("validate", content, given, trust=queries.trust_list())
    except Refused as refusal:
        return [_failure("", refusal.verdict, refusal.detail)]
    return [SignatureReport.of_data(one) for one in told["reports"]]
