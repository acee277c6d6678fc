"""Carts of users and guests: what is in them, and the stock that is held for them."""
