"""What the parties are told, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from azexport.contracts.paper import SELLER_FIELD
from azexport.kernel.actor import SYSTEM
from azexport.kernel.text import both, pick
from azexport.notices import actions as notices

if TYPE_CHECKING:
    from azexport.contracts.models import Contract
    from azexport.kernel.actor import Actor
    from azexport.kernel.text import Text
    from azexport.parties.models import Organisation


def letter_to_buyer(contract: Contract, *, email: str, link: str, by: Actor, now: datetime) -> None:
    """The seller's signature is in, and the buyer is asked for theirs."""
    seller = contract.seller_stated["name"]
    notices.send_mail(
        to=email,
        subject=both(
            f"{pick(seller, 'az')} sizə imzalamaq üçün müqavilə göndərdi",
            f"{pick(seller, 'en')} has sent you a contract to sign",
        ),
        body=both(
            f"Hörmətli {contract.buyer_stated['contact']},\n\n{pick(seller, 'az')} ({by.actor_name}) {contract.title} "
            "nömrəli alqı-satqı müqaviləsini imzalayıb və sizin imzanızı gözləyir. Aşağıdakı keçiddə onu oxuya, "
            "imzalaya və ya ondan imtina edə bilərsiniz.\n\nKeçid yalnız bir dəfə işləyir. Daxil olmaq üçün ölkənizin "
            "Azərbaycanda tanınan mərkəzinin elektron imza sertifikatı lazımdır.",
            f"Dear {contract.buyer_stated['contact']},\n\n{pick(seller, 'en')} ({by.actor_name}) has signed the "
            f"contract of sale {contract.title} and is waiting for your signature. Follow the link below to read "
            "it, and to sign or decline it.\n\nThe link works once. You need an electronic signature certificate of a "
            "centre in your country that Azerbaijan recognises.",
        ),
        link=link,
        language="en",
        by=by,
        now=now,
    )


def tell_of_conclusion(contract: Contract, *, by: Actor, now: datetime) -> None:
    """Both parties know that the contract is concluded, and by which hash."""
    title = both("Müqavilə bağlandı", "The contract is concluded")
    body = both(
        f"{contract.title} nömrəli müqavilə hər iki tərəf tərəfindən imzalandı. SHA-256: {contract.sha256}",
        f"Contract {contract.title} has been signed by both parties. SHA-256: {contract.sha256}",
    )
    assert contract.buyer is not None
    for organisation in (contract.seller, contract.buyer):
        tell(organisation, contract, "contract.concluded", title, body, by=by, now=now)


def tell_of_signature_in_vain(contract: Contract, *, field: str, by: Actor, now: datetime) -> None:
    """The party for which somebody signed who acts for it no more knows that it still has to sign."""
    organisation = contract.seller if field == SELLER_FIELD else contract.buyer
    assert organisation is not None
    tell(
        organisation,
        contract,
        "contract.signed_in_vain",
        both("Müqavilədəki imza hesaba alınmadı", "A signature on the contract does not count"),
        both(
            f"{by.actor_name} {contract.title} nömrəli müqaviləni imzaladı, lakin imza tamamlanarkən artıq "
            f"{pick(organisation.name, 'az')} adından çıxış etmirdi. İmza qeydə alınıb, qüvvəsi yoxdur. Müqaviləni "
            "təşkilatın adından çıxış edən başqa şəxs imzalaya bilər.",
            f"{by.actor_name} signed contract {contract.title}, but no longer acted for "
            f"{pick(organisation.name, 'en')} when the signature was completed. It is on record and counts for "
            "nothing. Somebody else who acts for the organisation can sign the contract.",
        ),
        by=SYSTEM,
        now=now,
    )


def tell_of_invitation_declined(contract: Contract, *, email: str, now: datetime) -> None:
    """The seller knows that whoever was invited does not come."""
    tell(
        contract.seller,
        contract,
        "contract.invitation_declined",
        both("Müqaviləyə dəvətdən imtina edildi", "The invitation to the contract was declined"),
        both(
            f"{email} ünvanına göndərilmiş dəvətdən imtina edildi. {contract.title} nömrəli müqavilə hələ imzalana "
            "bilər: dəvəti başqa ünvana göndərin və ya müqaviləni geri götürün.",
            f"The invitation sent to {email} was declined. Contract {contract.title} can still be signed: send the "
            "invitation to another address, or withdraw the contract.",
        ),
        by=SYSTEM,
        now=now,
    )


def tell(
    organisation: Organisation, contract: Contract, kind: str, title: Text, body: Text, *, by: Actor, now: datetime
) -> None:
    """The organisation has it in its cabinet and by e-mail, with a link to the contract."""
    notices.notify(
        organisation=organisation,
        kind=kind,
        title=title,
        body=body,
        link=f"/contracts/{contract.reference}/",
        subject=contract.reference,
        by=by,
        now=now,
    )


def tell_buyer(contract: Contract, title: Text, body: Text, *, now: datetime) -> None:
    """In their cabinet where they have one for this contract already, else by e-mail alone."""
    if contract.buyer is not None:
        tell(contract.buyer, contract, f"contract.{contract.status}", title, body, by=SYSTEM, now=now)
    else:
        notices.send_mail(
            to=contract.buyer_stated["email"], subject=title, body=body, language="en", by=SYSTEM, now=now
        )
