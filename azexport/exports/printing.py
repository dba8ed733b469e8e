"""The application on paper, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import override

from azexport.exports.sections import Plan
from azexport.kernel import formats
from azexport.kernel.actor import Actor
from azexport.kernel.text import Text, both, pick
from azexport.reference import queries as reference
from azexport.services import fields as services

if TYPE_CHECKING:
    from azexport.exports.models import Application

LANGUAGES = ("az", "en")
YES, NO = both("Bəli", "Yes"), both("Xeyr", "No")


def title(application: Application) -> Text:
    """What the application's PDF is called wherever it is listed."""
    return both(f"Vahid elektron müraciət {application.reference}", f"Unified application {application.reference}")


def public_facts(application: Application) -> list[dict[str, Any]]:
    """What anybody who holds a copy may read."""
    contract = application.operation.contract
    return [
        {"label": both("Müraciətin nömrəsi", "Application number"), "value": application.reference},
        {"label": both("Müraciət edən", "Applicant"), "value": pick(contract.seller_stated["name"], "az")},
        {"label": both("Müqavilə", "Contract"), "value": contract.title},
    ]


def data(application: Application, plan: Plan) -> dict[str, Any]:
    """What machines read, and what the bodies are sent; the contract's digest is the link to the document before."""
    contract = application.operation.contract
    return {
        "reference": application.reference,
        "contract": {"reference": contract.reference, "sha256": contract.sha256},
        "destination": plan.destination,
        "goods": plan.lines,
        "services": [
            {"id": row.service, "version": row.label, "answers": plan.answers_for(row)} for row in plan.regulations
        ],
        "promotion": application.promotion,
        "attachments": [
            {"service": row.service, "item": item, "name": one.name, "document": one.document.reference,
             "sha256": one.document.sha256}
            for row in plan.regulations
            for item, one in plan.files_for(row).items()
        ],
    }  # fmt: skip


def page(application: Application, plan: Plan, *, signer: Actor, now: datetime) -> dict[str, Any]:
    """What the template prints: exactly what the check page shows."""
    contract = application.operation.contract
    seller, buyer = contract.seller_stated, contract.buyer_stated
    return {
        "reference": application.reference,
        "date": _in_both(lambda: formats.date_(now)),
        "exporter": {
            "name": seller["name"],
            "voen": seller["voen"],
            "address": seller["address"],
            "representative": signer.actor_name,
        },
        "consignee": {
            "name": buyer["name"],
            "address": buyer["address"],
            "country": reference.country(buyer["country"]).name,
        },
        "contract": {
            "number": contract.title,
            "concluded": _in_both(lambda: formats.date_(contract.concluded_at)) if contract.concluded_at else "",
            "sha256": contract.sha256,
        },
        "destination": reference.country(plan.destination).name,
        "goods": [
            [
                str(line["line"]), line["hs"], both(line["description"], line["description_en"]),
                _in_both(lambda line=line: _counted(line["quantity"], reference.unit(line["unit"]).symbol)),
                _in_both(lambda line=line: formats.number(line["net_kg"])),
                _in_both(lambda line=line: formats.number(line["gross_kg"])),
                _in_both(
                    lambda line=line: _counted(line["packages"], reference.package_kind(line["package_kind"]).name)
                ),
            ]
            for line in plan.lines
        ],
        "services": [
            [row.name, _provider_name(row.regulation.provider), str(row.regulation.term.working_days),
             _in_both(lambda fee=row.regulation.fee: formats.money(fee.amount, fee.currency))]
            for row in plan.regulations
        ],
        "answers": [
            {"title": section.title, "rows": _rows(plan, section)} for section in plan.sections if plan.fields(section)
        ],
        "promotion": promotion_rows(application.promotion),
        "attachments": [
            [one.name, one.document.sha256] for row in plan.regulations for one in plan.files_for(row).values()
        ],
    }  # fmt: skip


def _rows(plan: Plan, section: Any) -> list[dict[str, Any]]:
    rows = []
    for field in plan.fields(section):
        question = field.asked.question
        label = dict(question.label.text)
        if field.line is not None:
            label = both(
                f"{label['az']} ({field.line['description']})", f"{label['en']} ({field.line['description_en']})"
            )
        value = field.value(plan.application.answers)
        rows.append({"label": label, "value": _in_both(lambda q=question, v=value: services.shown(q, v))})
    return rows


def promotion_rows(note: dict[str, Any]) -> list[dict[str, Any]]:
    """The note as labelled values; goods that carry none say so."""
    if "requested" not in note:
        return [{"label": both("Qeyd", "Note"), "value": both("Tələb olunmur", "Not required")}]
    rows = [
        {
            "label": both("İxracın təşviqi üçün ödəniş istənilir", "Export promotion payment asked for"),
            "value": YES if note["requested"] else NO,
        }
    ]
    if note["requested"]:
        rows.append({"label": both("Bank", "Bank"), "value": both(note["bank"], note["bank"])})
        rows.append({"label": both("IBAN", "IBAN"), "value": both(note["iban"], note["iban"])})
    return rows


def _provider_name(code: str) -> Text:
    from azexport.participants import queries as participants

    name: Text = participants.by_code(code).name
    return name


def _counted(number: Any, what: Text) -> str:
    return f"{formats.number(number)} {pick(what)}"


def _in_both(say: Any) -> Text:
    """What `say` gives in each language."""
    said: Text = {}
    for language in LANGUAGES:
        with override(language):
            said[language] = say()
    return said
