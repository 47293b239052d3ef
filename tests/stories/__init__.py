"""What people do and what comes of it: the real bot over HTTP, or in this process where it must be quick."""
