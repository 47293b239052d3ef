-- Who of the operators gave or took something: what they must be able to account for. No names, and nothing in the ledger.
CREATE TABLE operator_actions (
    id          INTEGER PRIMARY KEY, -- their order; a year
    operator_id INTEGER,             -- which operator did it, nothing for an anonymous administrator; a year, or until /forget
    action      TEXT NOT NULL,       -- what: refund, grant, ban, unban; a year
    reference   TEXT NOT NULL,       -- of which order, or of whom: the person's number; a year, a person's number until /forget
    at          INTEGER NOT NULL,    -- when (Unix time, UTC); a year
    CHECK (action IN ('refund', 'grant', 'ban', 'unban'))
) STRICT;
