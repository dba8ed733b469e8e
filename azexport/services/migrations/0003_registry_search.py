"""What the registry's tables need beyond Django's models: no overlapping versions, and the search."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

VERSIONS = """
ALTER TABLE services_entryversion ADD CONSTRAINT entry_versions_do_not_overlap
    EXCLUDE USING gist (entry_id WITH =, daterange(valid_from, valid_until + 1, '[)') WITH &&);
"""

SEARCH = """
ALTER TABLE services_entryversion ADD COLUMN words tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('pg_catalog.simple'::regconfig, az_fold(name_az || ' ' || name_en)), 'A')
    || setweight(to_tsvector('pg_catalog.simple'::regconfig, az_fold(body)), 'C')
    || setweight(to_tsvector('pg_catalog.simple'::regconfig, az_fold(about)), 'D')) STORED;
CREATE INDEX entry_version_words ON services_entryversion USING gin (words);
CREATE INDEX services_word_trigrams ON services_word USING gin (word gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("services", "0002_registry_and_drafts"), ("reference", "0002_search")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(VERSIONS, "ALTER TABLE services_entryversion DROP CONSTRAINT entry_versions_do_not_overlap;"),
        migrations.RunSQL(
            SEARCH,
            "DROP INDEX services_word_trigrams; ALTER TABLE services_entryversion DROP COLUMN words;",
        ),
    ]
