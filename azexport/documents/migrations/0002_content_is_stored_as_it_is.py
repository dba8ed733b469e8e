"""PDF is compressed already: PostgreSQL need not try."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE documents_documentcontent ALTER COLUMN content SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        )
    ]
