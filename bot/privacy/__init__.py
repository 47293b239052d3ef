"""A person's rights as pages and files: the table of what is kept, and all that is held on one person."""
