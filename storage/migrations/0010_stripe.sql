-- Stripe's webhook: an event that comes again changes nothing.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY, -- Stripe's number of something that happened to a payment, once our books agree with it; 30 days
    at INTEGER NOT NULL  -- when that was (Unix time, UTC), so that it can be forgotten; 30 days
) STRICT, WITHOUT ROWID;
