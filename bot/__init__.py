"""The bot: `app` builds it, `lifecycle` runs it. The chat is in `handlers/`, all SQL in `storage/`."""
