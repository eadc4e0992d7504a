-- Reports as they were made, one for each period: '2026-W46', '2026-11', 'early-2026-11-12'. The forms are compressed (zstd).
CREATE TABLE report (
    period    TEXT PRIMARY KEY,
    kind      TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day  TEXT NOT NULL,
    zone      TEXT NOT NULL,
    made_at   INTEGER NOT NULL,
    subject   TEXT NOT NULL,
    html      BLOB NOT NULL,
    json      BLOB NOT NULL,
    text      BLOB NOT NULL
) STRICT;
