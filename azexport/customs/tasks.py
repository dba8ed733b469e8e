"""What declarations leave to the worker."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from azexport.customs import actions
from azexport.customs.models import Declaration
from azexport.kernel.actor import NamedActor
from azexport.kernel.errors import OutsideFailure
from azexport.signatures.states import Purpose, Verdict
from azexport.signatures.validation import SignatureReport, validate_pdf


# Customs sends a release once: neither a centre that is down over a weekend nor a trouble of our own may lose it.
@app.task(name="customs.check_release", retry=RetryStrategy(max_attempts=220, wait=2, linear_wait=10))
def check_release(*, reference: str, participant: str, by: dict[str, str]) -> None:
    """The signature of the release that customs sent has been looked at: by whom, with what certificate.

    Raises:
        OutsideFailure: a centre could not be asked; the release waits and is looked at again.
    """
    declaration = Declaration.objects.get(reference=reference)
    if declaration.received_release is None:
        return
    now, content = timezone.now(), bytes(declaration.received_release)
    reports = validate_pdf(content, now=now, require=Purpose.SEAL)
    if any(report.verdict is Verdict.INDETERMINATE for report in reports):
        raise OutsideFailure(permanent=False)
    with transaction.atomic():
        there = Declaration.objects.select_for_update(of=("self",)).get(pk=declaration.pk).received_release
        if bytes(there or b"") != content:
            return  # Customs has sent another one meanwhile, which has a job of its own.
        actions.settle_release(
            declaration,
            verdict=verdict_of(reports, participant),
            reports=[report.as_data() for report in reports],
            by=NamedActor(**by),
            now=now,
        )


def verdict_of(reports: list[SignatureReport], participant: str) -> str:
    """Empty where every signature is accepted and of the participant that sent the document."""
    for report in reports:
        if report.verdict != Verdict.ACCEPTED:
            return report.verdict.value
        if report.signer is None or report.signer.body != participant:
            return Verdict.OTHER_PERSON.value
    return "" if reports else Verdict.UNSIGNED.value
