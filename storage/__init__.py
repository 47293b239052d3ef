"""SQL lives here, one file an aggregate; nothing here knows Telegram."""
