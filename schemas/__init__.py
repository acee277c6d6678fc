"""Plain structs that the packages exchange: HTTP bodies, events, search documents, settings. No I/O."""
