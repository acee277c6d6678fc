"""One module per server: where it comes from, how it is set up and started, and when it is ready."""
