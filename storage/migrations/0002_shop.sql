-- Money. Ledger and orders know a person by a random account number alone.
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
CREATE INDEX ledger_account ON ledger (account);
CREATE UNIQUE INDEX ledger_one_welcome ON ledger (account) WHERE kind = 'newcomer';
CREATE UNIQUE INDEX ledger_one_end ON ledger (reference) WHERE kind IN ('settle', 'release');
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is not changed'); END;
CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is not cut'); END;

CREATE TABLE holds (
    update_id INTEGER PRIMARY KEY, -- the tap whose job it is, so that a crash takes them once; until the job ends
    account   INTEGER NOT NULL REFERENCES accounts (id), -- whose credits; until the job ends
    reference TEXT NOT NULL,       -- the hold in the ledger; until the job ends
    credits   INTEGER NOT NULL     -- how many; until the job ends
) STRICT;

CREATE TABLE orders (
    id            TEXT PRIMARY KEY, -- the number that people see; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    account       INTEGER NOT NULL REFERENCES accounts (id), -- who may pay it; kept if paid, else 7 days
    state         TEXT NOT NULL,    -- where it stands, see below; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    product       TEXT NOT NULL,    -- what was sold: credits, photo, unknown; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    credits       INTEGER NOT NULL, -- how many it is worth; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    amount        INTEGER NOT NULL, -- the price in the currency's smallest unit; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    currency      TEXT NOT NULL,    -- XTR: Telegram Stars; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    language      TEXT NOT NULL,    -- in which we write about it; kept if paid, else 7 days
    terms_version INTEGER,          -- which terms they saw; kept if paid, else 7 days
    consented_at  INTEGER,          -- when they asked for it at once (Unix time, UTC); kept if paid, else 7 days
    opened_at     INTEGER NOT NULL, -- to know when an unpaid one ends (Unix time, UTC); kept if paid, else 7 days; seen by operators, in a ticket about a payment
    checkout_at   INTEGER,          -- when a payment began, so that there are not two; kept if paid, else 7 days
    paid_at       INTEGER,          -- for the receipt and the 14 days (Unix time, UTC); kept; seen by operators, in a ticket about a payment
    ended_at      INTEGER,          -- when it was delivered or refunded (Unix time, UTC); kept; seen by operators, in a ticket about a payment
    charge_id     TEXT UNIQUE,      -- Telegram's number of the payment, for refunds; kept
    reason        TEXT,             -- why it was refunded, of a closed set; kept
    tool          TEXT,             -- what a photo order does; kept if paid, else 7 days; seen by operators, in a ticket about a payment
    task          TEXT,             -- the photo's place in the chat, so that a crash loses nothing; blanked at the end
    progress_id   INTEGER,          -- the message that tells how it goes; blanked at the end
    refused_at    INTEGER,          -- when Telegram refused the refund, to tell the operators once (Unix time, UTC); kept
    tries         INTEGER NOT NULL DEFAULT 0, -- how often delivery or refund failed; kept
    next_at       INTEGER NOT NULL DEFAULT 0, -- when to try again (Unix time, UTC); kept
    CHECK (state IN ('open', 'invoiced', 'paid', 'delivering', 'delivered', 'refunding', 'refunded', 'expired')),
    CHECK (product IN ('credits', 'photo', 'unknown')),
    CHECK (amount > 0),
    CHECK (charge_id IS NOT NULL OR state IN ('open', 'invoiced', 'expired')),
    CHECK (task IS NULL OR state IN ('open', 'invoiced', 'paid', 'delivering'))
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_account ON orders (account);
CREATE INDEX orders_under_way ON orders (next_at) WHERE state IN ('paid', 'delivering', 'refunding');
CREATE TRIGGER orders_go_step_by_step BEFORE UPDATE OF state ON orders
WHEN OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN (
    'open invoiced', 'open expired', 'invoiced expired',
    'open paid', 'invoiced paid', 'expired paid', -- a payment counts, however late we hear of it
    'paid delivering', 'paid delivered', 'delivering delivered',
    'paid refunding', 'delivering refunding', 'delivered refunding',
    'paid refunded', 'delivering refunded', 'delivered refunded', -- Telegram refunded it
    'refunding refunded')
BEGIN SELECT RAISE(ABORT, 'an order cannot take this step'); END;

CREATE TABLE facts (
    name  TEXT PRIMARY KEY, -- of a closed set: first start, how far Telegram's list of payments was read ...; kept
    value INTEGER NOT NULL  -- a number or a Unix time about the service, not about people; kept
) STRICT, WITHOUT ROWID;
INSERT INTO facts (name, value) VALUES ('first_start', unixepoch());
