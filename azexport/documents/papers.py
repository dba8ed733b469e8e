"""Freeze, render, sign: the one way in which people's signatures get onto what they were shown.

A paper is signed by one person, or by several one after the other, each over what the former has signed.

What rooms hear of a paper: `paper.signed.<purpose>` and `paper.failed.<purpose>`, with the Paper as subject and the
signer as `by`. `data["field"]` says which signature it was, `data["complete"]` whether it was the last that the paper
needs, `data["document"]` is the reference of the document with it. Both are announced in the transaction that
completes the signature; one line in config/events.py names who listens, one in config/signers.py whose signature
still counts by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.module_loading import import_string

from azexport.audit import actions as audit
from azexport.documents import actions as documents
from azexport.documents import queries, rendering
from azexport.documents.lifecycle import OPEN_PAPER, PAPERS
from azexport.documents.models import Paper
from azexport.documents.models.papers import FIELD
from azexport.documents.states import DocumentStatus, PaperStatus
from azexport.kernel.actor import SYSTEM, Actor, NamedActor
from azexport.kernel.errors import IllegalTransition, Missing
from azexport.kernel.references import new_reference
from azexport.kernel.text import Text
from azexport.lifecycle import announce, settle
from azexport.signatures import actions as signatures
from azexport.signatures import queries as signing
from azexport.signatures.states import Verdict

if TYPE_CHECKING:
    from azexport.signatures.models import SigningRequest

PURPOSE = "paper"
"""Of every signing request of this module."""


# ------------------------------------------------------------------------------------------------ for other rooms


@transaction.atomic
def put_forward(
    *,
    purpose: str,
    subject: str,
    kind: str,
    title: Text,
    template: str,
    data: Mapping[str, Any],
    attachment: Mapping[str, Any] | None = None,
    facts: Sequence[Mapping[str, Any]] = (),
    signer: Actor,
    expected: Mapping[str, str | None],
    return_url: str,
    by: Actor,
    now: datetime,
    fields: Sequence[str] = (FIELD,),
) -> Paper:
    """The data are frozen; a job prints them and asks `signer` for a signature, at /papers/<reference>/.

    Where `fields` names several, the paper then waits until `ask` says who gives the next one. An older paper of the
    same purpose and subject that waits still counts for nothing from now on.

    Args:
        purpose: names the events, for instance `filing`: `paper.signed.filing`.
        subject: reference of what the paper is about.
        kind: kind of the document; config/readers.py says who may open it.
        template: `<room>/<name>.typ`, see `rendering.render_pdf`; it finds `data` with dates and numbers formatted.
        attachment: the same for machines: `<subject>.json` inside the PDF.
        facts: what anybody who holds a copy may read: `{"label": Text, "value": str}`.
        expected: `Member.expected` of the signer.
        return_url: where a signer goes afterwards, and back to when they do not sign.
        fields: what its signatures are called, in the order in which they are given; `signer` gives the first.
    """
    for older in Paper.objects.select_for_update().filter(purpose=purpose, subject=subject, status__in=OPEN_PAPER):
        _discard(older, by=by, now=now)
    paper = Paper.objects.create(
        reference=new_reference("PP"),
        purpose=purpose,
        subject=subject,
        kind=kind,
        title=title,
        template=template,
        data=_json(data),
        attachment=None if attachment is None else _json(attachment),
        facts=[dict(one) for one in facts],
        code=documents.new_code(),
        signer_kind=signer.actor_kind,
        signer_id=signer.actor_id,
        signer_name=signer.actor_name,
        expected=dict(expected),
        return_url=return_url,
        fields=list(fields),
        created_at=now,
    )
    audit.record("paper.put_forward", subject=paper.reference, by=by, now=now,
                 data={"purpose": purpose, "about": subject, "signer": signer.actor_id})  # fmt: skip
    _enqueue(paper)
    return paper


@transaction.atomic
def ask(paper: Paper, *, signer: Actor, expected: Mapping[str, str | None], by: Actor, now: datetime) -> Paper:
    """The signature that the paper waits for is asked of `signer`, over the document as it stands.

    Of the next signer once the former has signed; of anybody afresh where a signature failed, ran out or was not given.

    Raises:
        IllegalTransition: the paper does not wait for a signature, or one is just being completed.
    """
    paper = _locked(paper.reference)
    if paper.status != PaperStatus.WAITING:
        raise IllegalTransition
    paper.signer_kind, paper.signer_id, paper.signer_name = signer.actor_kind, signer.actor_id, signer.actor_name
    paper.expected = dict(expected)
    paper.save(update_fields=["signer_kind", "signer_id", "signer_name", "expected"])
    _request(paper, by=by, now=now)
    return paper


def asked_of(paper: Paper, *, signer: Actor, expected: Mapping[str, str | None], by: Actor, now: datetime) -> Paper:
    """The paper, its signature asked of `signer`: as it is where they are giving it, or still can; else afresh.

    Raises:
        IllegalTransition: as `ask`.
    """
    if signing.is_under_way(paper.signing, signer, now=now):
        return paper
    return ask(paper, signer=signer, expected=expected, by=by, now=now)


@transaction.atomic
def discard(paper: Paper, *, by: Actor, now: datetime) -> Paper:
    """The paper counts for nothing: it can be signed no more, and a copy of it shows as revoked.

    Raises:
        IllegalTransition: it is signed by all, or was discarded before.
    """
    return _discard(_locked(paper.reference), by=by, now=now)


@transaction.atomic
def void(paper: Paper, *, by: Actor, now: datetime) -> None:
    """The signed document counts for nothing, and a copy of it shows as revoked: it was signed in vain.

    For who hears `paper.signed.<purpose>` and cannot take it any more. Run twice it changes nothing.
    """
    if paper.document is None:
        return
    # Read anew: whoever discarded the paper meanwhile has revoked it already.
    document = queries.as_renewed(queries.by_reference(paper.document.reference))
    if document.status == DocumentStatus.ISSUED:
        documents.set_status(document, DocumentStatus.REVOKED, by=by, now=now)


# ------------------------------------------------------------------------------------------------ from the job


def render(paper: Paper) -> bytes:
    """The PDF with its empty signature fields: the same bytes each time."""
    attachments = []
    if paper.attachment is not None:
        attachments = [
            rendering.Attachment(
                name=f"{paper.subject}.json",
                media_type="application/json",
                content=json.dumps(paper.attachment, ensure_ascii=False, indent=1).encode(),
                description="The same for machines",
            )
        ]
    return rendering.render_pdf(
        paper.template,
        paper.data,
        attachments=attachments,
        signature_fields=paper.fields,
        code=paper.code,
        at=paper.created_at.replace(microsecond=0),
    )


@transaction.atomic
def offer(reference: str, content: bytes, *, now: datetime) -> Paper:
    """The rendered PDF waits for its signature; for a paper that was discarded meanwhile nothing happens."""
    paper = _locked(reference)
    if paper.status != PaperStatus.RENDERING:
        return paper
    paper.document = documents.store(
        kind=paper.kind, title=paper.title, content=content, code=paper.code, facts=paper.facts, by=SYSTEM, now=now
    )
    paper.save(update_fields=["document"])
    settle(paper, "offer", table=PAPERS, by=SYSTEM, now=now)
    _request(paper, by=SYSTEM, now=now, content=content)
    return paper


# ------------------------------------------------------------------------------------------------ effects from below


@transaction.atomic
def signed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The paper carries the signature, and who put it forward hears of it (event signing.completed.paper).

    Run twice it changes nothing. A signature on anything but the PDF that waits is put on record and counts for
    nothing. So does the signature of somebody who may not give it any more: the paper says why, and waits.
    """
    paper = _locked(subject.subject)
    signer = NamedActor(subject.signer_kind, subject.signer_id, subject.signer_name)
    waiting = paper.document if paper.status == PaperStatus.WAITING else None
    if waiting is None or (subject.content_sha256, subject.field) != (waiting.sha256, paper.field):
        audit.record("paper.signature_discarded", subject=paper.reference, by=signer, now=now,
                     data={"request": subject.reference})  # fmt: skip
        return
    if not _still_signs(signer, paper):
        _signed_in_vain(paper, subject, signer=signer, now=now)
        return
    field = paper.field
    paper.document = documents.store(
        kind=paper.kind,
        title=paper.title,
        content=subject.result,
        previous=waiting,
        facts=paper.facts,
        signatures=[*waiting.signatures, subject.report],
        by=SYSTEM,
        now=now,
    )
    paper.report, paper.verdict = subject.report, ""
    paper.given = [*paper.given, _given(field, signer, now)]
    paper.save(update_fields=["document", "report", "verdict", "given"])
    facts = {"field": field, "sha256": paper.document.sha256}
    if paper.is_complete:
        settle(paper, "sign", table=PAPERS, by=signer, now=now, data=facts)
    else:
        settle(paper, "sign_in_part", table=PAPERS, by=signer, now=now, data=facts)
    announce(
        f"paper.signed.{paper.purpose}", paper, by=signer, now=now,
        data={"document": paper.document.reference, "field": field, "complete": paper.is_complete},
    )  # fmt: skip


@transaction.atomic
def signature_failed(subject: SigningRequest, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    """The paper shows why the signature was not accepted; it still waits (event signing.failed.paper)."""
    paper = _locked(subject.subject)
    if paper.status != PaperStatus.WAITING or paper.signing != subject.reference or paper.verdict:
        return
    signer = NamedActor(subject.signer_kind, subject.signer_id, subject.signer_name)
    _fail(paper, str(subject.verdict), signer=signer, now=now)


# ------------------------------------------------------------------------------------------------ inside


def _still_signs(signer: Actor, paper: Paper) -> bool:
    """What config/signers.py says of the paper's purpose; where it says nothing, the room itself looks."""
    signers: dict[str, str] = import_string(settings.PAPER_SIGNERS)
    path = signers.get(paper.purpose)
    return path is None or bool(import_string(path)(signer, paper))


def _signed_in_vain(paper: Paper, request: SigningRequest, *, signer: Actor, now: datetime) -> None:
    if paper.signing != request.reference or paper.verdict:
        return
    audit.record("paper.signed_in_vain", subject=paper.reference, by=signer, now=now,
                 data={"request": request.reference, "field": paper.field})  # fmt: skip
    _fail(paper, Verdict.NO_MANDATE.value, signer=signer, now=now)


def _fail(paper: Paper, verdict: str, *, signer: Actor, now: datetime) -> None:
    paper.verdict = verdict
    paper.save(update_fields=["verdict"])
    announce(f"paper.failed.{paper.purpose}", paper, by=signer, now=now,
             data={"verdict": verdict, "field": paper.field})  # fmt: skip


def _given(field: str, signer: Actor, now: datetime) -> dict[str, str]:
    return {
        "field": field, "signer_kind": signer.actor_kind, "signer_id": signer.actor_id,
        "signer_name": signer.actor_name, "at": now.isoformat(),
    }  # fmt: skip


def _request(paper: Paper, *, by: Actor, now: datetime, content: bytes | None = None) -> None:
    assert paper.document is not None
    request = signatures.request_signature(
        content=content or queries.content(paper.document),
        title=paper.title,
        purpose=PURPOSE,
        subject=paper.reference,
        field=paper.field,
        signer=NamedActor(paper.signer_kind, paper.signer_id, paper.signer_name),
        expected=paper.expected,
        return_url=f"/papers/{paper.reference}/back/",
        by=by,
        now=now,
    )
    paper.signing, paper.verdict = request.reference, ""
    paper.save(update_fields=["signing", "verdict"])


def _discard(paper: Paper, *, by: Actor, now: datetime) -> Paper:
    settle(paper, "discard", table=PAPERS, by=by, now=now)
    if paper.document is not None:
        documents.set_status(paper.document, DocumentStatus.REVOKED, by=by, now=now)
    return paper


def _locked(reference: str) -> Paper:
    paper = Paper.objects.select_for_update(of=("self",)).select_related("document").filter(reference=reference).first()
    if paper is None:
        raise Missing
    return paper


def _enqueue(paper: Paper) -> None:
    from azexport.documents import tasks

    tasks.render_paper.defer(reference=paper.reference)


def _json(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as the row keeps them: dates and decimals as text."""
    plain: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return plain
