"""The operators' side: tickets in topics, the service as a whole, its statistics."""
