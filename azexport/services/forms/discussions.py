"""What the public says of a draft, and what its body answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from azexport.services.actions.discussions import LONGEST_COMMENT

WHOLE = "whole"
TRAP = "website"
"""People do not see the field; programs that fill in whatever they find give themselves away."""


class CommentForm(forms.Form):
    """Anybody's comment on a clause or on the whole text (S9.7)."""

    clause = forms.ChoiceField(
        label=_("Which part of the text is your comment about?"),
        error_messages={"required": _("Choose a part of the text, or the whole text")},
    )
    text = forms.CharField(
        label=_("Your comment"), max_length=LONGEST_COMMENT,
        help_text=_("It is published at once with your name. Do not write what others may not read."),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST_COMMENT}),
        error_messages={"required": _("Write your comment")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail address"), required=False, max_length=254,
        help_text=_("Not shown to anybody. We use it only to send you the answer."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def __init__(self, *args: Any, clauses: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["clause"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(WHOLE, _("The whole text")), *clauses]

    def clean_clause(self) -> str:
        """The number of the clause, empty for the whole text."""
        chosen: str = self.cleaned_data["clause"]
        return "" if chosen == WHOLE else chosen

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get(TRAP))


class ReplyForm(forms.Form):
    """The body's answer to a comment."""

    text = forms.CharField(
        label=_("Your body's answer"), max_length=LONGEST_COMMENT,
        help_text=_("It is published under the comment, and cannot be changed afterwards"),
        widget=forms.Textarea(attrs={"rows": 6, "maxlength": LONGEST_COMMENT}),
        error_messages={"required": _("Write the answer")},
    )  # fmt: skip
