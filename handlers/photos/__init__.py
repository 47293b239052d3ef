"""Photos in the chat: one, an album, their menus, their jobs, and what is said under a result."""
