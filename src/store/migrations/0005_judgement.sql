-- Incidents that our own samples show.
CREATE TABLE own_incident (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL CHECK (kind IN ('down', 'degraded', 'slow')),
    vantage  TEXT NOT NULL,
    provider TEXT NOT NULL,
    -- empty where there is none; probe, host and model are empty for what a whole region shows
    region   TEXT NOT NULL,
    probe    TEXT NOT NULL,
    host     TEXT NOT NULL,
    model    TEXT NOT NULL,
    -- the first sample of it, and when it was judged to be one
    begin    INTEGER NOT NULL,
    seen     INTEGER NOT NULL,
    -- the first sample after it; null while it goes on
    ended    INTEGER,
    ended_by TEXT CHECK (ended_by IN ('recovered', 'new_normal')),
    -- so many samples, or series, of so many show it
    n        INTEGER NOT NULL,
    of       INTEGER NOT NULL,
    -- of slowness: the median before and during it, by how many samples
    before   INTEGER,
    during   INTEGER,
    samples  INTEGER
) STRICT;
CREATE INDEX own_incident_by_time ON own_incident (begin);

-- What is remembered of what is judged. `name` is a JSON array of what the judged series have in common.
CREATE TABLE judgement (
    what     TEXT NOT NULL CHECK (what IN ('target', 'group', 'ourselves')),
    name     TEXT NOT NULL,
    state    BLOB NOT NULL,
    -- the incident that goes on
    incident INTEGER REFERENCES own_incident (id),
    PRIMARY KEY (what, name)
) STRICT, WITHOUT ROWID;

-- How far the journal is judged. What is in it already is no news.
CREATE TABLE judging (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    judged INTEGER NOT NULL
) STRICT;
INSERT INTO judging SELECT 1, coalesce(max(id), 0) FROM journal;
