import django.db.models.deletion
from django.db import migrations, models


def draft_again(apps, schema_editor):
    """What waited for a signature without a paper is a draft again; its document counts for nothing."""
    waiting = apps.get_model("customs", "Declaration").objects.filter(status__in=["frozen", "awaiting_signature"])
    unsigned = list(waiting.exclude(document=None).values_list("document_id", flat=True))
    waiting.update(status="drafted", document=None)
    apps.get_model("documents", "Document").objects.filter(pk__in=unsigned).update(status="revoked")


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0003_papers"),
        ("customs", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(draft_again, migrations.RunPython.noop),
        migrations.RemoveField(model_name="declaration", name="code"),
        migrations.RemoveField(model_name="declaration", name="signing"),
        migrations.RemoveField(model_name="declaration", name="verdict"),
        migrations.AddField(
            model_name="declaration",
            name="paper",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="documents.paper",
            ),
        ),
        migrations.AlterField(
            model_name="declaration",
            name="status",
            field=models.CharField(
                choices=[
                    ("drafted", "Draft"),
                    ("awaiting_signature", "Waiting for the signature"),
                    ("lodged", "Lodged"),
                    ("accepted", "Accepted by customs"),
                    ("under_control", "Under customs control"),
                    ("released", "Released for export"),
                    ("not_released", "Not released"),
                    ("discarded", "Discarded before lodging"),
                ],
                default="drafted",
                max_length=20,
            ),
        ),
    ]
