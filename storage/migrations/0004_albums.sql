-- Albums come as separate messages that only share a number; a menu under the first one is for all of them.
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
CREATE INDEX album_photos_of ON album_photos (chat_id, album);
