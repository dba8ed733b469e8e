"""The forms of this room: answers to a body's questions, and the tasks of an application."""

from azexport.cases.forms.answers import AnswerForm
from azexport.cases.forms.filings import TaskForm

__all__ = ["AnswerForm", "TaskForm"]
