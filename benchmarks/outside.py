"""What is done with keys and PDFs: rendering, signing in steps, checking. The centres answer from their own program."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import yaml

from azexport.kernel.actor import SYSTEM
from azexport.kernel.references import new_reference
from azexport.permits import actions as permits
from azexport.permits.models import Permit
from azexport.services.models import RegulationVersion
from azexport.signatures import actions, validation
from azexport.signatures.states import Purpose
from benchmarks.centres import ROOT
from benchmarks.measuring import Subject
from sandbox.permit_documents.printing import print_paper, template_for
from sandbox.permit_documents.signing import Desk
from tests.factories import cases, services
from tests.factories.signatures import LEYLA, SandboxPki, a_pdf, ask, sign_directly


def subjects(pki: SandboxPki) -> list[Subject]:
    """Signing, rendering and checking. `prepare` and `take` are what a person waits for; the rest are jobs."""
    key = pki.key("people/leyla-mammadova-sign")
    content = a_pdf()
    signed = sign_directly(content, "Seller", key)
    # An invented service of the body whose officials' keys the sandbox has.
    programs = yaml.safe_load((ROOT / "sandbox" / "data" / "programs.yaml").read_text())
    services.load(general__provider=str(programs["plant"]["code"]))
    cases.office(str(programs["plant"]["code"]))

    def asked() -> str:
        # Of one subject only one signature is asked for at a time.
        return ask(content, subject=new_reference("CT")).reference

    def prepare(reference: str) -> bytes:
        return actions.prepare(reference, key.der, by=LEYLA, now=_now())

    def valued() -> tuple[str, bytes]:
        reference = asked()
        return reference, key.sign_p1363(prepare(reference))

    def take(given: tuple[str, bytes]) -> str:
        reference, value = given
        actions.submit_signature_value(reference, value, by=LEYLA, now=_now())
        return reference

    def validate(_none: None) -> None:
        [report] = validation.validate_pdf(signed, now=_now(), require=Purpose.SIGN)
        assert report.verdict == "accepted", report

    def check(reference: str) -> None:
        permit = permits.check(reference=reference, by=SYSTEM, now=_now())
        assert permit.status == "issued", permit.verdict

    return [
        Subject("render a contract's PDF (job)", lambda: None, lambda _none: a_pdf()),
        Subject("signing: prepare", asked, prepare),
        Subject("signing: take the signature", valued, take),
        Subject(
            "signing: complete to B-LTA (job)", lambda: take(valued()), lambda one: actions.complete(one, now=_now())
        ),
        Subject("validate a signed PDF (job)", lambda: None, validate),
        Subject("check a permit (job)", lambda: _arrived_permit(pki), check),
    ]


def _arrived_permit(pki: SandboxPki) -> str:
    """A permit that came with its body's grant, printed and signed as that body does; its reference."""
    row = RegulationVersion.objects.get(service="honey-seal")
    case = cases.accepted(cases.open_case(row=row))
    today = _now().date()
    permit = cases.permit_of(case, number=f"N-{case.reference}", valid_from=str(today),
                             valid_until=str(today + timedelta(days=90)))  # fmt: skip
    words = {"az": "Bal idarəsi", "en": "Honey office"}
    data = {
        "permit": permit,
        "application": {"answers": {}, "consignee": {}, "applicant": {}, "goods": [], "application": "AP-1",
                        "case": case.reference, "service": "honey-seal", "destination": "DE"},
        "fields": {"case": case.reference},
        "letterhead": {"name": words},
        "officer": {**cases.OFFICER, "position": words, "certificate": "00"},
    }  # fmt: skip
    paper = print_paper(
        template_for("generic"), data, check_url="http://localhost:1/x", at=_now().replace(microsecond=0)
    )
    desk = Desk(pki.folder / "plant", json.loads((pki.folder / "directory.json").read_text())["pki"]["tsa"])
    content = desk.sign(paper, desk.official("head"), reason="permit")
    cases.says(case, "grant", permit=permit, document=cases.file(content), officer=cases.OFFICER)
    return Permit.objects.latest("id").reference


def _now() -> datetime:
    return datetime.now(UTC)
