-- Requests for help. Operators see a ticket's number, subject and words; their group knows nobody's name.
CREATE TABLE drafts (
    user_id    INTEGER PRIMARY KEY, -- whose next message is for the operators; until sent, cancelled, or an hour
    subject    TEXT NOT NULL,       -- what it is about: photo, payment, privacy, other; as long as the draft
    about      TEXT NOT NULL,       -- an order's number, or tool and kind of error; as long as the draft
    prompt_id  INTEGER NOT NULL,    -- the message with its buttons; as long as the draft
    words      TEXT NOT NULL,       -- what they wrote so far, to show it once more; as long as the draft
    message_id INTEGER,             -- the message that they attached a file with; as long as the draft
    changed_at INTEGER NOT NULL     -- to know when the hour ends (Unix time, UTC); as long as the draft
) STRICT;

CREATE TABLE tickets (
    number    INTEGER PRIMARY KEY, -- what people and operators call it by; kept
    user_id   INTEGER NOT NULL,    -- whom to answer; kept
    language  TEXT NOT NULL,       -- in which language; kept
    subject   TEXT NOT NULL,       -- what it is about: photo, payment, privacy, other; kept
    about     TEXT NOT NULL,       -- an order's number, or tool and kind of error; kept
    thread_id INTEGER,             -- its topic in the operators' group; kept
    opened_at INTEGER NOT NULL,    -- to know how long an answer took (Unix time, UTC); kept
    closed_at INTEGER,             -- when it was closed (Unix time, UTC); kept
    blocked   INTEGER NOT NULL DEFAULT 0 -- whether an answer found the bot blocked; kept
) STRICT;
CREATE INDEX tickets_of ON tickets (user_id);
CREATE INDEX tickets_topic ON tickets (thread_id);

CREATE TABLE ticket_messages (
    id        INTEGER PRIMARY KEY, -- the order of messages; kept
    ticket    INTEGER NOT NULL REFERENCES tickets (number), -- which ticket it belongs to; kept
    author    TEXT NOT NULL CHECK (author IN ('person', 'operator', 'note')), -- who wrote it; kept
    words     TEXT NOT NULL,       -- what was written, so that a deleted topic heals; kept
    attached  INTEGER NOT NULL DEFAULT 0, -- whether it is a file, which is copied in the chats and not kept here; kept
    person_id INTEGER,             -- its message in the person's chat, for edits and replies; kept
    topic_id  INTEGER,             -- its message in the topic, for edits and replies; kept
    sent_at   INTEGER NOT NULL,    -- when it was written (Unix time, UTC); kept
    tries     INTEGER NOT NULL DEFAULT 0, -- how often it failed to be brought over; kept
    CHECK (person_id IS NOT NULL OR topic_id IS NOT NULL)
) STRICT;
CREATE INDEX ticket_messages_person ON ticket_messages (person_id);
CREATE INDEX ticket_messages_topic ON ticket_messages (topic_id);

CREATE TABLE bans (
    user_id   INTEGER PRIMARY KEY, -- whose photos and payments are refused; until unbanned
    banned_at INTEGER NOT NULL     -- since when (Unix time, UTC); until unbanned
) STRICT;
