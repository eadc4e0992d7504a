-- What calls to models cost, by the UTC day of which they were made. Amounts are in millionths of a millionth of a USD.
CREATE TABLE spending (
    -- since 1970-01-01
    day      INTEGER NOT NULL,
    -- which model is asked, in which scope
    source   TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    -- set aside for calls whose cost is not known: they are under way, or were cut off
    reserved INTEGER NOT NULL,
    spent    INTEGER NOT NULL,
    -- what one call cost at most
    dearest  INTEGER NOT NULL,
    PRIMARY KEY (day, source)
) STRICT, WITHOUT ROWID;
