-- Times are milliseconds since 1970 in UTC. Durations are microseconds. Hashes are BLAKE3, 32 bytes.

CREATE TABLE source (
    id            INTEGER PRIMARY KEY,
    probe         TEXT NOT NULL,
    scope         TEXT NOT NULL,
    provider      TEXT NOT NULL,
    authority     TEXT NOT NULL,
    url           TEXT NOT NULL,
    -- of the reader's version and mapping that the accepted state was read with
    fingerprint   BLOB,
    baseline_at   INTEGER,
    -- the last good body: what a 304 or an equal hash repeats
    accepted_at   INTEGER,
    accepted_body BLOB,
    content_type  TEXT,
    etag          TEXT,
    last_modified TEXT,
    -- every accepted subject's key and the fingerprint of its entry: 16 bytes each, sorted
    subject_index BLOB NOT NULL DEFAULT x'',
    last_at       INTEGER,
    last_outcome  TEXT,
    last_detail   TEXT,
    failures      INTEGER NOT NULL DEFAULT 0,
    retry_after   INTEGER,
    broken_since  INTEGER,
    items         INTEGER,
    missed        INTEGER NOT NULL DEFAULT 0,
    unexpected    TEXT,
    UNIQUE (probe, scope)
) STRICT;

CREATE TABLE subject (
    id         INTEGER PRIMARY KEY,
    key        INTEGER NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    provider   TEXT NOT NULL,
    native_id  TEXT NOT NULL,
    region     TEXT NOT NULL,
    deployment TEXT
) STRICT;
CREATE INDEX subject_by_native_id ON subject (provider, native_id);

-- One row an interval: a claim that stays the same is written once. The attribute 'listed' is the subject itself.
CREATE TABLE claim (
    id        INTEGER PRIMARY KEY,
    source    INTEGER NOT NULL REFERENCES source (id),
    subject   INTEGER NOT NULL REFERENCES subject (id),
    attribute TEXT NOT NULL,
    value     TEXT NOT NULL CHECK (json_valid(value)),
    raw       TEXT,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX claim_by_subject ON claim (subject, source, attribute);

CREATE TABLE total (
    source   INTEGER NOT NULL REFERENCES source (id),
    provider TEXT NOT NULL,
    subjects INTEGER NOT NULL,
    "values" INTEGER NOT NULL,
    PRIMARY KEY (source, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending (
    source        INTEGER NOT NULL REFERENCES source (id),
    subject       INTEGER NOT NULL REFERENCES subject (id),
    -- empty for the subject itself
    attribute     TEXT NOT NULL,
    what          TEXT NOT NULL CHECK (what IN ('added', 'removed', 'changed')),
    claims        TEXT NOT NULL CHECK (json_valid(claims)),
    first_seen    INTEGER NOT NULL,
    first_reading BLOB NOT NULL,
    first_body    BLOB NOT NULL,
    readings      INTEGER NOT NULL,
    PRIMARY KEY (source, subject, attribute)
) STRICT, WITHOUT ROWID;

CREATE TABLE flap (
    source         INTEGER NOT NULL REFERENCES source (id),
    subject        INTEGER NOT NULL REFERENCES subject (id),
    attribute      TEXT NOT NULL,
    changes        TEXT NOT NULL CHECK (json_valid(changes)),
    returns        TEXT NOT NULL CHECK (json_valid(returns)),
    flapping_since INTEGER,
    last_at        INTEGER NOT NULL,
    PRIMARY KEY (source, subject, attribute)
) STRICT, WITHOUT ROWID;

-- One row a fetch: what it said and how long its phases took.
CREATE TABLE reading (
    id         INTEGER PRIMARY KEY,
    source     INTEGER NOT NULL REFERENCES source (id),
    at         INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    detail     TEXT,
    status     INTEGER,
    body       BLOB,
    bytes      INTEGER NOT NULL,
    imported   INTEGER NOT NULL,
    host       TEXT,
    vantage    TEXT NOT NULL,
    dns        INTEGER,
    connect    INTEGER,
    tls        INTEGER,
    first_byte INTEGER,
    download   INTEGER,
    total      INTEGER
) STRICT;
CREATE INDEX reading_by_source ON reading (source, at);

-- Bodies by content. 'zstd' stands alone; 'zstd-base' was compressed with the body `base` as its dictionary.
CREATE TABLE body (
    hash       BLOB PRIMARY KEY,
    encoding   TEXT NOT NULL CHECK (encoding IN ('zstd', 'zstd-base')),
    base       BLOB REFERENCES body (hash),
    depth      INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    stored_at  INTEGER NOT NULL,
    data       BLOB NOT NULL,
    CHECK ((base IS NULL) = (encoding = 'zstd'))
) STRICT;
CREATE INDEX body_by_base ON body (base) WHERE base IS NOT NULL;

-- Called change_record because CHANGE alone reads like a deed.
CREATE TABLE change_record (
    id           TEXT PRIMARY KEY,
    -- the order in which changes were recorded
    ordinal      INTEGER NOT NULL UNIQUE,
    source       INTEGER NOT NULL REFERENCES source (id),
    subject      INTEGER NOT NULL REFERENCES subject (id),
    kind         TEXT NOT NULL,
    attribute    TEXT,
    old          TEXT CHECK (old IS NULL OR json_valid(old)),
    new          TEXT CHECK (new IS NULL OR json_valid(new)),
    old_raw      TEXT,
    new_raw      TEXT,
    seen_at      INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    true_from    INTEGER,
    direction    TEXT,
    severity     TEXT NOT NULL,
    authority    TEXT NOT NULL,
    standing     TEXT NOT NULL CHECK (standing IN ('news', 'corroboration', 'outranked')),
    documented   INTEGER NOT NULL,
    flapping     INTEGER NOT NULL,
    imported     INTEGER NOT NULL,
    url          TEXT NOT NULL,
    old_body     BLOB,
    new_body     BLOB,
    group_id     TEXT NOT NULL
) STRICT;
CREATE INDEX change_by_time ON change_record (confirmed_at);
CREATE INDEX change_by_subject ON change_record (subject, attribute);
CREATE INDEX change_by_group ON change_record (group_id);
CREATE INDEX change_by_new_body ON change_record (new_body) WHERE new_body IS NOT NULL;
CREATE INDEX change_by_old_body ON change_record (old_body) WHERE old_body IS NOT NULL;

CREATE TABLE confirmation (
    change_id TEXT NOT NULL REFERENCES change_record (id) ON DELETE CASCADE,
    source    TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (change_id, source)
) STRICT, WITHOUT ROWID;

-- Changes of one cause. A group without an end is still open; freezing its message ends it.
CREATE TABLE change_group (
    id        TEXT PRIMARY KEY,
    cause     TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    ended_at  INTEGER
) STRICT;
CREATE INDEX group_by_cause ON change_group (cause, opened_at);

CREATE TABLE alert (
    id        TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    severity  TEXT NOT NULL,
    raised_at INTEGER NOT NULL
) STRICT;

-- One row a recipient. The message is null until it is frozen; a frozen message never changes.
CREATE TABLE outbox (
    id           TEXT PRIMARY KEY,
    alert        TEXT NOT NULL REFERENCES alert (id),
    route        TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    thread_key   TEXT NOT NULL,
    not_before   INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    detail       TEXT,
    delivered_at INTEGER,
    message      TEXT CHECK (message IS NULL OR json_valid(message))
) STRICT;
CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'waiting';

CREATE TABLE message_part (
    outbox     TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    content_id TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes      BLOB NOT NULL,
    PRIMARY KEY (outbox, content_id)
) STRICT, WITHOUT ROWID;

-- What happened once: the first-start message, the last report.
CREATE TABLE milestone (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For people who bring their own SQL. These views keep their columns; the tables may change.
CREATE VIEW v_offerings AS
SELECT u.provider, u.native_id, u.region, u.deployment, c.attribute, c.value ->> '$' AS value, c.value AS value_json,
       s.probe || CASE s.scope WHEN '' THEN '' ELSE '@' || s.scope END AS source, s.authority,
       strftime('%Y-%m-%dT%H:%M:%SZ', c.opened_at / 1000, 'unixepoch') AS since
FROM claim c JOIN subject u ON u.id = c.subject JOIN source s ON s.id = c.source
WHERE c.closed_at IS NULL AND u.kind = 'offering';

CREATE VIEW v_changes AS
SELECT r.id, strftime('%Y-%m-%dT%H:%M:%SZ', r.seen_at / 1000, 'unixepoch') AS seen_at,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.confirmed_at / 1000, 'unixepoch') AS confirmed_at,
       u.provider, u.native_id, u.region, u.deployment, r.kind, r.attribute, r.old, r.new, r.direction, r.severity,
       s.probe || CASE s.scope WHEN '' THEN '' ELSE '@' || s.scope END AS source, r.authority, r.standing,
       r.documented, r.imported, r.group_id, r.url
FROM change_record r JOIN subject u ON u.id = r.subject JOIN source s ON s.id = r.source;

CREATE VIEW v_prices AS
SELECT u.provider, u.native_id, u.region, u.deployment, substr(c.attribute, 7) AS meter,
       CASE json_type(c.value) WHEN 'text' THEN c.value ->> '$' ELSE c.value ->> '$.amount' END AS amount,
       CASE json_type(c.value) WHEN 'text' THEN 'USD' ELSE c.value ->> '$.currency' END AS currency,
       CASE json_type(c.value) WHEN 'text' THEN '1M_tokens' ELSE c.value ->> '$.unit' END AS unit,
       s.probe || CASE s.scope WHEN '' THEN '' ELSE '@' || s.scope END AS source,
       strftime('%Y-%m-%dT%H:%M:%SZ', c.opened_at / 1000, 'unixepoch') AS valid_from,
       strftime('%Y-%m-%dT%H:%M:%SZ', c.closed_at / 1000, 'unixepoch') AS valid_until
FROM claim c JOIN subject u ON u.id = c.subject JOIN source s ON s.id = c.source
WHERE c.attribute LIKE 'price.%';
