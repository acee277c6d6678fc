"""What an order costs: tax rates, shipping methods, discount codes, and the arithmetic that puts them together."""
