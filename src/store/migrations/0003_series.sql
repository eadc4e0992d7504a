-- What the samples of a series have in common.
CREATE TABLE series (
    id       INTEGER PRIMARY KEY,
    vantage  TEXT NOT NULL,
    provider TEXT NOT NULL,
    -- which probe asks
    probe    TEXT NOT NULL,
    -- of which region or account; empty for none
    region   TEXT NOT NULL,
    host     TEXT NOT NULL,
    -- a connection that was opened for the sample, or one that was open
    way      TEXT NOT NULL CHECK (way IN ('fresh', 'warm')),
    UNIQUE (provider, probe, region, host, way, vantage)
) STRICT;

-- Samples in the order in which they came, until they are rolled up.
CREATE TABLE journal (
    id          INTEGER PRIMARY KEY,
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

-- One row a window that has samples. The order is the one in which windows come and are asked for.
CREATE TABLE roll_up (
    -- the length of the window and its begin since 1970, both in seconds
    length  INTEGER NOT NULL,
    begin   INTEGER NOT NULL,
    series  INTEGER NOT NULL REFERENCES series (id),
    figures BLOB NOT NULL,
    PRIMARY KEY (length, begin, series)
) STRICT, WITHOUT ROWID;

-- Every fetch that was measured before is a sample too.
INSERT INTO series (vantage, provider, probe, region, host, way)
    SELECT DISTINCT r.vantage, s.provider, s.probe, s.scope, r.host,
           iif(r.connect IS NULL AND r.first_byte IS NOT NULL, 'warm', 'fresh')
    FROM reading r JOIN source s ON s.id = r.source WHERE NOT r.imported AND r.host IS NOT NULL;
INSERT INTO journal (series, at, outcome, dns, connect, tls, first_byte, download, total)
    SELECT e.id, r.at, r.outcome, r.dns, r.connect, r.tls, r.first_byte, r.download, r.total
    FROM reading r JOIN source s ON s.id = r.source
    JOIN series e ON e.vantage = r.vantage AND e.provider = s.provider AND e.probe = s.probe AND e.region = s.scope
        AND e.host = r.host AND e.way = iif(r.connect IS NULL AND r.first_byte IS NOT NULL, 'warm', 'fresh')
    WHERE NOT r.imported AND r.host IS NOT NULL ORDER BY r.at, r.id;
