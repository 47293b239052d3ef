"""Payments: who may pay what, what a payment gives, and how money goes back; Telegram Stars and Stripe.

Orders come in from handlers, events from Telegram and Stripe; the books are `storage/orders.py` and
`storage/ledger.py`.
"""
