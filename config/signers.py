"""Purpose of a paper -> predicate(signer, paper): whether a signature still counts at the moment when it is completed.

The signer was asked while they had a mandate; the mandate may have ended since. Of a purpose that is not here the room
looks for itself when it hears `paper.signed.<purpose>`.
"""

PAPER_SIGNERS: dict[str, str] = {
    "contract": "azexport.contracts.permissions.may_still_sign",
    "application": "azexport.exports.permissions.may_still_sign",
    "declaration": "azexport.customs.permissions.may_still_sign",
}
