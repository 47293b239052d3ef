-- Prints by post: orders may be paid by card, and go to a lab. SQLite changes no CHECK: the tables are made anew.
ALTER TABLE orders RENAME TO orders_before;
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
INSERT INTO orders (
    id, account, state, product, credits, amount, currency, language, terms_version, consented_at, opened_at,
    checkout_at, paid_at, ended_at, charge_id, reason, tool, task, progress_id, refused_at, tries, next_at)
SELECT id, account, state, product, credits, amount, currency, language, terms_version, consented_at, opened_at,
    checkout_at, paid_at, ended_at, charge_id, reason, tool, task, progress_id, refused_at, tries, next_at
FROM orders_before;
UPDATE orders SET to_return = amount WHERE state IN ('refunding', 'refunded');
UPDATE orders SET returned = amount WHERE state = 'refunded';
DROP TABLE orders_before;
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
    CHECK (kind IN ('code', 'paid', 'sent', 'printed', 'posted', 'delivered', 'returned', 'withdrawn', 'refunded-part',
        'refunded', 'answer'))
) STRICT, WITHOUT ROWID;
INSERT INTO outbox SELECT user_id, kind, about, language, message_id, at, tries, next_at FROM outbox_before;
DROP TABLE outbox_before;
CREATE INDEX outbox_due ON outbox (next_at);
