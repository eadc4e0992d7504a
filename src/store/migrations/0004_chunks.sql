-- A series may be of a source that is read, of an endpoint, or of a model that is asked.
ALTER TABLE series ADD COLUMN kind TEXT NOT NULL DEFAULT 'source' CHECK (kind IN ('source', 'endpoint', 'model'));
-- the provider's name of the model that is asked; empty for none
ALTER TABLE series ADD COLUMN model TEXT NOT NULL DEFAULT '';
-- the version of HTTP and the family of addresses that are asked for; empty for any
ALTER TABLE series ADD COLUMN http TEXT NOT NULL DEFAULT '';
ALTER TABLE series ADD COLUMN ip TEXT NOT NULL DEFAULT '';

-- Samples leave the journal when their hour is over, in any order; the numbers of those that left are not given again, since
-- they say how far it is rolled up.
CREATE TABLE numbered (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    series      INTEGER NOT NULL REFERENCES series (id),
    at          INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    dns         INTEGER,
    connect     INTEGER,
    tls         INTEGER,
    first_byte  INTEGER,
    first_token INTEGER,
    download    INTEGER,
    total       INTEGER
) STRICT;
INSERT INTO numbered SELECT * FROM journal;
DROP TABLE journal;
ALTER TABLE numbered RENAME TO journal;

-- What was last known of the connections of a series.
CREATE TABLE connection (
    series            INTEGER PRIMARY KEY REFERENCES series (id),
    since             INTEGER NOT NULL,
    address           TEXT NOT NULL,
    http              TEXT NOT NULL,
    tls               TEXT,
    certificate_until INTEGER
) STRICT;

-- How far the journal is rolled up: samples up to `rolled` are; those up to `until` are in the parts before `part` of
-- `parts`, into which they are divided by their series.
CREATE TABLE rolling (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    rolled INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    parts  INTEGER NOT NULL,
    part   INTEGER NOT NULL
) STRICT;
INSERT INTO rolling VALUES (1, 0, 0, 1, 1);

-- The samples of a series in one hour, once it is over.
CREATE TABLE chunk (
    series  INTEGER NOT NULL REFERENCES series (id),
    -- in seconds since 1970
    begin   INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    samples BLOB NOT NULL,
    PRIMARY KEY (begin, series)
) STRICT, WITHOUT ROWID;
