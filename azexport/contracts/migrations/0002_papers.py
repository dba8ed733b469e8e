"""Contracts that wait for a signature wait with a paper from now on."""

from django.db import migrations, models

from azexport.kernel.references import new_reference

FIELDS = ["Seller", "Buyer"]
UNFINISHED = ("requested", "prepared", "signed")


def put_on_papers(apps, schema_editor):
    contracts = apps.get_model("contracts", "Contract").objects
    # The job that made their PDF is gone: the seller confirms the answers once more.
    contracts.filter(status="frozen").update(status="drafted")
    for contract in contracts.filter(status__in=("awaiting_seller", "awaiting_buyer")).select_related("document"):
        paper = _paper_of(contract, apps)
        contract.paper = paper.reference
        if contract.status == "awaiting_seller":
            contract.document = None
        contract.save(update_fields=["paper", "document"])
        apps.get_model("signatures", "SigningRequest").objects.filter(
            purpose="contract", subject=contract.reference, status__in=UNFINISHED
        ).update(purpose="paper", subject=paper.reference, return_url=f"/papers/{paper.reference}/back/")


def _paper_of(contract, apps):
    requests = apps.get_model("signatures", "SigningRequest").objects.filter(subject=contract.reference)
    asked = requests.filter(reference=contract.signing).first()
    given = []
    if contract.status == "awaiting_buyer" and (seller := requests.filter(field="Seller", status="completed").last()):
        given = [{"field": "Seller", **_signer(seller), "at": contract.seller_signed_at.isoformat()}]
    return apps.get_model("documents", "Paper").objects.create(
        reference=new_reference("PP"),
        purpose="contract",
        subject=contract.reference,
        kind="contract",
        title=contract.document.title,
        template="contracts/contract.typ",
        data={},
        facts=contract.document.facts,
        code=contract.code,
        document=contract.document,
        fields=FIELDS,
        given=given,
        status="waiting",
        signing=contract.signing,
        verdict=contract.verdict[:20],
        expected=asked.expected if asked else {},
        return_url=f"/contracts/{contract.reference}/",
        created_at=contract.frozen_at,
        **(_signer(asked) if asked else {}),
    )


def _signer(request):
    return {name: getattr(request, name) for name in ("signer_kind", "signer_id", "signer_name")}


class Migration(migrations.Migration):
    dependencies = [
        ("contracts", "0001_initial"),
        ("documents", "0004_several_signatures"),
        ("signatures", "0003_no_mandate"),
    ]

    operations = [
        migrations.AddField(
            model_name="contract", name="invitation_declined_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="contract", name="paper", field=models.CharField(blank=True, max_length=20)),
        migrations.RunPython(put_on_papers, migrations.RunPython.noop),
        # What is put off to the end of the transaction would stand in the way of the next statements.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RemoveField(model_name="contract", name="signing"),
        migrations.RemoveField(model_name="contract", name="verdict"),
        migrations.AlterField(
            model_name="contract",
            name="status",
            field=models.CharField(
                choices=[
                    ("drafted", "Draft"),
                    ("awaiting_seller", "Waiting for the seller's signature"),
                    ("awaiting_buyer", "Waiting for the buyer's signature"),
                    ("concluded", "Concluded"),
                    ("declined", "Declined by the buyer"),
                    ("withdrawn", "Withdrawn by the seller"),
                    ("lapsed", "Lapsed: not signed in time"),
                ],
                default="drafted",
                max_length=20,
            ),
        ),
    ]
