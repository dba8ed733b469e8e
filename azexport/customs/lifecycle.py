"""The life of a declaration."""

from __future__ import annotations

from azexport.customs import rules
from azexport.customs.permissions import is_declarant
from azexport.customs.states import AT_CUSTOMS
from azexport.customs.states import DeclarationStatus as S
from azexport.lifecycle import ACTOR, NOW, T, Table

TABLE = Table(
    [
        T("freeze", S.DRAFTED, S.AWAITING_SIGNATURE, "declaration.frozen", may=is_declarant, rules=rules.LODGEABLE,
          sets={"frozen_at": NOW, "changed_at": NOW}),
        T("reopen", S.AWAITING_SIGNATURE, S.DRAFTED, "declaration.reopened", may=is_declarant,
          sets={"changed_at": NOW}),
        T("return", S.AWAITING_SIGNATURE, S.DRAFTED, "declaration.returned", sets={"changed_at": NOW}),
        T("lodge", S.AWAITING_SIGNATURE, S.LODGED, "declaration.lodged", rules=rules.LODGEABLE,
          sets={"lodged_at": NOW, "lodged_by": ACTOR, "changed_at": NOW}),
        T("accept", S.LODGED, S.ACCEPTED, "declaration.accepted", sets={"accepted_at": NOW, "changed_at": NOW}),
        T("assign_channel", (S.LODGED, S.ACCEPTED), S.UNDER_CONTROL, "declaration.channel_assigned",
          sets={"channel_at": NOW, "changed_at": NOW}),
        T("release", tuple(sorted(AT_CUSTOMS)), S.RELEASED, "declaration.released",
          sets={"released_at": NOW, "changed_at": NOW, "received_release": None}),
        T("refuse", tuple(sorted(AT_CUSTOMS)), S.NOT_RELEASED, "declaration.not_released",
          sets={"refused_at": NOW, "changed_at": NOW}),
        T("discard", (S.DRAFTED, S.AWAITING_SIGNATURE), S.DISCARDED, "declaration.discarded",
          may=is_declarant, sets={"changed_at": NOW}),
    ]
)  # fmt: skip
