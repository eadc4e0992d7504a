-- What somebody has said that they know of: reminders of it stop until something else is stated.
CREATE TABLE acknowledged (
    thread TEXT PRIMARY KEY,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    note   TEXT NOT NULL
) STRICT;
