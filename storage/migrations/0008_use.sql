-- Use of the service: what went wrong in it, without a word of whom or with what; and its pause.
CREATE TABLE errors (
    code     TEXT PRIMARY KEY, -- what the person was told, so that it leads here; 90 days after the last time; seen by operators
    kind     TEXT NOT NULL,    -- the error's class or reason, never its text; 90 days after the last time; seen by operators
    place    TEXT NOT NULL,    -- where in the source it happened; 90 days after the last time; seen by operators
    tool     TEXT NOT NULL,    -- with which tool; 90 days after the last time; seen by operators
    version  INTEGER NOT NULL, -- of that tool; 90 days after the last time; seen by operators
    count    INTEGER NOT NULL, -- how often; 90 days after the last time; seen by operators
    first_at INTEGER NOT NULL, -- when first (Unix time, UTC); 90 days after the last time; seen by operators
    last_at  INTEGER NOT NULL, -- when last (Unix time, UTC); 90 days after the last time; seen by operators
    told     INTEGER NOT NULL DEFAULT 0 -- whether operators heard of it, so that they hear once; 90 days after the last time; seen by operators
) STRICT, WITHOUT ROWID;

CREATE TABLE pause (
    only  INTEGER PRIMARY KEY CHECK (only = 1), -- there is one, or none; until the operators resume
    words TEXT NOT NULL,    -- what the operators say about it to people; until the operators resume; seen by everybody whom it keeps waiting
    since INTEGER NOT NULL  -- when it began (Unix time, UTC); until the operators resume; seen by operators
) STRICT;
