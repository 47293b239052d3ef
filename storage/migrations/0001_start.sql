-- What is kept, and nothing else. Behind each column: why; how long; seen by whom, if by anybody. /privacy shows it.
CREATE TABLE people (
    user_id        INTEGER PRIMARY KEY, -- to know who agreed; until they block the bot
    language       TEXT,                -- the language they chose; until they block the bot
    policy_version INTEGER,             -- which privacy policy they agreed to; until they block the bot
    agreed_at      INTEGER,             -- when they agreed (Unix time, UTC); until they block the bot
    hinted         INTEGER NOT NULL DEFAULT 0 -- whether we said how to send a photo as a file; until they block the bot
) STRICT;

CREATE TABLE inbox (
    update_id   INTEGER PRIMARY KEY, -- to handle each update once; two days
    received_at INTEGER NOT NULL,    -- to know when the two days end (Unix time, UTC); two days
    attempts    INTEGER NOT NULL DEFAULT 0, -- so that an update that crashes us is not tried for ever; two days
    body        TEXT                 -- the update, so that a crash loses nothing; blanked when handled
) STRICT;
CREATE INDEX inbox_unhandled ON inbox (update_id) WHERE body IS NOT NULL;

CREATE TABLE messages (
    chat_id    INTEGER NOT NULL, -- where "Wipe this chat" deletes; 48 hours
    message_id INTEGER NOT NULL, -- what it deletes: a number, no content; 48 hours
    sent_at    INTEGER NOT NULL, -- to know when the 48 hours end (Unix time, UTC); 48 hours
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    day      TEXT NOT NULL,    -- usage in aggregate, without ids; kept; seen by operators
    name     TEXT NOT NULL,    -- what was counted, of a closed set; kept; seen by operators
    tool     TEXT NOT NULL,    -- with which tool; kept; seen by operators
    outcome  TEXT NOT NULL,    -- how it ended; kept; seen by operators
    language TEXT NOT NULL,    -- in which language; kept; seen by operators
    count    INTEGER NOT NULL, -- how often; kept; seen by operators
    PRIMARY KEY (day, name, tool, outcome, language)
) STRICT, WITHOUT ROWID;
