"""The supply contract. High voltage: signed and offered by the utility, then signed by the customer.

Low voltage: the customer signs the utility's standard contract with the application; acceptance signs it for the
utility.
"""

from django.db import transaction

from tongdian.case.models import Case
from tongdian.case.operations.documents import Upload
from tongdian.connection import queries
from tongdian.connection.models import SupplyContract
from tongdian.connection.operations.acting import Acting, NotPossible, advance, take


def sign_standard_contract(case: Case, *, upload: Upload, acting: Acting) -> SupplyContract:
    """Sign the standard contract as the low-voltage customer; the file read and signed is kept and named by its hash.

    Raises NotPossible for high voltage, when it is signed already or the application has been accepted; RefusedUpload.
    """
    with transaction.atomic():
        if not queries.progress(case).is_low_voltage:
            raise NotPossible(str(case), "contract.signed", ())
        (document,) = take(case, {"supply_contract": upload}, stage="acceptance", acting=acting)
        event = advance(case, "contract.signed", acting=acting, body={}, documents=[document])
        return SupplyContract.objects.create(
            case=case, document=document, signed_at=event.recorded_at, signed_by_id=acting.signer_id
        )


def offer_contract(case: Case, *, upload: Upload, acting: Acting) -> SupplyContract:
    """Sign the contract for the utility and send it to the customer; the file is kept and named by its hash.

    Raises NotPossible before the scheme is confirmed, or when a contract was offered before; RefusedUpload.
    """
    with transaction.atomic():
        (document,) = take(case, {"supply_contract": upload}, stage="connect", acting=acting)
        event = advance(case, "contract.offered", acting=acting, body={}, documents=[document])
        return SupplyContract.objects.create(
            case=case, document=document, offered_at=event.recorded_at, offered_by=acting.actor
        )


def sign_contract(case: Case, *, acting: Acting) -> SupplyContract:
    """Sign the offered contract as the customer; the event carries the hash of the very file that was offered.

    Raises NotPossible when nothing is offered or it is signed already.
    """
    with transaction.atomic():
        contract = SupplyContract.objects.select_for_update().select_related("document").filter(case=case).first()
        documents = [contract.document] if contract else []
        event = advance(case, "contract.signed", acting=acting, body={}, documents=documents)
        contract = SupplyContract.objects.get(case=case)
        contract.signed_at, contract.signed_by_id = event.recorded_at, acting.signer_id
        contract.save(update_fields=["signed_at", "signed_by"])
        return contract
