"""A regulation that nobody has begun to write: the model form with its standing words (S-A1)."""

from __future__ import annotations

import copy
from typing import Any

from azexport.kernel.text import both

_BLANK: dict[str, Any] = {
    "general": {
        "name": both("", ""),
        "content": both("", ""),
        "legal_basis": [],
        "other_performers": [],
        "automation": "partial",
    },
    "provision": {
        "kind": "interactive",
        "fee": {"amount": "0.00", "currency": "AZN"},
        "users": [],
        "place": both("azexport.az portalı", "The azexport.az portal"),
        "information": both(
            "azexport.az portalında xidmətin səhifəsi", "The page of the service on the azexport.az portal"
        ),
        "known_documents": [],
        "documents": [],
        "questions": [],
    },
    "procedures": {
        "open": both(
            "İnformativ növlü elektron xidmət istifadəçilər üçün daim açıqdır və müraciət edilməsi hər hansı qaydada "
            "məhdudlaşdırıla bilməz.",
            "An informational e-service is open to users at all times; turning to it may not be restricted in any way.",
        ),
        "request": {
            "formed": both(
                "Sorğu portalda elektron formada formalaşdırılır və gücləndirilmiş elektron imza ilə imzalanır.",
                "The request is formed electronically on the portal and signed with an enhanced electronic signature.",
            ),
            "accepted": both(
                "Qurum sorğunu qəbul edir və onun nömrəsini elektron kabinetə bildirir.",
                "The body accepts the request and tells its number to the e-cabinet.",
            ),
        },
        "refusal_grounds": [],
        "steps": [],
        "control": {
            "form": both("Cari və yoxlama nəzarəti", "Current and audit control"),
            "order": both(
                "Addımların müddətinə portal nəzarət edir, pozulma rəhbərə və istifadəçiyə bildirilir.",
                "The portal watches the terms of the steps; a breach is told to the head and to the user.",
            ),
        },
        "disputes": {
            "right": both(
                "İstifadəçi qərardan inzibati qaydada və ya məhkəməyə şikayət edə bilər.",
                "The user may complain about the decision to the body above or to a court.",
            ),
            "information": both(
                "Şikayətdə ərizəçinin adı və ünvanı, işin nömrəsi, şikayət edilən qərar və şikayətin əsasları "
                "göstərilir.",
                "The complaint states the applicant's name and address, the number of the case, the decision and the "
                "reasons.",
            ),
            "term": both(
                "Şikayətə “İnzibati icraat haqqında” Qanunda müəyyən edilmiş müddətdə baxılır.",
                "The complaint is considered within the term of the Law on Administrative Proceedings.",
            ),
        },
    },
    "requirements": [],
}


def blank() -> dict[str, Any]:
    """The content of an empty draft: what every regulation says alike is there, the rest is to be written."""
    return copy.deepcopy(_BLANK)
