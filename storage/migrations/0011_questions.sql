-- Which questions a person has open, in the order in which they were asked. What was asked stands in tables of its own:
-- wishes, confirmations, drafts, tickets. Triggers keep this order, so that no code that asks can forget to note it.
CREATE TABLE questions (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of questions; as long as the question
    user_id INTEGER NOT NULL,                  -- who was asked; as long as the question
    kind    TEXT NOT NULL,                     -- picture, email, draft, ticket: what the next message may answer; as long as the question
    UNIQUE (user_id, kind),
    CHECK (kind IN ('picture', 'email', 'draft', 'ticket'))
) STRICT;

-- A menu of settings may be answered in words, too.
ALTER TABLE wishes RENAME TO wishes_before;
CREATE TABLE wishes (
    user_id    INTEGER NOT NULL,    -- whose next message it is; until it comes, or 15 minutes
    kind       TEXT NOT NULL,       -- what was asked for: setting, colour, photo; until it comes, or 15 minutes
    tool       TEXT NOT NULL,       -- which tool waits for it; until it comes, or 15 minutes
    file_id    TEXT NOT NULL,       -- where Telegram has the photo with the subject; until it comes, or 15 minutes
    size       INTEGER NOT NULL,    -- its bytes, as Telegram says; until it comes, or 15 minutes
    name       TEXT,                -- what the result is called after; until it comes, or 15 minutes
    compressed INTEGER NOT NULL,    -- whether it was sent as a photo; until it comes, or 15 minutes
    message_id INTEGER NOT NULL,    -- which message the result replies to; until it comes, or 15 minutes
    prompt_id  INTEGER NOT NULL,    -- the message that asks; until it comes, or 15 minutes
    update_id  INTEGER,             -- what came, so that a crash loses nothing and nothing is taken twice; until the job ends
    asked_at   INTEGER NOT NULL,    -- to know when the 15 minutes end (Unix time, UTC); until it comes, or 15 minutes
    CHECK (kind IN ('setting', 'colour', 'photo'))
) STRICT;
-- One question at a time; what was answered stays beside it, until its job ends.
CREATE UNIQUE INDEX wishes_open ON wishes (user_id) WHERE update_id IS NULL;
CREATE UNIQUE INDEX wishes_answered ON wishes (update_id) WHERE update_id IS NOT NULL;
INSERT INTO wishes SELECT * FROM wishes_before;
DROP TABLE wishes_before;

-- What is open by now, oldest first.
INSERT INTO questions (user_id, kind)
SELECT user_id, kind FROM (
    SELECT user_id, 'picture' AS kind, asked_at AS at FROM wishes
    UNION ALL SELECT user_id, 'email', changed_at FROM confirmations
    UNION ALL SELECT user_id, 'draft', changed_at FROM drafts
    UNION ALL SELECT user_id, 'ticket', max(opened_at) FROM tickets WHERE closed_at IS NULL GROUP BY user_id
) ORDER BY at;

CREATE TRIGGER picture_asked AFTER INSERT ON wishes BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'picture';
    INSERT INTO questions (user_id, kind) VALUES (NEW.user_id, 'picture');
END;
CREATE TRIGGER picture_dropped AFTER DELETE ON wishes
WHEN NOT EXISTS (SELECT 1 FROM wishes WHERE user_id = OLD.user_id) BEGIN
    DELETE FROM questions WHERE user_id = OLD.user_id AND kind = 'picture';
END;
CREATE TRIGGER email_asked AFTER INSERT ON confirmations BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'email';
    INSERT INTO questions (user_id, kind) VALUES (NEW.user_id, 'email');
END;
CREATE TRIGGER email_code_asked AFTER UPDATE OF address ON confirmations BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'email';
    INSERT INTO questions (user_id, kind) VALUES (NEW.user_id, 'email');
END;
CREATE TRIGGER email_dropped AFTER DELETE ON confirmations BEGIN
    DELETE FROM questions WHERE user_id = OLD.user_id AND kind = 'email';
END;
CREATE TRIGGER draft_asked AFTER INSERT ON drafts BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'draft';
    INSERT INTO questions (user_id, kind) VALUES (NEW.user_id, 'draft');
END;
CREATE TRIGGER draft_dropped AFTER DELETE ON drafts BEGIN
    DELETE FROM questions WHERE user_id = OLD.user_id AND kind = 'draft';
END;
-- An answer of the operators asks, too: what is written next is for them.
CREATE TRIGGER ticket_asked AFTER INSERT ON ticket_messages WHEN NEW.author IN ('person', 'operator') BEGIN
    DELETE FROM questions WHERE kind = 'ticket' AND user_id = (SELECT user_id FROM tickets WHERE number = NEW.ticket);
    INSERT INTO questions (user_id, kind) SELECT user_id, 'ticket' FROM tickets WHERE number = NEW.ticket;
END;
CREATE TRIGGER ticket_closed AFTER UPDATE OF closed_at ON tickets
WHEN NEW.closed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM tickets WHERE user_id = NEW.user_id AND closed_at IS NULL) BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'ticket';
END;
CREATE TRIGGER ticket_opened_again AFTER UPDATE OF closed_at ON tickets
WHEN OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL BEGIN
    DELETE FROM questions WHERE user_id = NEW.user_id AND kind = 'ticket';
    INSERT INTO questions (user_id, kind) VALUES (NEW.user_id, 'ticket');
END;
CREATE TRIGGER ticket_dropped AFTER DELETE ON tickets
WHEN NOT EXISTS (SELECT 1 FROM tickets WHERE user_id = OLD.user_id AND closed_at IS NULL) BEGIN
    DELETE FROM questions WHERE user_id = OLD.user_id AND kind = 'ticket';
END;
