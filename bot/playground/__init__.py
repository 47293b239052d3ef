"""A local Bot API with simulated people, to try the bot without an account and for the tests."""
