"""The clauses this stage of the work answers to, and how far each is. Kept by hand; `tools.generate` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How far a clause is."""

    BUILT = "built"
    PARTLY = "partly"
    NOT_YET = "not yet"


BUILT, PARTLY, NOT_YET = Status.BUILT, Status.PARTLY, Status.NOT_YET


@dataclass(frozen=True)
class Clause:
    """One clause of the sources, in our own words."""

    heading: str
    id: str
    asks: str
    status: Status
    note: str
    also: tuple[str, ...] = ()
    """Other ids under which the code quotes it."""


_DEFINITIONS = "Who is who (P1.3)"
_PRINCIPLES = "Principles (P2.1)"
_FUNCTIONS = "Functions (P3.7, P4.1)"
_RESOURCES = "Integrated information resources (P4.2)"
_REDRESS = "Complaints and requests (P5)"
_OPERATOR = "The operator's notices (P6.1.9)"
_PARTICIPANTS = "Participants (P7)"
_RIGHTS = "What users may do (P8.1)"
_SECURITY = "Security (P9)"
_PROCEDURES = "Procedures (P10)"
_DECREE = "The decree (F)"
_SERVICES = "Electronic services (S)"

CLAUSES: tuple[Clause, ...] = (
    Clause(
        _DEFINITIONS, "P1.3.1", "the operator of the portal", NOT_YET, "The operator has no pages of its own (console)."
    ),
    Clause(
        _DEFINITIONS,
        "P1.3.2",
        "participants exchange data through their own systems",
        BUILT,
        "Bodies as data with dated tenures; signed messages to separate programs.",
    ),
    Clause(
        _DEFINITIONS,
        "P1.3.3",
        "users: taxpayers here and abroad, natural persons",
        PARTLY,
        "Taxpayers and foreign organisations; natural persons not in business not yet.",
    ),
    Clause(
        _DEFINITIONS,
        "P1.3.4",
        "the e-cabinet",
        PARTLY,
        "Goods, contracts, applications, operations, notices; no payments, no letters to the operator.",
    ),
    Clause(_DEFINITIONS, "P1.3.5", "virtual FIN of a non-resident", NOT_YET, "With the e-non-resident subsystem."),
    Clause(_DEFINITIONS, "P1.3.6", "the e-non-resident subsystem", NOT_YET, "A program of its own, not begun."),
    Clause(
        _DEFINITIONS,
        "P1.3.7",
        "enhanced electronic signature",
        BUILT,
        "Sign-in and PAdES B-LTA with a soft key, which production settings refuse.",
    ),
    Clause(
        _DEFINITIONS,
        "P1.3.8",
        "E-imza: key on a token",
        PARTLY,
        "The token format of Web eID is spoken; a real token was not tried.",
    ),
    Clause(
        _DEFINITIONS,
        "P1.3.9",
        "ASAN imza: mobile phone and SIM",
        NOT_YET,
        "Its protocol is not public; a stand-in is later work.",
    ),
    Clause(_DEFINITIONS, "P1.3.10", "free sale certificate", NOT_YET, "See P10.3.5."),
    Clause(
        _PRINCIPLES,
        "P2.1.1",
        "every procedure and its result can be tracked",
        BUILT,
        "An audit event in the transaction of every move; the case page; the dossier.",
    ),
    Clause(
        _PRINCIPLES,
        "P2.1.2",
        "nobody does an extra operation",
        PARTLY,
        "Common questions are asked once and parties are prefilled; not measured.",
    ),
    Clause(_PRINCIPLES, "P2.1.3", "least time and cost", PARTLY, "Bodies work side by side; see benchmarks."),
    Clause(
        _PRINCIPLES,
        "P2.1.4",
        "real time",
        PARTLY,
        "Messages leave at once, pages ask each second; no limit is monitored.",
    ),
    Clause(
        _PRINCIPLES,
        "P2.1.5",
        "participants' systems work as one",
        PARTLY,
        "One protocol for all of the sandbox; no real system is connected.",
    ),
    Clause(
        _PRINCIPLES,
        "P2.1.6",
        "integrity, immutability, protection",
        PARTLY,
        "Append-only log, immutable documents, signatures; no certified means, no Merkle tree yet.",
    ),
    Clause(
        _PRINCIPLES,
        "P2.1.7",
        "uninterrupted, whatever changes",
        PARTLY,
        "Outbox, retries, kills survived; no second site, no deploy without a stop.",
    ),
    Clause(
        _PRINCIPLES,
        "P2.1.8",
        "modular and scalable",
        PARTLY,
        "Floors held by import-linter; several workers may run; not shown at scale.",
    ),
    Clause(
        _FUNCTIONS,
        "P3.7",
        "entry by electronic signature",
        BUILT,
        "A signed challenge, chain and OCSP; there are no passwords.",
    ),
    Clause(
        _FUNCTIONS,
        "P4.1.1",
        "goods made in Azerbaijan and their producers",
        BUILT,
        "Entered by the exporter, published, searched by everybody.",
    ),
    Clause(
        _FUNCTIONS,
        "P4.1.2",
        "contracts between a taxpayer and a foreign partner",
        BUILT,
        "Drawn up, signed by both, bilingual PDF/A-3.",
    ),
    Clause(_FUNCTIONS, "P4.1.3", "cross-border e-services", NOT_YET, ""),
    Clause(
        _FUNCTIONS,
        "P4.1.4",
        "permits from one unified application",
        PARTLY,
        "Finder, cases and permits are tested; the application itself, which is there, has no test of its own yet.",
    ),
    Clause(
        _FUNCTIONS,
        "P4.1.5",
        "export declarations; applications for export promotion",
        PARTLY,
        "Declarations are lodged and released; the promotion note is asked, signed and stored, not sent.",
    ),
    Clause(_FUNCTIONS, "P4.1.6", "goods paid in real time; a wallet", NOT_YET, ""),
    Clause(
        _FUNCTIONS,
        "P4.1.7",
        "signature certificates, and recognised foreign ones",
        PARTLY,
        "Both are accepted by a trust directory; it is a folder, not yet a signed list.",
    ),
    Clause(_RESOURCES, "P4.2.1.1", "veterinary certificate", NOT_YET, ""),
    Clause(
        _RESOURCES,
        "P4.2.1.2",
        "phytosanitary certificate; for re-export",
        PARTLY,
        "Export; re-export not yet. The body's system is the sandbox's.",
    ),
    Clause(
        _RESOURCES, "P4.2.2.1", "quality certificate for food to the EU", BUILT, "The body's system is the sandbox's."
    ),
    Clause(_RESOURCES, "P4.2.2.2", "certificate of origin", BUILT, "The body's system is the sandbox's."),
    Clause(_RESOURCES, "P4.2.2.3", "the Licences and permits portal", NOT_YET, ""),
    Clause(_RESOURCES, "P4.2.3.1", "CITES permit", NOT_YET, ""),
    Clause(_RESOURCES, "P4.2.4.1", "protection certificate of cultural property", NOT_YET, ""),
    Clause(_RESOURCES, "P4.2.5.1", "consent to export religious material", NOT_YET, ""),
    Clause(
        _RESOURCES,
        "P4.2.6.1",
        "export declaration; result of control in real time",
        BUILT,
        "The customs system is the sandbox's.",
        ("P4.2.6",),
    ),
    Clause(_RESOURCES, "P4.2.7.1", "Entry-exit and registration", NOT_YET, ""),
    Clause(
        _RESOURCES,
        "P4.2.8.1",
        "ASAN payment",
        PARTLY,
        "Fees are demanded of and reported by the sandbox's treasury; no ASAN payment.",
    ),
    Clause(
        _RESOURCES,
        "P4.2.9.1",
        "taxpayer data (VÖEN)",
        BUILT,
        "A signed query at the first sign-in; the register is the sandbox's.",
        ("P4.2.9",),
    ),
    Clause(_RESOURCES, "P4.2.9.2", "issue of ASAN imza certificates", NOT_YET, ""),
    Clause(
        _RESOURCES,
        "P4.2.10.1",
        "issue of E-imza certificates",
        NOT_YET,
        "The sandbox's centre issues demo keys; users cannot apply.",
    ),
    Clause(
        _RESOURCES,
        "P4.2.10.2",
        "recognised foreign certificates",
        PARTLY,
        "A recognised German centre of the sandbox; no real list is read.",
    ),
    Clause(_RESOURCES, "P4.2.11.1", "proof that the promotion payment arrived", NOT_YET, ""),
    Clause(_REDRESS, "P5.1", "administrative complaint", NOT_YET, ""),
    Clause(_REDRESS, "P5.2", "information requests and proposals", NOT_YET, ""),
    Clause(
        _OPERATOR,
        "P6.1.9",
        "cabinet, e-mail and mobile told of every permit event",
        PARTLY,
        "Issue, refusal and rejection by cabinet and e-mail; no SMS, no later events.",
    ),
    Clause(
        _PARTICIPANTS,
        "P7.1.1",
        "participants integrate to the technical requirements and prove it",
        PARTLY,
        "Requirements are published and enforced on every message; no conformity procedure.",
    ),
    Clause(
        _PARTICIPANTS,
        "P7.1.2",
        "participants protect their data",
        NOT_YET,
        "Theirs to do; the portal shows no proof of it.",
    ),
    Clause(
        _PARTICIPANTS,
        "P7.1.3",
        "participants do no harm",
        PARTLY,
        "Malformed, unsigned, replayed and misdirected messages are refused; no suspension.",
    ),
    Clause(_PARTICIPANTS, "P7.1.4", "participants change on demand", NOT_YET, ""),
    Clause(_PARTICIPANTS, "P7.1.5", "maintenance announced five working days ahead", NOT_YET, ""),
    Clause(_PARTICIPANTS, "P7.1.6", "participants propose improvements", NOT_YET, ""),
    Clause(
        _RIGHTS,
        "P8.1.1",
        "users apply for permits, ask, are answered",
        PARTLY,
        "Applying and being answered; questions to the bodies not yet.",
    ),
    Clause(_RIGHTS, "P8.1.2(1)", "permits from one unified application", PARTLY, "See P4.1.4.", ("P4.1.4",)),
    Clause(_RIGHTS, "P8.1.2(2)", "apply for the export promotion payment", PARTLY, "See P4.1.5.", ("P10.3.3(4)",)),
    Clause(_RIGHTS, "P8.1.2(3)", "send the export declaration", BUILT, "", ("P10.3.3(7)", "P4.2.6")),
    Clause(
        _RIGHTS,
        "P8.1.3",
        "documents and contracts drawn up and signed; cross-border services",
        PARTLY,
        "Contracts; no other documents, no cross-border services.",
        ("P4.1.2",),
    ),
    Clause(_RIGHTS, "P8.1.4", "a wallet", NOT_YET, ""),
    Clause(_RIGHTS, "P8.1.5", "complaint against a refusal", NOT_YET, "With P5.1; a refusal names its grounds."),
    Clause(_RIGHTS, "P8.1.6", "proposals to improve the portal", NOT_YET, "With P5.2."),
    Clause(
        _RIGHTS,
        "P8.1.7",
        "demand that complaints and requests are considered in time",
        NOT_YET,
        "With P5. What is overdue of a permit application is counted in working days and shown.",
    ),
    Clause(
        _RIGHTS,
        "P8.1.8",
        "enter the portal and take information from it",
        PARTLY,
        "Home, finder, goods, code lists and verification are public; no open data.",
    ),
    Clause(
        _SECURITY,
        "P9.1",
        "nothing disrupts processing",
        PARTLY,
        "Kills and outages are survived; limits on load are not there.",
    ),
    Clause(_SECURITY, "P9.2", "protection under constant watch", NOT_YET, "No monitoring; see docs/security.md."),
    Clause(
        _SECURITY,
        "P9.3",
        "interference found, changed data restored",
        PARTLY,
        "The log refuses change and a changed document shows; restoring is later work.",
    ),
    Clause(_SECURITY, "P9.4", "recording, anonymising, destroying by documents", NOT_YET, ""),
    Clause(_PROCEDURES, "P10.1", "registration by e-signature creates the e-cabinet", BUILT, ""),
    Clause(
        _PROCEDURES,
        "P10.2",
        "other requests need no registration",
        PARTLY,
        "Finder and verification do not; requests are not there yet.",
    ),
    Clause(_PROCEDURES, "P10.3.1(1)", "contract: data from participants' systems", BUILT, ""),
    Clause(_PROCEDURES, "P10.3.1(2)", "contract: checked, confirmed, the form goes on", BUILT, ""),
    Clause(_PROCEDURES, "P10.3.1(3)", "contract: confirmed with an e-signature", BUILT, ""),
    Clause(
        _PROCEDURES,
        "P10.3.1(4)",
        "contract: to the other party's cabinet, with a notice",
        PARTLY,
        "By e-mail; SMS not yet.",
    ),
    Clause(_PROCEDURES, "P10.3.1(5)", "contract drawn up by the foreign partner", NOT_YET, "The seller drafts."),
    Clause(_PROCEDURES, "P10.3.2", "cross-border e-service", NOT_YET, ""),
    Clause(_PROCEDURES, "P10.3.3(1)", "operation: data from participants' systems", BUILT, ""),
    Clause(_PROCEDURES, "P10.3.3(2)", "operation: checked and confirmed", BUILT, ""),
    Clause(
        _PROCEDURES, "P10.3.3(3)", "operation: the goods", PARTLY, "There; the application has no test of its own yet."
    ),
    Clause(
        _PROCEDURES,
        "P10.3.3(4)",
        "operation: note on the promotion payment",
        PARTLY,
        "Asked for non-oil goods, signed, stored (EXP-305); no test of its own yet.",
    ),
    Clause(_PROCEDURES, "P10.3.3(5)", "operation: to the permit bodies in real time", BUILT, ""),
    Clause(
        _PROCEDURES,
        "P10.3.3(6)",
        "operation: permit signed with the official's own key, to the cabinet",
        BUILT,
        "Signed in the body's system, checked by the portal.",
    ),
    Clause(_PROCEDURES, "P10.3.3(7)", "operation: declaration filled, contract attached, to customs", BUILT, ""),
    Clause(_PROCEDURES, "P10.3.3(8)", "operation: permits attached to the declaration", BUILT, ""),
    Clause(
        _PROCEDURES,
        "P10.3.3(9)",
        "operation: note to the Ministry of Economy, outcome to the user",
        NOT_YET,
        "The note waits in the signed application.",
    ),
    Clause(_PROCEDURES, "P10.3.4", "e-signature for a non-resident", NOT_YET, ""),
    Clause(_PROCEDURES, "P10.3.5", "free sale certificate", NOT_YET, ""),
    Clause(
        _DECREE,
        "F4.5",
        "technical requirements for integration are published",
        BUILT,
        "docs/integration.md; the sandbox speaks it from a code of its own.",
    ),
    Clause(_DECREE, "F6", "free sale certificate", NOT_YET, "See P10.3.5."),
    Clause(
        _SERVICES,
        "S1.4",
        "information that the law protects is outside these rules",
        NOT_YET,
        "There is no such service.",
    ),
    Clause(
        _SERVICES,
        "S2.1.6",
        "the operator of the registry is a role of its own",
        BUILT,
        "Participant with the role registry-operator; its officers decide on the desk.",
    ),
    Clause(_SERVICES, "S3.1", "29 fields of activity classify the services", BUILT, ""),
    Clause(
        _SERVICES,
        "S4.1",
        "each service runs by its own administrative regulation",
        BUILT,
        "A regulation is the program of the service.",
    ),
    Clause(_SERVICES, "S4.2", "informational and interactive services", BUILT, ""),
    Clause(
        _SERVICES,
        "S4.3",
        "informational services are open, without identification",
        BUILT,
        "Calculators, pages of information, the finder: without a cookie, kept by caches.",
    ),
    Clause(_SERVICES, "S4.4", "interactive services need identification", BUILT, ""),
    Clause(
        _SERVICES,
        "S4.5",
        "a service that is given is in the registry",
        PARTLY,
        "What is written here is registered before it runs; regulations that ship as files run from their loading.",
    ),
    Clause(
        _SERVICES,
        "S4.6",
        'services run in the state information system "Electronic government"',
        PARTLY,
        "This portal is the way in; there is no connection to the government's.",
    ),
    Clause(
        _SERVICES,
        "S5.1",
        "service on time, full information, equal terms, pre-court settlement",
        PARTLY,
        "Clocks, regulations shown with their sources; complaints are later work.",
        ("S5.1.1", "S5.1.2", "S5.1.3", "S5.1.4"),
    ),
    Clause(
        _SERVICES,
        "S6.1.1",
        "data are taken from other bodies' systems",
        PARTLY,
        "From the taxpayer register; no other register is connected.",
        ("S6.1",),
    ),
    Clause(
        _SERVICES, "S6.1.2", "exchange with other bodies about a service", BUILT, "Steps of other bodies in one case."
    ),
    Clause(_SERVICES, "S6.1.3", "the history of use is kept", BUILT, ""),
    Clause(
        _SERVICES,
        "S6.2",
        "duties of the provider: by the law, by the regulation, in the registry",
        PARTLY,
        "The shipped services run by their regulations; that a body keeps its duties elsewhere is its own matter.",
        ("S6.2.1", "S6.2.2", "S6.2.3"),
    ),
    Clause(_SERVICES, "S6.3", "notices of acceptance and of further processing", BUILT, ""),
    Clause(_SERVICES, "S7.1.1", "published: name, exact list of documents, forms", BUILT, "", ("S7.1",)),
    Clause(_SERVICES, "S7.1.2", "scanned documents are accepted, and their receipt is confirmed", BUILT, ""),
    Clause(_SERVICES, "S7.1.3", "progress and result are visible", BUILT, ""),
    Clause(_SERVICES, "S7.1.4", "dealings with other bodies", BUILT, ""),
    Clause(
        _SERVICES,
        "S7.1.5",
        "operations and personal data are protected",
        PARTLY,
        "Audiences, permitted rows, audit; see docs/security.md for what is open.",
    ),
    Clause(_SERVICES, "S7.2", "no document that is not in the regulation or that the state has", BUILT, ""),
    Clause(
        _SERVICES,
        "S7.3",
        "the electronic is considered like any other",
        BUILT,
        "One queue and one clock, whatever the way in.",
    ),
    Clause(_SERVICES, "S7.4", "a poor document: told, and how to mend it", BUILT, ""),
    Clause(_SERVICES, "S8.1", "no fee beyond the legal one", BUILT, "A fee without its basis is refused.", ("S8",)),
    Clause(
        _SERVICES,
        "S8.2",
        "paid electronically in real time",
        PARTLY,
        "The fee is demanded and its payment taken in; the user pays outside the portal.",
    ),
    Clause(_SERVICES, "S9.1", "a regulation per service in the model form", BUILT, "", ("S-A1",)),
    Clause(_SERVICES, "S9.2", "other bodies that take part agree to it", BUILT, ""),
    Clause(
        _SERVICES,
        "S9.3",
        "drafting optimises: fewer steps and documents, no contact, shorter terms, somebody responsible",
        BUILT,
        "Measured before and after: on the draft's page, in the public discussion, where the head signs.",
        ("S9.3.1", "S9.3.2", "S9.3.3", "S9.3.4"),
    ),
    Clause(_SERVICES, "S9.4", "it describes what every body does", BUILT, ""),
    Clause(
        _SERVICES,
        "S9.5",
        "complete, clear and short",
        BUILT,
        "Conformance demands every heading.",
        ("S9.5.1", "S9.5.2"),
    ),
    Clause(_SERVICES, "S9.6", "general part, procedure, relations", BUILT, "", ("S9.6.1", "S9.6.2", "S9.6.3")),
    Clause(
        _SERVICES,
        "S9.7",
        "the draft is put to public discussion",
        BUILT,
        "Once more when what users bear or get has changed since; other changes are published with the reason.",
    ),
    Clause(_SERVICES, "S9.8", "the approved one is published", BUILT, ""),
    Clause(_SERVICES, "S10.1", "every service is in the registry, kept by its operator", BUILT, ""),
    Clause(_SERVICES, "S10.2", "registration, correction, cancellation", BUILT, "", ("S10.2.1", "S10.2.2", "S10.2.3")),
    Clause(_SERVICES, "S10.3", "the provider applies on the form of S-A2", BUILT, "", ("S-A2",)),
    Clause(_SERVICES, "S10.4", "registered within 3 working days, with a unique number, the provider told", BUILT, ""),
    Clause(_SERVICES, "S10.5", "what the registry keeps", BUILT, "", ("S10.5.1", "S10.5.2")),
    Clause(
        _SERVICES,
        "S10.6",
        "changes are reported within 3 working days",
        BUILT,
        "The provider says when the change arose; of a text approved here, the day of approval. In time or late is public.",
    ),
    Clause(_SERVICES, "S10.7", "cancelled on the provider's application", BUILT, ""),
    Clause(_SERVICES, "S10.8", "corrected within 1 working day, the provider told", BUILT, ""),
    Clause(
        _SERVICES,
        "S11.1",
        "services are given on the body's own site and on the government portal",
        PARTLY,
        "Where a service is given elsewhere the registry links out.",
        ("S11.2",),
    ),
    Clause(
        _SERVICES,
        "S11.3",
        "information about services, and their use by one window",
        PARTLY,
        "One window for what runs here; what runs elsewhere is linked.",
    ),
    Clause(_SERVICES, "S11.4", "the ministry runs and protects the government portal", NOT_YET, "Not this portal."),
    Clause(
        _SERVICES,
        "S11.5",
        "secure entry, information, services by request, form or link, a way to official correspondence",
        BUILT,
        "",
        ("S11.5.1", "S11.5.2", "S11.5.3", "S11.5.4"),
    ),
    Clause(_SERVICES, "S11.6", "official correspondence", BUILT, ""),
    Clause(_SERVICES, "S11.7", "citizens write to connected bodies and see the outcome", BUILT, ""),
    Clause(
        _SERVICES,
        "S12.1",
        "e-signature authenticates users, sends correspondence, signs documents",
        BUILT,
        "",
        ("S12.1.1", "S12.1.2", "S12.1.3"),
    ),
    Clause(
        _SERVICES,
        "S12.2",
        "what goes to a body carries an enhanced signature",
        BUILT,
        "Applications, declarations, letters, answers to a body's request. A withdrawal is not signed.",
    ),
    Clause(
        _SERVICES,
        "S12.3",
        "other matters: the law on the electronic signature",
        PARTLY,
        "Its text could not be read here.",
    ),
    Clause(_SERVICES, "S13.1", "personal data are protected", PARTLY, "See docs/security.md."),
    Clause(
        _SERVICES,
        "S13.2",
        "the key is kept secret by its owner",
        BUILT,
        "The key never leaves the browser.",
    ),
    Clause(
        _SERVICES,
        "S13.3",
        "users answer for their means of entry",
        BUILT,
        "Every act is in the audit under the person's name.",
    ),
    Clause(
        _SERVICES,
        "S13.4",
        "a dispute may go to court",
        PARTLY,
        "The regulation and the refusal say how; complaints are later work.",
    ),
    Clause(_SERVICES, "S-L", "285 listed services of 41 bodies are in the registry", BUILT, ""),
)
