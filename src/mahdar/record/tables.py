"""The tables of a record, the same on SQLite and PostgreSQL. Their history is in `migrations/`.

Narrow tables are searched (`claims`, `claim_actors`, `claim_places`, `incidents`); the whole claim or incident stands
beside them as JSON (`claim_versions`, `incidents.body`). What a person decided never overwrites what the machine read.
Every row but those of `meta` and `blobs` is vouched for by a row of `log`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Rows are numbered by the writer, of whom there is one at a time, so that a copy of a record has the same numbers.
_N = BigInteger().with_variant(Integer, "sqlite")
_HASH = String(64)  # SHA-256 in hex
_KNOWN = "actor_id IS NOT NULL"  # of the actors whom the register knows

META = Table(
    "meta",
    METADATA,
    Column("key", String(40), primary_key=True),  # "record" (its id), "archive" ("folder" | "database")
    Column("value", Text, nullable=False),
)

# The archive of a record that keeps its original bytes in the database; else they are files.
BLOBS = Table(
    "blobs",
    METADATA,
    Column("sha256", _HASH, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

# One row a report, never changed. `id` comes from text, outlet and day (`rows.report_id`).
REPORTS = Table(
    "reports",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("id", String(16), nullable=False, unique=True),
    Column("given_id", Text, index=True),  # the id the input gave it, if any
    Column("name", Text, nullable=False),  # file, address or line it came from
    Column("archive_sha256", _HASH, nullable=False),
    Column("part", Text),  # which part of the archived bytes it is ("item 3"), if not all
    Column("media_type", Text, nullable=False),
    Column("url", Text, index=True),  # where it was found, after redirects, if known
    Column("retrieved_at", String(32), nullable=False),  # ISO, UTC
    Column("retrieval", Text, nullable=False),  # JSON of intake.Retrieval: headers, status, tool, what is absent …
    Column("extractor", Text, nullable=False),  # what made the clean text of the bytes, with its version
    Column("text", Text, nullable=False),
    Column("text_sha256", _HASH, nullable=False, index=True),
    Column("title", Text),
    Column("outlet", Text, index=True),
    Column("published", String(10), index=True),
    Column("country", Text),
    Column("furniture", Text, nullable=False),  # JSON: [[start, end], …]
    Column("captions", Text, nullable=False),  # JSON: [[start, end, credit start, credit end], …], credit may be null
    Column("added_at", String(32), nullable=False),
)

# One row each time a reader read a report. `current` is the reading whose claims the record holds.
READINGS = Table(
    "readings",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("report_n", _N, ForeignKey("reports.n"), nullable=False, index=True),
    Column("reader", Text, nullable=False),
    Column("relations", Text, nullable=False),  # JSON of model.Relation
    Column("unread_start", Integer),
    Column("unread_end", Integer),
    Column("claims", Text, nullable=False),  # JSON: [[claim id, SHA-256 of its body], …] in order of the report
    Column("current", Boolean, nullable=False),
    Column("read_at", String(32), nullable=False),
)

# One row a claim the record holds, as it stands after people's decisions: what search looks at.
CLAIMS = Table(
    "claims",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("id", String(16), nullable=False, unique=True),
    Column("report_n", _N, ForeignKey("reports.n"), nullable=False, index=True),
    Column("incident", String(32), index=True),  # incidents.id, once linked
    Column("type", String(40), nullable=False),
    Column("scope", String(8), nullable=False),
    Column("status", String(12), nullable=False),
    Column("start", String(10)),  # ISO, as precise as known: 2020-04-02, 2018-09, 2017
    Column("end", String(10)),
    Column("time_precision", Integer),
    Column("country", Text),  # of the place it happened at: the finest "at", else the first
    Column("admin1", Text),
    Column("admin2", Text),
    Column("lat", Float),
    Column("lon", Float),
    Column("geo_precision", Integer),
    Column("killed_low", BigInteger),
    Column("killed_high", BigInteger),
    Column("confidence", Float, nullable=False),
    Column("outlet", Text),  # of its report, to save a join
    Column("published", String(10)),
    Column("review", String(10), nullable=False),  # suggested | accepted | edited | rejected
    Column("version", Integer, nullable=False),  # the number of decisions on it: what an editor must have seen
    Column("found", Boolean, nullable=False),  # whether the current reading still has it (people's claims: false)
    Column("changed", Boolean, nullable=False),  # whether the machine reads it otherwise than what a person decided on
    Index(None, "country", "admin1"),  # for the queues of `mahdar.review`, as the next
    Index(None, "review", "confidence"),
)

# The whole claim as JSON (`rows.claim_json`): what the machine reads now, and what people made of it.
CLAIM_VERSIONS = Table(
    "claim_versions",
    METADATA,
    Column("claim_n", _N, ForeignKey("claims.n"), primary_key=True, autoincrement=False),
    Column("machine", Text),  # null: a person added it
    Column("machine_sha256", _HASH),
    Column("decided", Text),  # null: no decision on it holds
)

# What earlier readings read and the current one reads otherwise or not at all.
FORMER_CLAIMS = Table(
    "former_claims",
    METADATA,
    Column("reading_n", _N, ForeignKey("readings.n"), primary_key=True, autoincrement=False),
    Column("id", String(16), primary_key=True),
    Column("machine", Text, nullable=False),
    Column("machine_sha256", _HASH, nullable=False),
)

# Who of a claim as it stands. `words` as the source has them, `name` neutral from the register.
CLAIM_ACTORS = Table(
    "claim_actors",
    METADATA,
    Column("claim_n", _N, ForeignKey("claims.n"), primary_key=True, autoincrement=False),
    Column("role", String(6), primary_key=True),  # actor | target | source
    Column("position", Integer, primary_key=True),
    Column("words", Text, nullable=False),
    Column("actor_id", Text),
    Column("name", Text),
    Column("kind", Text),
    Index(None, "actor_id", "role", sqlite_where=text(_KNOWN), postgresql_where=text(_KNOWN)),
)

CLAIM_PLACES = Table(
    "claim_places",
    METADATA,
    Column("claim_n", _N, ForeignKey("claims.n"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("role", String(4), nullable=False),  # at | from | to
    Column("words", Text, nullable=False),
    Column("name", Text),
    Column("country", Text),
    Column("admin1", Text),
    Column("admin2", Text),
    Column("lat", Float),
    Column("lon", Float),
    Column("kind", Text),
    Column("gazetteer_id", Text, index=True),
    Column("precision", Integer),
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False, unique=True),
    Column("type", String(40), nullable=False),
    Column("status", String(12), nullable=False),
    Column("start", String(10)),
    Column("end", String(10)),
    Column("time_precision", Integer),
    Column("country", Text),
    Column("admin1", Text),
    Column("admin2", Text),
    Column("lat", Float),
    Column("lon", Float),
    Column("geo_precision", Integer),
    Column("killed_low", BigInteger),
    Column("killed_high", BigInteger),
    Column("reports", Integer, nullable=False),  # how many
    Column("origins", Integer, nullable=False),
    Column("disputed", Boolean, nullable=False),
    Column("review", String(10), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),  # JSON of model.Incident
    Column("sha256", _HASH, nullable=False),
    Index(None, "type", "start"),
)

INCIDENT_CLAIMS = Table(
    "incident_claims",
    METADATA,
    Column("incident_n", _N, ForeignKey("incidents.n"), primary_key=True, autoincrement=False),
    Column("claim", String(16), primary_key=True, index=True),
    Column("recalled", Boolean, nullable=False),
)

# What people decided, append-only (`decisions.py`).
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("id", String(16), nullable=False, unique=True),
    Column("at", String(32), nullable=False),
    Column("who", Text, nullable=False, index=True),
    Column("kind", String(8), nullable=False),  # claim | incident | report
    Column("subject", String(32), nullable=False),
    Column("action", String(12), nullable=False),
    Column("version", Integer, nullable=False),  # of the subject, after it
    Column("before", Text),  # JSON
    Column("after", Text),  # JSON
    Column("why", Text, nullable=False),
    Column("undoes", String(16)),  # decisions.id
    UniqueConstraint("kind", "subject", "version"),
)

# The chain: each row carries the hash of the one before (`log.py`).
LOG = Table(
    "log",
    METADATA,
    Column("seq", _N, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("at", String(32), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("payload", Text, nullable=False),  # canonical JSON, hashes of what the row vouches for among it
    Column("previous", _HASH, nullable=False),
    Column("hash", _HASH, nullable=False),
)

# Who may do what (`mahdar.review.people`). Nobody is ever removed, so that a name in the log means one person for good.
PERSONS = Table(
    "persons",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("name", String(40), nullable=False, unique=True),
    Column("role", String(8), nullable=False),  # viewer | coder | reviewer | admin
    Column("password", Text),  # argon2id; null: cannot log in
    Column("active", Boolean, nullable=False),
    Column("added_at", String(32), nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("sha256", _HASH, primary_key=True),  # of what the cookie holds
    Column("person_n", _N, ForeignKey("persons.n"), nullable=False, index=True),
    Column("until", String(32), nullable=False),
)

TOKENS = Table(
    "tokens",
    METADATA,
    Column("sha256", _HASH, primary_key=True),  # of the token; the token itself is shown once and kept nowhere
    Column("person_n", _N, ForeignKey("persons.n"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),  # at most its person's
    Column("added_at", String(32), nullable=False),
    Column("until", String(32), nullable=False),
)

# Who is to code which report (`mahdar.review.double`). Blind: coded on a sheet of its own that nobody else sees.
ASSIGNMENTS = Table(
    "assignments",
    METADATA,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("report_n", _N, ForeignKey("reports.n"), nullable=False),
    Column("person_n", _N, ForeignKey("persons.n"), nullable=False, index=True),
    Column("blind", Boolean, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("given_at", String(32), nullable=False),
    Column("sheet", Text),  # JSON of what a blind coder has so far
    Column("version", Integer, nullable=False),
    Column("finished_at", String(32)),
    Column("settled_at", String(32)),  # when the two sheets were adjudicated into the record
    UniqueConstraint("report_n", "person_n"),
)

# How reliable an outlet is held to be, A to F as the Admiralty code has it; the log keeps former judgements.
OUTLETS = Table(
    "outlets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("reliability", String(1), nullable=False),
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

UNSAVED = frozenset(("sessions", "tokens"))  # what opens a record to somebody does not travel in its backups
