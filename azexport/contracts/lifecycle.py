"""The life of a contract."""

from __future__ import annotations

from azexport.contracts import rules
from azexport.contracts.permissions import is_buyer, is_seller
from azexport.contracts.states import ContractStatus as S
from azexport.lifecycle.engine import ACTOR, NOW, T, Table

TABLE = Table(
    [
        T("freeze", S.DRAFTED, S.AWAITING_SELLER, "contract.frozen", may=is_seller, rules=rules.COMPLETE,
          sets={"frozen_at": NOW, "frozen_by": ACTOR, "changed_at": NOW}),
        T("reopen", S.AWAITING_SELLER, S.DRAFTED, "contract.reopened", may=is_seller,
          sets={"changed_at": NOW}),
        T("sign_as_seller", S.AWAITING_SELLER, S.AWAITING_BUYER, "contract.signed_by_seller",
          sets={"seller_signed_at": NOW, "changed_at": NOW}),
        T("sign_as_buyer", S.AWAITING_BUYER, S.CONCLUDED, "contract.concluded",
          sets={"concluded_at": NOW, "changed_at": NOW}),
        T("decline", S.AWAITING_BUYER, S.DECLINED, "contract.declined", may=is_buyer, rules=rules.DECLINABLE,
          sets={"declined_at": NOW, "declined_by": ACTOR, "changed_at": NOW}),
        T("withdraw", (S.DRAFTED, S.AWAITING_SELLER, S.AWAITING_BUYER), S.WITHDRAWN, "contract.withdrawn",
          may=is_seller, sets={"withdrawn_at": NOW, "changed_at": NOW}),
        T("lapse", S.AWAITING_BUYER, S.LAPSED, "contract.lapsed", sets={"lapsed_at": NOW, "changed_at": NOW}),
    ]
)  # fmt: skip
