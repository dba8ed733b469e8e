"""What the task list and the check page show."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from azexport.exports import rules
from azexport.exports.sections import Plan
from azexport.kernel.text import pick
from azexport.services import fields as services


def tasks(plan: Plan) -> list[dict[str, Any]]:
    """The task list; what depends on the permits waits for them."""
    row = plan.application
    url = f"/applications/{row.reference}/"
    found: list[dict[str, Any]] = [
        {"title": _("Goods of this consignment"), "url": f"{url}goods/",
         "status": "completed" if row.lines_confirmed else "not_started"},
        {"title": _("Documents these goods need"), "url": f"{url}permits/" if row.lines_confirmed else None,
         "status": _status(row.permits_confirmed, row.lines_confirmed)},
    ]  # fmt: skip
    for part in plan.sections if row.permits_confirmed else ():
        complete = part.id in row.sections and not plan.missing(part)
        begun = any(field.value(row.answers) not in (None, "") for field in plan.fields(part))
        status = "completed" if complete else "in_progress" if begun else "not_started"
        found.append({"title": pick(part.title), "url": f"{url}questions/{part.id}/", "status": status})
    if rules.carries_promotion(plan.lines, plan.on):
        status = "completed" if "requested" in row.promotion else "not_started"
        found.append({"title": _("Note on the export promotion payment"), "url": f"{url}promotion/", "status": status})
    ready = all(task["status"] == "completed" for task in found)
    found.append({"title": _("Check and sign"), "url": f"{url}check/" if ready else None,
                  "status": "not_started" if ready else "cannot_start"})  # fmt: skip
    return found


def _status(done: bool, possible: bool) -> str:
    return "completed" if done else "not_started" if possible else "cannot_start"


def summaries(plan: Plan) -> list[dict[str, Any]]:
    """The answers by section, each with the link that changes it."""
    url = f"/applications/{plan.application.reference}/questions/"
    found = []
    for part in plan.sections:
        rows = [
            {
                "key": _label(field),
                "value": services.shown(field.asked.question, field.value(plan.application.answers)),
                "change": f"{url}{part.id}/",
                "change_label": _label(field),
            }
            for field in plan.fields(part)
        ]
        for regulation, document in plan.wanted_documents(part):
            have = plan.attached.get((regulation.service, document.id))
            value = have.name if have else _("Not attached")
            name = pick(document.name.text)
            rows.append({"key": name, "value": value, "change": f"{url}{part.id}/", "change_label": name})
        found.append({"title": pick(part.title), "rows": rows})
    return found


def _label(field: Any) -> str:
    label = pick(field.asked.question.label.text)
    if field.line is None:
        return label
    return f"{label} ({pick({'az': field.line['description'], 'en': field.line['description_en']})})"
