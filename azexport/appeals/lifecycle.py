"""What can happen to a letter, and to an answer."""

from __future__ import annotations

from azexport.appeals import rules
from azexport.appeals.permissions import is_addressee, is_answering, is_sender
from azexport.appeals.states import AnswerStatus as A
from azexport.appeals.states import LetterStatus as S
from azexport.lifecycle import ACTOR, NOW, T, Table

LETTER = Table(
    [
        T("prepare", S.DRAFTED, S.PREPARED, "letter.prepared", may=is_sender, rules=rules.COMPLETE,
          sets={"changed_at": NOW}),
        T("reopen", S.PREPARED, S.DRAFTED, "letter.reopened", may=is_sender, sets={"changed_at": NOW}),
        T("abandon", (S.DRAFTED, S.PREPARED), S.ABANDONED, "letter.abandoned", may=is_sender,
          sets={"changed_at": NOW}),
        T("send", S.PREPARED, S.SENT, "letter.sent", sets={"sent_at": NOW, "sent_by": ACTOR, "changed_at": NOW}),
        T("register", S.SENT, S.REGISTERED, "letter.registered", may=is_addressee,
          sets={"registered_at": NOW, "registered_by": ACTOR, "changed_at": NOW}),
        T("extend", S.REGISTERED, S.REGISTERED, "letter.extended", may=is_addressee, rules=rules.EXTENDABLE,
          sets={"extended_at": NOW, "changed_at": NOW}),
        T("forward", (S.SENT, S.REGISTERED), S.SENT, "letter.forwarded", may=is_addressee, rules=rules.FORWARDABLE,
          sets={"opened_at": None, "registered_at": None, "registered_by": "", "body_number": "",
                "holder_name": "", "holder_position": {}, "warned_on": None, "changed_at": NOW}),
        T("answer", S.REGISTERED, S.ANSWERED, "letter.answered", sets={"answered_at": NOW, "changed_at": NOW}),
    ]
)  # fmt: skip

ANSWER = Table(
    [
        T("prepare", A.DRAFTED, A.PREPARED, "answer.prepared", may=is_answering, rules=rules.ANSWERABLE,
          sets={"changed_at": NOW}),
        T("reopen", A.PREPARED, A.DRAFTED, "answer.reopened", may=is_answering, sets={"changed_at": NOW}),
        T("sign", A.PREPARED, A.SIGNED, "answer.signed", sets={"signed_at": NOW, "changed_at": NOW}),
    ]
)  # fmt: skip
