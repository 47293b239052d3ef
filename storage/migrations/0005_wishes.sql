-- What a person was asked for to go behind a subject: a colour, or another photo.
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
