"""PDF is compressed already: PostgreSQL need not try."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("signatures", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE signatures_signingfile ALTER COLUMN content SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        )
    ]
