"""What rows of a purpose are about: model -> purpose -> model of the row whose reference is their `subject`.

The one order of locks is read from it (`lifecycle.hold_subjects`): outside first.
"""

SUBJECTS: dict[str, dict[str, str]] = {
    "signatures.SigningRequest": {
        "paper": "documents.Paper",
    },
    "parties.Invitation": {
        "contract": "contracts.Contract",
    },
    "documents.Paper": {
        "application": "exports.Application",
        "case-answer": "cases.Case",
        "contract": "contracts.Contract",
        "declaration": "customs.Declaration",
        "filing": "cases.Filing",
        "letter": "appeals.Letter",
        "letter-answer": "appeals.Answer",
        "register-decision": "cases.Case",
        "regulation": "services.RegulationDraft",
        "result": "cases.Case",
    },
}
