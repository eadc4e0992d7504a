-- Numbers about the landscape, a row a day. They are counted from claims and can be counted again (docs/indicators.md).
CREATE TABLE indicator (
    -- of UTC: 2026-11-25
    day      TEXT NOT NULL,
    name     TEXT NOT NULL,
    -- empty: over all providers
    provider TEXT NOT NULL,
    -- the lab, stage, interface or days that it is told apart by; empty for all
    "of"     TEXT NOT NULL,
    value    REAL NOT NULL,
    -- what it was counted from, where it is no count itself
    n        INTEGER,
    PRIMARY KEY (day, name, provider, "of")
) STRICT, WITHOUT ROWID;
