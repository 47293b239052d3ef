PRAGMA user_version = 10;
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
CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY, -- random: what ledger and orders know a person by; kept
    user_id INTEGER UNIQUE       -- whose account it is, for credits and refunds; until /forget; seen by operators, where a payment belongs to no order
) STRICT;
CREATE TABLE ledger (
    id        INTEGER PRIMARY KEY, -- the order of entries; kept
    account   INTEGER NOT NULL REFERENCES accounts (id), -- whose credits; kept
    day       TEXT NOT NULL,       -- when, no closer than the day (UTC); kept
    kind      TEXT NOT NULL,       -- what happened, of a closed set; kept
    credits   INTEGER NOT NULL,    -- how many came (+) or went (-); kept; seen by operators, as a sum, when they grant or refund
    reference TEXT NOT NULL,       -- which order, or which job by a random word, so that each counts once; kept
    UNIQUE (reference, kind),
    CHECK (CASE kind
        WHEN 'newcomer' THEN credits > 0
        WHEN 'grant'    THEN credits <> 0
        WHEN 'purchase' THEN credits > 0
        WHEN 'hold'     THEN credits < 0
        WHEN 'settle'   THEN credits = 0
        WHEN 'release'  THEN credits > 0
        WHEN 'refund'   THEN credits <= 0
        ELSE 0 END)
) STRICT;
CREATE TABLE holds (
    update_id INTEGER PRIMARY KEY, -- the tap whose job it is, so that a crash takes them once; until the job ends
    account   INTEGER NOT NULL REFERENCES accounts (id), -- whose credits; until the job ends
    reference TEXT NOT NULL,       -- the hold in the ledger; until the job ends
    credits   INTEGER NOT NULL     -- how many; until the job ends
) STRICT;
CREATE TABLE facts (
    name  TEXT PRIMARY KEY, -- of a closed set: first start, how far Telegram's list of payments was read ...; kept
    value INTEGER NOT NULL  -- a number or a Unix time about the service, not about people; kept
) STRICT, WITHOUT ROWID;
CREATE TABLE tickets (
    number    INTEGER PRIMARY KEY, -- what people and operators call it by; until /forget; seen by operators
    user_id   INTEGER NOT NULL,    -- whom to answer; until /forget; seen by operators
    language  TEXT NOT NULL,       -- in which language; until /forget; seen by operators
    subject   TEXT NOT NULL,       -- what it is about: photo, payment, privacy, other; until /forget; seen by operators
    about     TEXT NOT NULL,       -- an order's number, or a job's tool and how it ended; until /forget; seen by operators
    about_at  INTEGER,             -- when that job ended (Unix time, UTC); until /forget; seen by operators
    chat_id   INTEGER,             -- which group of operators has its topic; until /forget
    thread_id INTEGER,             -- its topic there; until /forget
    card_id   INTEGER,             -- the topic's first message, so that there is one; until /forget
    titled_closed INTEGER NOT NULL DEFAULT 0, -- whether the topic's name says that it is closed; until /forget
    opened_at INTEGER NOT NULL,    -- to know how long an answer took (Unix time, UTC); until /forget
    closed_at INTEGER,             -- when it was closed, and KEEP_CLOSED_TICKETS_DAYS begin (Unix time, UTC); until /forget; seen by operators
    blocked   INTEGER NOT NULL DEFAULT 0, -- whether an answer found the bot blocked; until /forget; seen by operators
    CHECK (subject IN ('photo', 'payment', 'privacy', 'other'))
) STRICT;
CREATE TABLE ticket_messages (
    id         INTEGER PRIMARY KEY, -- the order of messages; until /forget
    ticket     INTEGER NOT NULL REFERENCES tickets (number), -- which ticket it belongs to; until /forget
    author     TEXT NOT NULL,       -- person, operator, note (stays in the topic), notice, remark (see below); until /forget; seen by operators
    words      TEXT NOT NULL,       -- what was written, so that a deleted topic heals; until /forget; seen by operators
    attached   INTEGER NOT NULL,    -- whether it is a file, which is copied between the chats and not kept here; until /forget; seen by operators
    answers    INTEGER REFERENCES ticket_messages (id), -- which other message it replies to; until /forget; seen by operators
    person_id  INTEGER,             -- its message in the person's chat, for edits and replies; until /forget
    topic_id   INTEGER,             -- its message in the topic, for edits and replies; until /forget
    receipt_id INTEGER,             -- the message that told the person its ticket's number, for replies; until /forget
    edited     INTEGER NOT NULL DEFAULT 0, -- changed, and the other side has it as it was: 1 where a change in place does, else 2; until /forget
    sent_at    INTEGER NOT NULL,    -- when it was written (Unix time, UTC); until /forget
    -- A notice is the bot's to the person, a remark the bot's to the operators.
    CHECK (author IN ('person', 'operator', 'note', 'notice', 'remark'))
) STRICT;
CREATE TABLE drafts (
    user_id    INTEGER PRIMARY KEY, -- whose next messages are for the operators; until sent, cancelled, or an hour
    subject    TEXT NOT NULL,       -- what it is about: photo, payment, privacy, other; as long as the draft
    about      TEXT NOT NULL,       -- an order's number, or a job's tool and how it ended; as long as the draft
    about_at   INTEGER,             -- when that job ended (Unix time, UTC); as long as the draft
    ticket     INTEGER REFERENCES tickets (number), -- which ticket it goes on with, if it is no new one; as long as the draft
    answers    INTEGER REFERENCES ticket_messages (id), -- which message of it it replies to; as long as the draft
    prompt_id  INTEGER NOT NULL,    -- the message with its buttons; as long as the draft
    changed_at INTEGER NOT NULL     -- to know when the hour ends (Unix time, UTC); as long as the draft
) STRICT;
CREATE TABLE draft_messages (
    user_id    INTEGER NOT NULL REFERENCES drafts (user_id) ON DELETE CASCADE, -- whose draft; as long as the draft
    message_id INTEGER NOT NULL, -- what they wrote or attached: the message in their chat; as long as the draft
    words      TEXT NOT NULL,    -- what it says, to show it once more; as long as the draft
    attached   INTEGER NOT NULL, -- whether it is a file, to warn that operators will see it; as long as the draft
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE bans (
    user_id   INTEGER PRIMARY KEY, -- whose photos, payments and requests are refused; until unbanned; seen by operators
    banned_at INTEGER NOT NULL     -- since when (Unix time, UTC); until unbanned
) STRICT;
CREATE TABLE album_photos (
    chat_id    INTEGER NOT NULL, -- where the album is; one hour
    album      TEXT NOT NULL,    -- Telegram's number of it, to know what belongs together; one hour
    message_id INTEGER NOT NULL, -- which message of it; one hour
    file_id    TEXT,             -- where Telegram has the photo, to fetch it when a tool is chosen; one hour
    size       INTEGER NOT NULL, -- its bytes, as Telegram says; one hour
    name       TEXT,             -- what the result is called after; one hour
    compressed INTEGER NOT NULL, -- whether it was sent as a photo, to say once what that costs; one hour
    menu_id    INTEGER,          -- the message with the menu, so that there is one; one hour
    arrived_at REAL NOT NULL,    -- to know when it is complete, and when the hour ends (Unix time, UTC); one hour
    PRIMARY KEY (chat_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE wishes (
    user_id    INTEGER PRIMARY KEY, -- whose next message it is; until it comes, or 15 minutes
    kind       TEXT NOT NULL,       -- what was asked for: colour, photo; until it comes, or 15 minutes
    tool       TEXT NOT NULL,       -- which tool waits for it; until it comes, or 15 minutes
    file_id    TEXT NOT NULL,       -- where Telegram has the photo with the subject; until it comes, or 15 minutes
    size       INTEGER NOT NULL,    -- its bytes, as Telegram says; until it comes, or 15 minutes
    name       TEXT,                -- what the result is called after; until it comes, or 15 minutes
    compressed INTEGER NOT NULL,    -- whether it was sent as a photo; until it comes, or 15 minutes
    message_id INTEGER NOT NULL,    -- which message the result replies to; until it comes, or 15 minutes
    prompt_id  INTEGER NOT NULL,    -- the message that asks; until it comes, or 15 minutes
    update_id  INTEGER,             -- what came, so that a crash loses nothing and nothing is taken twice; until the job ends
    asked_at   INTEGER NOT NULL,    -- to know when the 15 minutes end (Unix time, UTC); until it comes, or 15 minutes
    CHECK (kind IN ('colour', 'photo'))
) STRICT;
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
CREATE TABLE canned (
    name  TEXT PRIMARY KEY, -- what operators call it by; until they remove it; seen by operators
    words TEXT NOT NULL     -- what it says; until they remove it; seen by operators
) STRICT, WITHOUT ROWID;
CREATE TABLE refund_paths (
    account INTEGER PRIMARY KEY REFERENCES accounts (id), -- whose orders these were; until none of them can be refunded any more
    user_id INTEGER NOT NULL -- Telegram gives Stars back to this number alone; until none of them can be refunded any more
) STRICT;
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
CREATE TABLE orders (
    id            TEXT PRIMARY KEY, -- the number that people see; kept if paid, else 7 days; seen by the lab, and by operators in a ticket about a payment
    account       INTEGER NOT NULL REFERENCES accounts (id), -- who may pay it; kept if paid, else 7 days
    state         TEXT NOT NULL,    -- where it stands, see below; kept if paid, else 7 days; seen by the lab, and by operators in a ticket about a payment
    product       TEXT NOT NULL,    -- what was sold: credits, photo, print, unknown; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    credits       INTEGER NOT NULL, -- how many it is worth; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    amount        INTEGER NOT NULL, -- the price in the currency's smallest unit; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    currency      TEXT NOT NULL,    -- XTR: Telegram Stars, else a card's; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    language      TEXT NOT NULL,    -- in which we write about it; kept if paid, else 7 days
    terms_version INTEGER,          -- which terms they saw; kept if paid, else 7 days; seen by operators, where a bank disputes the payment
    consented_at  INTEGER,          -- when they asked for it at once (Unix time, UTC); kept if paid, else 7 days; seen by operators, where a bank disputes the payment
    opened_at     INTEGER NOT NULL, -- to know when an unpaid one ends (Unix time, UTC); kept if paid, else 7 days; seen by operators, in a ticket about a payment
    checkout_at   INTEGER,          -- when a payment began, so that there are not two; kept if paid, else 7 days
    paid_at       INTEGER,          -- for the receipt and the 14 days (Unix time, UTC); kept; seen by operators, in a ticket about a payment
    ended_at      INTEGER,          -- when it was delivered or refunded (Unix time, UTC); kept; seen by operators, in a ticket about a payment
    charge_id     TEXT UNIQUE,      -- Telegram's number of the payment, for refunds; kept
    provider_id   TEXT UNIQUE,      -- the card company's number of the payment, for refunds; kept
    shipping      INTEGER NOT NULL DEFAULT 0, -- what of the price is for posting it; kept if paid, else 7 days
    to_return     INTEGER NOT NULL DEFAULT 0, -- how much of the price shall be back in all; kept
    returned      INTEGER NOT NULL DEFAULT 0, -- how much of it is; kept; seen by operators, in a ticket about a payment
    dispute       TEXT,             -- whether the bank warns of fraud (warned) or asks the money back (open, won, lost); kept; seen by operators, in a ticket about a payment
    reason        TEXT,             -- why it was refunded, of a closed set; kept
    tool          TEXT,             -- what is done with the photo; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    prints        TEXT,             -- which prints: format, cut, paper, copies; kept if paid, else 7 days; seen by the lab, and by operators in a ticket about a payment
    task          TEXT,             -- the photo's place in the chat, so that a crash loses nothing; blanked at the end
    progress_id   INTEGER,          -- the message that tells how it goes; blanked at the end
    refused_at    INTEGER,          -- when the refund was refused, to tell the operators once (Unix time, UTC); kept
    tries         INTEGER NOT NULL DEFAULT 0, -- how often delivery or refund failed; kept
    next_at       INTEGER NOT NULL DEFAULT 0, -- when to try again (Unix time, UTC); kept
    CHECK (state IN ('open', 'invoiced', 'paid', 'delivering', 'sent', 'printed', 'posted', 'delivered', 'returned',
        'refunding', 'refunded', 'expired')),
    CHECK (product IN ('credits', 'photo', 'print', 'unknown')),
    CHECK ((product = 'print') = (prints IS NOT NULL)),
    CHECK (product = 'print' OR state NOT IN ('sent', 'printed', 'posted', 'returned') AND shipping = 0),
    CHECK (amount > 0 AND shipping BETWEEN 0 AND amount AND to_return BETWEEN 0 AND amount),
    CHECK (returned BETWEEN 0 AND to_return),
    CHECK (dispute IN ('warned', 'open', 'won', 'lost')),
    CHECK (charge_id IS NOT NULL OR state IN ('open', 'invoiced', 'expired')),
    CHECK (task IS NULL OR state IN ('open', 'invoiced', 'paid', 'delivering'))
) STRICT, WITHOUT ROWID;
CREATE TABLE shipments (
    number     TEXT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE, -- which order it is; half a year after its end, or its last news; seen by the lab and operators
    address    TEXT,             -- name and address, sealed: only the lab can open it; until the lab has it
    email      TEXT,             -- where its news goes, from the payment's form; until three days after its end, or half a year after its last news; seen by the mail server
    zone       TEXT NOT NULL,    -- how far it goes, as the lab must know; half a year after its end, or its last news; seen by the lab
    lab_id     INTEGER,          -- the message in the lab's chat, to remind; half a year after its end, or its last news
    carrier    TEXT,             -- who carries it, for the link; half a year after its end, or its last news; seen by the lab and operators
    tracking   TEXT,             -- its number there, to follow it, and for a bank that asks; half a year after its end, or its last news; seen by the lab and operators
    changed_at INTEGER NOT NULL, -- since when it stands as it does (Unix time, UTC); half a year after its end, or its last news; seen by the lab and operators
    reminded   INTEGER NOT NULL DEFAULT 0 -- who was told that it is late: 1 the lab, 2 the operators, too; or that it is cancelled: -1 the lab will be; half a year after its end, or its last news
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    user_id    INTEGER NOT NULL, -- to whom; until sent, at most three days
    kind       TEXT NOT NULL,    -- which mail: code, paid, sent ... refunded, answer; until sent, at most three days
    about      TEXT NOT NULL,    -- which order, or which message of a ticket; until sent, at most three days
    language   TEXT NOT NULL,    -- in which language; until sent, at most three days
    message_id TEXT NOT NULL,    -- the mail's own number, the same at each try; until sent, at most three days
    at         INTEGER NOT NULL, -- when it happened (Unix time, UTC); until sent, at most three days
    tries      INTEGER NOT NULL DEFAULT 0, -- how often sending failed; until sent, at most three days
    next_at    INTEGER NOT NULL DEFAULT 0, -- when to try again (Unix time, UTC); until sent, at most three days
    PRIMARY KEY (user_id, kind, about),
    CHECK (kind IN ('code', 'paid', 'sent', 'printed', 'posted', 'delivered', 'returned', 'withdrawn', 'refunded-part',
        'refunded', 'answer'))
) STRICT, WITHOUT ROWID;
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY, -- Stripe's number of something that happened to a payment, once our books agree with it; 30 days
    at INTEGER NOT NULL  -- when that was (Unix time, UTC), so that it can be forgotten; 30 days
) STRICT, WITHOUT ROWID;
INSERT INTO people VALUES (1002, 'en', 5, 1796058775, 0);
INSERT INTO inbox VALUES (100010, 1796058775, 0, NULL);
INSERT INTO inbox VALUES (100011, 1796058775, 0, NULL);
INSERT INTO inbox VALUES (100012, 1796058775, 0, NULL);
INSERT INTO inbox VALUES (100013, 1796058775, 0, NULL);
INSERT INTO inbox VALUES (100014, 1796058775, 0, NULL);
INSERT INTO inbox VALUES (100015, 1796058776, 0, NULL);
INSERT INTO inbox VALUES (100016, 1796058776, 0, NULL);
INSERT INTO inbox VALUES (100017, 1796058776, 0, NULL);
INSERT INTO inbox VALUES (100018, 1796058777, 0, NULL);
INSERT INTO inbox VALUES (100019, 1796058777, 0, NULL);
INSERT INTO inbox VALUES (100020, 1796058777, 0, NULL);
INSERT INTO messages VALUES (1002, 1, 1796058775);
INSERT INTO messages VALUES (1002, 10, 1796058775);
INSERT INTO messages VALUES (1002, 11, 1796058775);
INSERT INTO messages VALUES (1002, 12, 1796058775);
INSERT INTO messages VALUES (1002, 13, 1796058775);
INSERT INTO messages VALUES (1002, 14, 1796058775);
INSERT INTO messages VALUES (1002, 15, 1796058775);
INSERT INTO messages VALUES (1002, 16, 1796058776);
INSERT INTO messages VALUES (1002, 17, 1796058776);
INSERT INTO messages VALUES (1002, 18, 1796058776);
INSERT INTO messages VALUES (1002, 19, 1796058777);
INSERT INTO counters VALUES ('2026-11-30', 'consent', '', 'given', 'en', 1);
INSERT INTO counters VALUES ('2026-11-30', 'job', 'clean', 'delivered', 'en', 1);
INSERT INTO counters VALUES ('2026-11-30', 'order', 'credits', 'opened', 'en', 2);
INSERT INTO counters VALUES ('2026-11-30', 'order', 'credits', 'paid', 'en', 1);
INSERT INTO counters VALUES ('2026-11-30', 'stars', 'credits', 'paid', 'en', 100);
INSERT INTO counters VALUES ('2026-11-30', 'ticket', '', 'opened', 'en', 1);
INSERT INTO accounts VALUES (77, NULL);
INSERT INTO accounts VALUES (6135557377663969, 1002);
INSERT INTO ledger VALUES (1, 6135557377663969, '2026-11-30', 'newcomer', 3, 'fa46c40e05f8c888');
INSERT INTO ledger VALUES (2, 6135557377663969, '2026-11-30', 'purchase', 10, 'HZGGV3ZE');
INSERT INTO holds VALUES (1, 6135557377663969, 'x', 1);
INSERT INTO facts VALUES ('first_start', 1796058765);
INSERT INTO tickets VALUES (1, 1002, 'en', 'other', '', NULL, -1000000000001, 1, 2, 0, 1796058776, NULL, 0);
INSERT INTO ticket_messages VALUES (1, 1, 'person', 'Help me', 0, NULL, 15, 3, 16, 0, 1796058776);
INSERT INTO drafts VALUES (1002, 'other', '', NULL, NULL, NULL, 28, 1796058777);
INSERT INTO draft_messages VALUES (1002, 27, 'A draft', 0);
INSERT INTO bans VALUES (1002, 1);
INSERT INTO album_photos VALUES (1002, '1', 17, 'BQACAgIAAxkrVMOeE79GCyH5hVF_kAf1eM5hkeGAhXRHLtcV7k7_RujDWW', 3, 'photo0.jpg', 0, 19, 1796058776.0496488);
INSERT INTO album_photos VALUES (1002, '1', 18, 'BQACAgIAAxsCEkTQxBY4dqnjkfMawq76HuY8dTldqY5-OTeYsbOHGVrOR9', 3, 'photo1.jpg', 0, 19, 1796058776.0496488);
INSERT INTO wishes VALUES (1002, 'colour', 'cutout', 'BQACAgIAAxkrVMOeE79GCyH5hVF_kAf1eM5hkeGAhXRHLtcV7k7_RujDWW', 3, 'photo0.jpg', 0, 17, 19, NULL, 1796058777);
INSERT INTO addresses VALUES (1002, '1002@example.org', 1, NULL, NULL, 0, NULL);
INSERT INTO confirmations VALUES (1002, '', 'en', 'new-1002@example.org', 'grain', 'hashed', NULL, 0, 1796058775);
INSERT INTO codes_sent VALUES (1, 'b47d1286f8407296d870eefb34c5e6e2abaea50595c1a1a2941041cc5fde7c20', 1796058775);
INSERT INTO refund_paths VALUES (77, 1002);
INSERT INTO forgotten VALUES ('b47d1286f8407296d870eefb34c5e6e2abaea50595c1a1a2941041cc5fde7c20', 1, NULL);
INSERT INTO orders VALUES ('HZGGV3ZE', 6135557377663969, 'delivered', 'credits', 10, 100, 'XTR', 'en', 2, 1796058775, 1796058775, 1796058775, 1796058775, 1796058775, 'stxVHnFFjtau7EoHPkhh48P-ljV080pH4MV', NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0);
INSERT INTO orders VALUES ('KD26Q3Y3', 6135557377663969, 'invoiced', 'credits', 50, 400, 'XTR', 'en', 2, 1796058775, 1796058775, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0);
INSERT INTO shipments VALUES ('HZGGV3ZE', NULL, '1002@example.org', 'home', NULL, NULL, 'ABC1', 0, 0);
INSERT INTO outbox VALUES (1002, 'paid', 'X', 'en', 'm', 1796058775, 0, 0);
CREATE INDEX inbox_unhandled ON inbox (update_id) WHERE body IS NOT NULL;
CREATE INDEX ledger_account ON ledger (account);
CREATE UNIQUE INDEX ledger_one_welcome ON ledger (account) WHERE kind = 'newcomer';
CREATE UNIQUE INDEX ledger_one_end ON ledger (reference) WHERE kind IN ('settle', 'release');
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is not changed'); END;
CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is not cut'); END;
CREATE INDEX tickets_of ON tickets (user_id);
CREATE INDEX tickets_topic ON tickets (chat_id, thread_id);
CREATE INDEX ticket_messages_of ON ticket_messages (ticket);
CREATE INDEX ticket_messages_person ON ticket_messages (person_id);
CREATE INDEX ticket_messages_receipt ON ticket_messages (receipt_id);
CREATE INDEX album_photos_of ON album_photos (chat_id, album);
CREATE INDEX codes_sent_to ON codes_sent (mark);
CREATE INDEX refund_paths_of ON refund_paths (user_id);
CREATE INDEX orders_account ON orders (account);
CREATE INDEX orders_under_way ON orders (next_at) WHERE state IN ('paid', 'delivering', 'refunding') OR returned < to_return;
CREATE TRIGGER orders_go_step_by_step BEFORE UPDATE OF state ON orders
WHEN OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN (
    'open invoiced', 'open expired', 'invoiced expired',
    'open paid', 'invoiced paid', 'expired paid', -- a payment counts, however late we hear of it
    'paid delivering', 'paid delivered', 'delivering delivered',
    'delivering sent', 'sent printed', 'sent posted', 'printed posted', -- at the lab, and on its way
    'posted delivered', 'posted returned', 'delivered returned', 'returned posted',
    'paid refunding', 'delivering refunding', 'sent refunding', 'printed refunding', 'posted refunding',
    'delivered refunding', 'returned refunding',
    'paid refunded', 'delivering refunded', 'sent refunded', 'printed refunded', 'posted refunded',
    'delivered refunded', 'returned refunded', -- Telegram, the bank or the card company did it
    'refunding refunded',
    'refunded refunding') -- a bank sent the money back
BEGIN SELECT RAISE(ABORT, 'an order cannot take this step'); END;
CREATE INDEX outbox_due ON outbox (next_at);