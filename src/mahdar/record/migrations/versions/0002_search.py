"""Full text: `fts_claims` by number of claim, `fts_reports` by number of report, kept by triggers.

SQLite's are FTS5 tables without content of their own (the texts stand in `reports` and `claim_versions`); to take a row
out, FTS5 is told the words it was put in with, and the triggers make these from the old row by the same expression.
PostgreSQL's are a table with a text vector each; weights A to C tell who did it, to whom, and who says so, and places
stand in a vector of their own besides.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

TOKENIZER = "tokenize = 'unicode61 remove_diacritics 2'"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        statements = list(_SQLITE)
    else:
        statements = [statement.replace("%", "%%") for statement in _POSTGRESQL]  # psycopg's sign of a parameter
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _slot(row: str, slot: str) -> str:
    """SQL: one slot of a claim's JSON. `json_extract` remembers what it parsed; `json_each` would parse the whole anew."""
    return f"json_extract(coalesce({row}.decided, {row}.machine), '$.{slot}')"


def _listed(row: str, slot: str) -> str:
    """SQL: the words and names of one slot of a claim's JSON (`row` is OLD or NEW of `claim_versions`)."""
    return (
        "(SELECT group_concat(json_extract(value, '$.words.text') || ' | ' || coalesce(json_extract(value, '$.name'), ''), "
        f"' | ') FROM json_each({_slot(row, slot)}))"
    )


def _words(row: str) -> str:
    evidence = f"(SELECT group_concat(json_extract(value, '$.text'), ' | ') FROM json_each({_slot(row, 'evidence')}))"
    return ", ".join([evidence, *(_listed(row, slot) for slot in ("actors", "targets", "sources", "places"))])


_COLUMNS = "words, actors, targets, sources, places"
_ADD_CLAIM = f"INSERT INTO fts_claims (rowid, {_COLUMNS}) VALUES (NEW.claim_n, {_words('NEW')});"
_TAKE_CLAIM = f"INSERT INTO fts_claims (fts_claims, rowid, {_COLUMNS}) VALUES ('delete', OLD.claim_n, {_words('OLD')});"
_TAKE_REPORT = (
    "INSERT INTO fts_reports (fts_reports, rowid, title, text) VALUES ('delete', OLD.n, OLD.title, OLD.text);"
)
_SQLITE = (
    f"CREATE VIRTUAL TABLE fts_claims USING fts5({_COLUMNS}, content = '', {TOKENIZER})",
    f"CREATE VIRTUAL TABLE fts_reports USING fts5(title, text, content = '', {TOKENIZER})",
    f"CREATE TRIGGER fts_claims_added AFTER INSERT ON claim_versions BEGIN {_ADD_CLAIM} END",
    f"CREATE TRIGGER fts_claims_taken AFTER DELETE ON claim_versions BEGIN {_TAKE_CLAIM} END",
    f"CREATE TRIGGER fts_claims_changed AFTER UPDATE ON claim_versions BEGIN {_TAKE_CLAIM} {_ADD_CLAIM} END",
    "CREATE TRIGGER fts_reports_added AFTER INSERT ON reports BEGIN "
    "INSERT INTO fts_reports (rowid, title, text) VALUES (NEW.n, NEW.title, NEW.text); END",
    f"CREATE TRIGGER fts_reports_taken AFTER DELETE ON reports BEGIN {_TAKE_REPORT} END",
    "INSERT INTO fts_reports (rowid, title, text) SELECT n, title, text FROM reports",
    f"INSERT INTO fts_claims (rowid, {_COLUMNS}) SELECT NEW.claim_n, {_words('NEW')} FROM claim_versions AS NEW",
)

# The parser would keep "al-Bara" or "a/b" whole, beside its parts: here words are letters and digits in a row, without
# accents, as `record.words` asks for them.
_VECTOR = r"""
CREATE FUNCTION fts_vector(words text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', translate(
        regexp_replace(normalize(lower(coalesce(words, '') COLLATE "und-x-icu"), NFD), '[\u0300-\u036f]', '', 'g'),
        '-/._@:&;+''#~%=?<>*\^', '                    '))
$$
"""
_SLOT = r"""
CREATE FUNCTION fts_slot(claim jsonb, slot text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT fts_vector(string_agg(concat_ws(' | ', one #>> '{words,text}', one ->> 'name'), ' | '))
    FROM jsonb_array_elements(claim -> slot) AS one
$$
"""
_CLAIM = r"""
CREATE FUNCTION fts_claim(claim jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(fts_slot(claim, 'actors'), 'A') || setweight(fts_slot(claim, 'targets'), 'B')
        || setweight(fts_slot(claim, 'sources'), 'C') || fts_slot(claim, 'places')
        || (SELECT fts_vector(string_agg(one ->> 'text', ' | ')) FROM jsonb_array_elements(claim -> 'evidence') AS one)
$$
"""
_KEEP_CLAIM = """
CREATE FUNCTION fts_keep_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN DELETE FROM fts_claims WHERE n = OLD.claim_n; END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO fts_claims
        SELECT NEW.claim_n, fts_claim(claim), fts_slot(claim, 'places')
        FROM (SELECT coalesce(NEW.decided, NEW.machine)::jsonb AS claim) AS one;
    END IF;
    RETURN NULL;
END $$
"""
_KEEP_REPORT = """
CREATE FUNCTION fts_keep_report() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN DELETE FROM fts_reports WHERE n = OLD.n;
    ELSE INSERT INTO fts_reports VALUES (NEW.n, fts_vector(concat_ws(' | ', NEW.title, NEW.text))); END IF;
    RETURN NULL;
END $$
"""
_POSTGRESQL = (
    *(_VECTOR, _SLOT, _CLAIM, _KEEP_CLAIM, _KEEP_REPORT),
    "CREATE TABLE fts_claims (n bigint PRIMARY KEY, words tsvector NOT NULL, places tsvector NOT NULL)",
    "CREATE TABLE fts_reports (n bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX fts_claims_words ON fts_claims USING gin (words)",
    "CREATE INDEX fts_claims_places ON fts_claims USING gin (places)",
    "CREATE INDEX fts_reports_words ON fts_reports USING gin (words)",
    "CREATE TRIGGER fts_claims_kept AFTER INSERT OR UPDATE OR DELETE ON claim_versions "
    "FOR EACH ROW EXECUTE FUNCTION fts_keep_claim()",
    "CREATE TRIGGER fts_reports_kept AFTER INSERT OR DELETE ON reports FOR EACH ROW EXECUTE FUNCTION fts_keep_report()",
    "INSERT INTO fts_reports SELECT n, fts_vector(concat_ws(' | ', title, text)) FROM reports",
    "INSERT INTO fts_claims SELECT claim_n, fts_claim(claim), fts_slot(claim, 'places') "
    "FROM (SELECT claim_n, coalesce(decided, machine)::jsonb AS claim FROM claim_versions) AS held",
)
