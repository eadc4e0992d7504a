-- What nobody is told of for a while. `matcher` names models, providers, regions and kinds, each a list of words.
CREATE TABLE silence (
    id      TEXT PRIMARY KEY,
    matcher TEXT NOT NULL CHECK (json_valid(matcher)),
    reason  TEXT NOT NULL,
    begun   INTEGER NOT NULL,
    until   INTEGER NOT NULL
) STRICT;
