"""One good application for each shipped service that is applied for alone: question id -> answer."""

from __future__ import annotations

from typing import Any

REGISTRATION: dict[str, Any] = {
    "name_az": "Baytarlıq sertifikatının verilməsi",
    "name_en": "Issue of the veterinary certificate",
    "content_az": "İxrac edilən heyvanlar üçün.",
    "content_en": "For exported animals.",
    "activity": "s3-1-11",
    "legal_basis": "Əsasnamə, 4.2.1.1",
    "kind": "interactive",
    "fee": "paid",
    "fee_text": "25 AZN; “Dövlət rüsumu haqqında” Qanun",
    "users": ["natural", "legal"],
    "place": "https://azexport.az/apply/veterinary-certificate/",
}
BUYER = {"name": "Weber GmbH", "country": "DE", "address": "Speicherstadt 4, Hamburg"}
SAMPLES: dict[str, dict[str, Any]] = {
    "service-registration": REGISTRATION,
    "registry-correction": REGISTRATION | {"registry_number": "ES-000001", "arose_on": "2026-10-01"},
    "registry-cancellation": {"registry_number": "ES-000001", "reason": "Xidmət ləğv edilib."},
    "taxpayer-extract": {"purpose": "partner", "recipient": "Weber GmbH"},
    "veterinary-certificate": {
        "commodity": "animal-products",
        "consignment": [
            {"hs": "040900", "description": "Bal", "quantity": "200", "unit": "KGM", "net_kg": "200", "value": "3000"}
        ],
        "batch": "B-7",
        "purpose": "food",
        "origin_district": "Zaqatala",
        "destination_country": "DE",
        "consignee": BUYER,
        "loading_place": "Zaqatala, Heydər Əliyev küçəsi 1",
        "inspection_from": "2026-10-12",
        "loading_on": "2026-10-14",
        "transport": "road",
        "vehicle": "90-AA-123",
        "contact_phone": "+994 50 123 45 67",
        "truth": True,
    },
    "free-sale-certificate": {
        "goods_az": "Ləpələnmiş fındıq",
        "goods_en": "Shelled hazelnuts",
        "hs_code": "080222",
        "own_production": True,
        "certificate_number": "AZ-0007",
        "destination_country": "DE",
        "paper_copy": False,
        "truth": True,
    },
    "export-control-permit": {
        "operation": "export",
        "subject": "intellectual",
        "description": "Şifrələmə proqramı.",
        "control_code": "5D002",
        "contract_value": "12000",
        "destination_country": "DE",
        "end_user": BUYER,
        "end_use": "Bank məlumatının qorunması.",
        "intermediary": False,
        "truth": True,
    },
    "export-promotion": {
        "declaration_number": "GD-2026-000017",
        "product_group": "fresh",
        "foreign_inputs": False,
        "state_share": False,
        "through_broker": False,
        "bank_name": "Kapital Bank",
        "iban": "AZ21NABZ00000000137010001944",
        "contact_email": "ixrac@sekifindiq.az",
        "truth": True,
    },
    "packing-station-approval": {
        "station_name": "Şəki qablaşdırma məntəqəsi",
        "station_address": "Şəki, Sənaye küçəsi 4",
        "tenure": "own",
        "premises_number": "904015007236",
        "operations": ["shelling", "packing"],
        "products": ["nuts"],
        "aflatoxin_control": "Hər partiyadan nümunə.",
        "capacity": "1200",
        "haccp": False,
        "traceability": "Partiya nömrəsi təsərrüfatdan qablaşdırmayadək saxlanılır.",
        "inspection_from": "2026-10-12",
        "responsible_name": "Leyla Məmmədova",
        "responsible_phone": "+994 50 123 45 67",
        "truth": True,
    },
}
