"""One module per resource, each ending in its ROUTES: parse, call the use case, render."""
