"""The administrative regulation as data: the headings of the model form (S-A1) and what makes them run.

A field's description names the clause of the model form, so that an error can say which heading is wrong.
"""

from azexport.services.schema.general import (
    Column,
    DocumentField,
    General,
    Result,
    ResultDocument,
    ResultRegister,
    Term,
    Validity,
)
from azexport.services.schema.parts import FACTS, Basis, Id, Part, Source, Words
from azexport.services.schema.procedures import (
    ChecklistItem,
    Clock,
    Control,
    Decision,
    Disputes,
    Ground,
    MessageField,
    MessageMapping,
    Procedures,
    Request,
    Silence,
    Step,
)
from azexport.services.schema.provision import (
    Calculator,
    Check,
    Choice,
    Fact,
    Fee,
    Kind,
    KnownDocument,
    Output,
    Provision,
    Question,
    Register,
    RequiredDocument,
    Section,
    Task,
)
from azexport.services.schema.regulation import Regulation, clause_of, fields_to
from azexport.services.schema.requirements import LEVELS, Destination, Level, RequirementRule
from azexport.services.scope import LINE, scope_of

__all__ = [
    "FACTS", "LEVELS", "LINE", "Basis", "Calculator", "Check", "ChecklistItem", "Choice", "Clock", "Column", "Control",
    "Decision", "Destination", "Disputes", "DocumentField", "Fact", "Fee", "General", "Ground", "Id", "Kind",
    "KnownDocument", "Level", "MessageField", "MessageMapping", "Output", "Part", "Procedures", "Provision", "Question",
    "Register", "Regulation", "Request", "RequiredDocument", "RequirementRule", "Result", "ResultDocument",
    "ResultRegister", "Section", "Silence", "Source", "Step", "Task", "Term", "Validity", "Words", "clause_of",
    "fields_to", "scope_of",
]  # fmt: skip
