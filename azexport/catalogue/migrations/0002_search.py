from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial"), ("reference", "0002_search")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE catalogue_good ADD COLUMN folded text GENERATED ALWAYS AS (
                az_fold(coalesce(name ->> 'az', '') || ' ' || coalesce(name ->> 'en', '') || ' '
                    || coalesce(description ->> 'az', '') || ' ' || coalesce(description ->> 'en', '') || ' '
                    || producer || ' ' || hs_code)) STORED;
            CREATE INDEX good_trigrams ON catalogue_good USING gin (folded gin_trgm_ops);
            """,
            "ALTER TABLE catalogue_good DROP COLUMN folded;",
        ),
    ]
