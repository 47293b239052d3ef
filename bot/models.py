"""Model weights. No tool on the shelf needs any yet; the first one that does brings its manifest here."""


def fetch() -> int:
    """Fetch and verify what is missing; an exit status."""
    print("Models: no tool needs any yet.")
    return 0
