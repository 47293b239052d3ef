"""Telegram's Bot API: requests go out at Telegram's pace, updates come in and are handled once each, in order.

Handlers and services call the client and the notifier; nothing here knows what a message is about.
"""
