import django.db.models.deletion
from django.db import migrations, models


def draft_again(apps, schema_editor):
    """What waited for a signature without a paper is a draft again; its document counts for nothing."""
    waiting = apps.get_model("exports", "Application").objects.filter(status__in=["frozen", "awaiting_signature"])
    unsigned = list(waiting.exclude(document=None).values_list("document_id", flat=True))
    waiting.update(status="drafted", document=None)
    apps.get_model("documents", "Document").objects.filter(pk__in=unsigned).update(status="revoked")


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0003_papers"),
        ("exports", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(draft_again, migrations.RunPython.noop),
        migrations.RemoveField(model_name="application", name="code"),
        migrations.RemoveField(model_name="application", name="signing"),
        migrations.RemoveField(model_name="application", name="verdict"),
        migrations.AddField(
            model_name="application",
            name="paper",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.paper"
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="status",
            field=models.CharField(
                choices=[
                    ("drafted", "Draft"),
                    ("awaiting_signature", "Waiting for the signature"),
                    ("submitted", "Submitted"),
                    ("abandoned", "Deleted draft"),
                ],
                default="drafted",
                max_length=20,
            ),
        ),
    ]
