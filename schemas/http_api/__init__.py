"""The bodies of HTTP requests and answers, one module per resource; `api` reads and writes them."""
