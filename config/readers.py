"""Kind of document -> predicate(actor, document): who may open it. A kind that is not here is open to nobody."""

DOCUMENT_READERS: dict[str, str] = {
    "application": "azexport.exports.permissions.may_read_application_document",
    "attachment": "azexport.exports.permissions.may_read_attachment",
    "dossier": "azexport.exports.permissions.may_read_dossier",
    "permit": "azexport.permits.permissions.may_read",
    "filing": "azexport.cases.filings.permissions.may_read_document",
    "filing-file": "azexport.cases.filings.permissions.may_read_document",
    "case-result": "azexport.cases.permissions.may_read_result",
    "case-answer": "azexport.cases.permissions.may_read_answer",
    "case-answer-file": "azexport.cases.permissions.may_read_answer_file",
    "contract": "azexport.exports.permissions.may_read_contract",
    "declaration": "azexport.customs.permissions.may_read_document",
    "letter": "azexport.appeals.permissions.may_read_letter",
    "letter-answer": "azexport.appeals.permissions.may_read_answer",
    "letter-file": "azexport.appeals.permissions.may_read_enclosure",
    "regulation": "azexport.services.permissions.may_read_regulation_document",
    "register-decision": "azexport.cases.permissions.may_read_register_decision",
    "release": "azexport.customs.permissions.may_read_document",
}
