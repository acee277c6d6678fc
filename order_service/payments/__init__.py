"""Payments and refunds: their rows, and the providers that move the money; orders decide what follows from them."""
