"""A person and their chat: consent, language, e-mail address, privacy, everything held, being forgotten."""
