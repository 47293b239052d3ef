"""Payments: `checkout` takes them, `refunds` gives them back, `*_reconciliation` checks our books against theirs.

Orders come in from handlers, events from Telegram and Stripe; the books are `storage/orders.py` and
`storage/ledger.py`.

To add a provider: a client beside `stripe_gateway`, its reconciliation, its branch in `refunds`, its token in
`handlers/shop/invoice.py`, its events in `storage/`, its webhook in `bot/http_server.py`, its runs in
`bot/scheduler.py`, its settings, and its builder in `bot/app.py`. An order knows a currency and no provider: two
providers of the same currency need a column.
"""
