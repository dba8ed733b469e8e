"""The life of a regulation's draft (S9, S10)."""

from __future__ import annotations

from azexport.lifecycle import NOW, T, Table
from azexport.services import rules
from azexport.services.permissions import is_asked_head, is_drafter, is_head, may_end, may_end_discussion
from azexport.services.states import DraftStatus as S

TABLE = Table(
    [
        T("publish", S.DRAFTED, S.DISCUSSED, "draft.published", may=is_drafter,
          rules=(rules.conforms, rules.lasts_long_enough), sets={"discussed_at": NOW, "discussion_closed_at": None}),
        T("close_discussion", S.DISCUSSED, S.DRAFTED, "draft.discussion_closed", sets={"discussion_closed_at": NOW}),
        T("end_discussion", S.DISCUSSED, S.DRAFTED, "draft.discussion_closed", may=may_end_discussion,
          sets={"discussion_closed_at": NOW}),
        T("ask", S.DRAFTED, S.AGREEING, "draft.agreement_asked", may=is_drafter, rules=rules.GOES_ON,
          sets={"sent_back_by": "", "sent_back_because": ""}),
        T("ask_nobody", S.DRAFTED, S.AGREED, "draft.needs_no_agreement", may=is_drafter, rules=rules.GOES_ON,
          sets={"sent_back_by": "", "sent_back_because": ""}),
        T("agree", S.AGREEING, S.AGREEING, "draft.agreed_by_one", may=is_asked_head),
        T("all_agreed", S.AGREEING, S.AGREED, "draft.agreed"),
        T("object", S.AGREEING, S.DRAFTED, "draft.objected", may=is_asked_head, rules=(rules.says_why,)),
        T("send_to_head", S.AGREED, S.AWAITING_HEAD, "draft.sent_to_head", may=is_drafter,
          rules=(*rules.GOES_ON, rules.takes_effect_later, rules.follows_the_last)),
        T("send_back", S.AWAITING_HEAD, S.DRAFTED, "draft.sent_back", may=is_head, rules=(rules.says_why,)),
        T("approve", S.AWAITING_HEAD, S.APPROVED, "draft.approved", sets={"approved_at": NOW}),
        T("reopen", (S.AGREEING, S.AGREED, S.AWAITING_HEAD), S.DRAFTED, "draft.reopened", may=is_drafter),
        T("return_unregistered", S.APPROVED, S.DRAFTED, "draft.returned_unregistered"),
        T("register", S.APPROVED, S.REGISTERED, "draft.registered", sets={"registered_at": NOW}),
        T("withdraw", (S.DRAFTED, S.DISCUSSED, S.AGREEING, S.AGREED, S.AWAITING_HEAD, S.APPROVED), S.WITHDRAWN,
          "draft.withdrawn", may=may_end, rules=(rules.says_why,), sets={"withdrawn_at": NOW}),
    ]
)  # fmt: skip
"""Agreement comes before approval: "razılaşdırılmaqla … hazırlanır və … təsdiq edilir" (S9.2)."""
