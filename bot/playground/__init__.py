"""A local Bot API with people in it: for trying the bot without an account, and for the tests."""
