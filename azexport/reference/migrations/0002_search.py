"""Azerbaijani text in PostgreSQL: `unaccent` does not fold ə, C order is wrong for it, and lower('İ') is wrong."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

FOLDED = "AaÁáÀàÂâÄäÅåBbCcÇçDdEeƏəÉéÈèÊêFfGgĞğHhXxIıİiÎîÍíJjKkQqLlMmNnÑñOoÖöÓóÔôPpRrSsŞşẞßTtUuÜüÚúÛûVvWwYyZzŽž"
PLAIN = "aaaaaaaaaaaabbccccddeeeeeeeeeeffgggghhxxiiiiiiiijjkkqqllmmnnnnoooooooopprrssssssttuuuuuuuuvvwwyyzzzz"
ORDER = "ABCÇDEƏFGĞHXIİJKQLMNOÖPRSŞTUÜVWYZ"
SMALL = "abcçdeəfgğhxıijkqlmnoöprsştuüvwyz"
KEYS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`ab"

assert len(FOLDED) == len(PLAIN), (len(FOLDED), len(PLAIN))
assert len(ORDER) == len(SMALL) == len(KEYS), (len(ORDER), len(SMALL), len(KEYS))

FUNCTIONS = f"""
CREATE FUNCTION az_fold(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT btrim(regexp_replace(translate(given, '{FOLDED}', '{PLAIN}'), '[^a-z0-9]+', ' ', 'g'))
$body$;
COMMENT ON FUNCTION az_fold(text) IS
    'For searching: small Latin letters without marks, digits and single spaces (ə is e, ı and İ are i)';
CREATE FUNCTION az_key(given text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT translate(given, '{ORDER}{SMALL}', '{KEYS}{KEYS}') COLLATE "C"
$body$;
COMMENT ON FUNCTION az_key(text) IS
    'For sorting in the order of the Azerbaijani alphabet, whatever the database''s collation; case is ignored';
"""

COLUMNS = """
ALTER TABLE reference_commodity
    ADD COLUMN folded text GENERATED ALWAYS AS
        (az_fold(coalesce(name ->> 'az', '') || ' ' || coalesce(name ->> 'en', ''))) STORED,
    ADD COLUMN words tsvector GENERATED ALWAYS AS
        (to_tsvector('pg_catalog.simple'::regconfig,
            az_fold(coalesce(name ->> 'az', '') || ' ' || coalesce(name ->> 'en', '')))) STORED;
CREATE INDEX commodity_words ON reference_commodity USING gin (words);
CREATE TABLE reference_word (word text COLLATE "C" PRIMARY KEY);
COMMENT ON TABLE reference_word IS 'The vocabulary of the commodities'' names; load_reference keeps it';
CREATE INDEX word_trigrams ON reference_word USING gin (word gin_trgm_ops);
"""


class Migration(migrations.Migration):
    dependencies = [("reference", "0001_initial")]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION az_key(text); DROP FUNCTION az_fold(text);"),
        migrations.RunSQL(
            COLUMNS,
            "DROP TABLE reference_word; ALTER TABLE reference_commodity DROP COLUMN words, DROP COLUMN folded;",
        ),
    ]
