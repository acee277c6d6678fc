"""Mail to buyers: what events ask for is written down with its due time, and a sender works through what is due."""
