"""Who may sign in: accounts, passwords, tokens."""
