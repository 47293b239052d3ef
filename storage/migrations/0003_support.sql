-- Requests for help. Operators see a ticket's number, subject and words; their group knows nobody's name.
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
CREATE INDEX tickets_of ON tickets (user_id);
CREATE INDEX tickets_topic ON tickets (chat_id, thread_id);

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
CREATE INDEX ticket_messages_of ON ticket_messages (ticket);
CREATE INDEX ticket_messages_person ON ticket_messages (person_id);
CREATE INDEX ticket_messages_receipt ON ticket_messages (receipt_id);

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
