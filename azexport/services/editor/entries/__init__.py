"""What a form of the editor consists of: each entry knows its place in the content, and writes there whatever is typed.

Nothing is refused here: what does not fit stays in the draft as it was typed, and the regulation's own faults say what
is wrong with it. So a draft is never lost, and there is one place that knows what is right. Whether a thing must be
written, and what it means that nothing is, the format says (schema): no entry repeats it.
"""

from azexport.services.editor.entries.choices import Performers, Pick, Tick, Ticks, offered
from azexport.services.editor.entries.conditions import Condition, Expression
from azexport.services.editor.entries.entry import Data, Entry, Group, Groups, Label, Raw, Setting
from azexport.services.editor.entries.finder import Codes, Countries, FirstDay, RuleNumber
from azexport.services.editor.entries.ids import IdOf
from azexport.services.editor.entries.route import After
from azexport.services.editor.entries.rows import Rows
from azexport.services.editor.entries.texts import Amount, Bilingual, ChoiceLines, Day, Line, Whole

__all__ = [
    "After", "Amount", "Bilingual", "ChoiceLines", "Codes", "Condition", "Countries", "Data", "Day", "Entry",
    "Expression", "FirstDay", "Group", "Groups", "IdOf", "Label", "Line", "Performers", "Pick", "Raw", "Rows",
    "RuleNumber", "Setting", "Tick", "Ticks", "Whole", "offered",
]  # fmt: skip
