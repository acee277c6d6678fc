"""The sentence-vector model: where it lies once prepared, and how it is prepared; nothing here is needed to search."""
