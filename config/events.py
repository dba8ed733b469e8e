"""Event -> actions, run in the acting transaction, in order: the one table through which effects go upward.

A handler is `def handler(subject, *, by, now, data)`. Rooms below never import the rooms named here.
"""

EVENTS: dict[str, list[str]] = {
    "case.granted": ["azexport.permits.actions.receive", "azexport.cases.actions.registration.granted"],
    "case.refused": ["azexport.cases.actions.registration.refused"],
    "message.parked": ["azexport.cases.actions.consulting.undelivered"],
    "case.withdrawn": ["azexport.cases.actions.registration.withdrawn"],
    "filing.submitted": ["azexport.cases.actions.registration.submitted"],
    "draft.approved": ["azexport.cases.actions.registration.prepare"],
    "paper.signed.case-answer": ["azexport.cases.actions.answers.answer_signed"],
    "paper.signed.register-decision": ["azexport.cases.actions.registers.decision_signed"],
    "paper.signed.result": ["azexport.cases.actions.officers.result_signed"],
    "paper.signed.application": ["azexport.exports.actions.submit"],
    "paper.signed.filing": ["azexport.cases.actions.filings.submit"],
    "paper.signed.regulation": ["azexport.services.actions.drafts.approve"],
    "paper.failed.regulation": ["azexport.services.actions.drafts.signature_failed"],
    "permit.issued": ["azexport.exports.actions.tell_permits_ready"],
    "invitation.accepted.contract": ["azexport.contracts.actions.invitation_accepted"],
    "invitation.declined.contract": ["azexport.contracts.actions.invitation_declined"],
    "paper.signed.contract": ["azexport.contracts.actions.signed"],
    "paper.failed.contract": ["azexport.contracts.actions.signature_failed"],
    "signing.completed.paper": ["azexport.documents.papers.signed"],
    "signing.failed.paper": ["azexport.documents.papers.signature_failed"],
    "paper.signed.letter": ["azexport.appeals.actions.sent"],
    "paper.signed.letter-answer": ["azexport.appeals.actions.answered"],
    "paper.signed.declaration": ["azexport.customs.actions.lodge"],
    "paper.failed.declaration": ["azexport.customs.actions.signature_failed"],
}
