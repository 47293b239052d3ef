"""Mail: events from the outbox come in, confirmations and delivery updates go out by SMTP."""
