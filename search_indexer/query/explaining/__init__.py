"""Why one product is where it is in the answer to a search, or at which stage it fell out."""
