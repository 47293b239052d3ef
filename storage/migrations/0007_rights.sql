-- What is left of people who were forgotten, and when the scheduler did what it does.
CREATE TABLE refund_paths (
    account INTEGER PRIMARY KEY REFERENCES accounts (id), -- whose orders these were; until none of them can be refunded any more
    user_id INTEGER NOT NULL -- Telegram gives Stars back to this number alone; until none of them can be refunded any more
) STRICT;
CREATE INDEX refund_paths_of ON refund_paths (user_id);

CREATE TABLE forgotten (
    mark      TEXT PRIMARY KEY, -- a keyed hash of their number, to be found with number and key file alone, for what follows and for restored backups; kept
    welcomed  INTEGER NOT NULL, -- whether they had the newcomer's credits, so that these come once; kept
    banned_at INTEGER           -- since when they are banned (Unix time, UTC), so that a ban lasts; until unbanned
) STRICT, WITHOUT ROWID;

CREATE TABLE old_topics (
    chat_id   INTEGER NOT NULL, -- the operators' group; until its topic is deleted there
    thread_id INTEGER NOT NULL, -- which topic has the words of a ticket that is gone here; until it is deleted there
    ticket    INTEGER NOT NULL, -- its name, should operators have to delete it: the ticket's number; until it is deleted there; seen by operators
    subject   TEXT NOT NULL,    -- its name: what the ticket was about; until it is deleted there; seen by operators
    PRIMARY KEY (chat_id, thread_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_runs (
    job        TEXT PRIMARY KEY, -- which of the scheduler's jobs, of a closed set; kept; seen by operators
    ended_at   INTEGER NOT NULL, -- when it last ended (Unix time, UTC); kept; seen by operators
    outcome    TEXT NOT NULL,    -- how: done, or the kind of error; kept; seen by operators
    done_at    INTEGER           -- when it last ended well (Unix time, UTC); kept; seen by operators
) STRICT, WITHOUT ROWID;
