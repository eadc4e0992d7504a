-- Which changes a route's message tells, how grave each is for its readers, and which watches it touches (a JSON array).
CREATE TABLE taken (
    alert    TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    route    TEXT NOT NULL,
    change   TEXT NOT NULL,
    severity TEXT NOT NULL,
    touched  TEXT NOT NULL CHECK (json_valid(touched)),
    PRIMARY KEY (alert, route, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_by_change ON taken (change);
-- until now a message told all changes of its group
INSERT OR IGNORE INTO taken
    SELECT o.alert, o.route, r.id, r.severity, '[]' FROM outbox o JOIN change_record r ON r.group_id = o.alert;

-- 1 for what waits for a time of the clock: a digest, the end of quiet hours.
ALTER TABLE outbox ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
-- What the changes of an alert that is still gathered have in common; empty for what is told otherwise.
ALTER TABLE outbox ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_gathering ON outbox (bundle, route) WHERE message IS NULL;
CREATE INDEX outbox_by_thread ON outbox (thread_key);
