-- What the lab said of its orders, so that a wrong step can be taken back; people are told so by mail, too.
CREATE TABLE parcel_steps (
    id         INTEGER PRIMARY KEY, -- in which order the lab said so; half a year after the order's end, or its last news; seen by the lab
    number     TEXT NOT NULL REFERENCES shipments (number) ON DELETE CASCADE, -- of which order; half a year after its end, or its last news; seen by the lab
    state      TEXT NOT NULL,       -- what the lab said: printed, posted, delivered, returned; half a year after the order's end, or its last news
    before     TEXT NOT NULL,       -- how far it was before that, to go back there; half a year after the order's end, or its last news
    carrier    TEXT,                -- who carried it before that; half a year after the order's end, or its last news
    tracking   TEXT,                -- its number there before that; half a year after the order's end, or its last news
    to_return  INTEGER NOT NULL,    -- how much was to be back then: after a refund nothing is taken back; half a year after the order's end, or its last news
    message_id INTEGER,             -- the lab's message that said so, to know an edit of it; half a year after the order's end, or its last news
    undone_by  INTEGER              -- the message that took it back; half a year after the order's end, or its last news
) STRICT;
CREATE INDEX parcel_steps_number ON parcel_steps (number);

DROP TRIGGER orders_go_step_by_step;
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
AND NOT EXISTS ( -- the lab takes its step back
    SELECT 1 FROM parcel_steps
    WHERE number = OLD.id AND state = OLD.state AND before = NEW.state AND undone_by IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'an order cannot take this step'); END;

ALTER TABLE outbox RENAME TO outbox_before;
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
    CHECK (kind IN ('code', 'paid', 'sent', 'printed', 'posted', 'delivered', 'returned', 'corrected', 'withdrawn',
        'refunded-part', 'refunded', 'answer'))
) STRICT, WITHOUT ROWID;
INSERT INTO outbox SELECT user_id, kind, about, language, message_id, at, tries, next_at FROM outbox_before;
DROP TABLE outbox_before;
CREATE INDEX outbox_due ON outbox (next_at);
