-- E-mail: where receipts go, how an address is confirmed, and what is still to be sent.
CREATE TABLE addresses (
    user_id      INTEGER PRIMARY KEY, -- whose address it is; until removed
    address      TEXT,                -- where receipts go; until removed, or as many days unused as KEEP_EMAIL_DAYS says; seen by the mail server
    confirmed_at INTEGER,             -- when its code was typed (Unix time, UTC); as long as the address
    used_at      INTEGER,             -- when it was confirmed or last written to (Unix time, UTC); as long as the address
    failed_at    INTEGER,             -- when its server refused it for good, so that it is not tried again; as long as the address
    declined     INTEGER NOT NULL DEFAULT 0, -- that they want no receipts by mail, so as not to ask at each purchase; until they give an address
    copies       INTEGER,             -- whether answers to /support come by mail, too; until removed
    CHECK (address IS NULL OR confirmed_at IS NOT NULL)
) STRICT;

CREATE TABLE confirmations (
    user_id    INTEGER PRIMARY KEY, -- who was asked for an address; until confirmed, or 24 hours
    about      TEXT NOT NULL,       -- what goes on then: an order's number, copies, or nothing; until confirmed, or 24 hours
    language   TEXT NOT NULL,       -- in which language the code is sent; until confirmed, or 24 hours
    address    TEXT,                -- what they typed, to which the code goes; until confirmed, or 24 hours; seen by the mail server
    salt       TEXT,                -- so that the code cannot be read here; until confirmed, or 24 hours
    code       TEXT,                -- a salted hash of the six digits; until confirmed, or 24 hours
    expires_at INTEGER,             -- 15 minutes after the code was sent (Unix time, UTC); until confirmed, or 24 hours
    tries      INTEGER NOT NULL DEFAULT 0, -- how often a code was typed; until confirmed, or 24 hours
    changed_at INTEGER NOT NULL     -- to know when the 24 hours end (Unix time, UTC); until confirmed, or 24 hours
) STRICT;

CREATE TABLE codes_sent (
    id      INTEGER PRIMARY KEY, -- one code; one day
    mark    TEXT NOT NULL,       -- a keyed hash of the person, or of the address: nobody is flooded with codes; one day
    sent_at INTEGER NOT NULL     -- to know when the day ends (Unix time, UTC); one day
) STRICT;
CREATE INDEX codes_sent_to ON codes_sent (mark);

-- The address is read when a mail is sent, and so is what it says: neither is here.
CREATE TABLE outbox (
    user_id    INTEGER NOT NULL, -- to whom; until sent, at most three days
    kind       TEXT NOT NULL,    -- which mail: code, paid, withdrawn, refunded, answer; until sent, at most three days
    about      TEXT NOT NULL,    -- which order, or which message of a ticket; until sent, at most three days
    language   TEXT NOT NULL,    -- in which language; until sent, at most three days
    message_id TEXT NOT NULL,    -- the mail's own number, the same at each try; until sent, at most three days
    at         INTEGER NOT NULL, -- when it happened (Unix time, UTC); until sent, at most three days
    tries      INTEGER NOT NULL DEFAULT 0, -- how often sending failed; until sent, at most three days
    next_at    INTEGER NOT NULL DEFAULT 0, -- when to try again (Unix time, UTC); until sent, at most three days
    PRIMARY KEY (user_id, kind, about),
    CHECK (kind IN ('code', 'paid', 'withdrawn', 'refunded', 'answer'))
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (next_at);

-- Answers that operators write often.
CREATE TABLE canned (
    name  TEXT PRIMARY KEY, -- what operators call it by; until they remove it; seen by operators
    words TEXT NOT NULL     -- what it says; until they remove it; seen by operators
) STRICT, WITHOUT ROWID;
