"""All SQL, one module per aggregate (orders, tickets and so on). No types of Telegram."""
