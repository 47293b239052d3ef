"""One part of the code at a time, without a bot."""
