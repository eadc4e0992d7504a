-- What calls to models cost, by the UTC day of which they were made. Amounts are in millionths of a millionth of a USD.
CREATE TABLE spending (
    -- since 1970-01-01
    day      INTEGER NOT NULL,
    -- which model is asked, in which scope
    source   TEXT NOT NULL,
    provider TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    -- of these, how many cost anything
    billed   INTEGER NOT NULL,
    -- set aside for calls whose cost is not known: they are under way, or were cut off
    reserved INTEGER NOT NULL,
    spent    INTEGER NOT NULL,
    -- what one call cost at most, and how many thousandths of its bound
    dearest  INTEGER NOT NULL,
    excess   INTEGER NOT NULL,
    PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;

-- What calls to models measured, beside their samples.
CREATE TABLE answer (
    id                   INTEGER PRIMARY KEY,
    series               INTEGER NOT NULL REFERENCES series (id),
    at                   INTEGER NOT NULL,
    outcome              TEXT NOT NULL,
    -- microseconds since the request
    first_event          INTEGER,
    first_thinking       INTEGER,
    first_content        INTEGER,
    last_token           INTEGER,
    -- microseconds between two events with text
    gap                  INTEGER,
    longest_gap          INTEGER,
    -- tokens
    input                INTEGER,
    cached               INTEGER,
    cache_write          INTEGER,
    output               INTEGER,
    reasoning            INTEGER,
    billed_input         INTEGER,
    billed_output        INTEGER,
    -- tokens per second
    end_to_end           REAL,
    after_first          REAL,
    -- microseconds, as the provider says
    reported_total       INTEGER,
    reported_first_token INTEGER,
    reported_queue       INTEGER,
    reported_head        INTEGER,
    -- in millionths of a millionth of a USD
    charge               INTEGER NOT NULL,
    -- why it stopped, and which model answered, in the provider's words
    stop                 TEXT,
    model                TEXT
) STRICT;
CREATE INDEX answer_at ON answer (at);
