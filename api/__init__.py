"""HTTP in, HTTP out: handlers, access rules, rate limits, problem details. Tornado is imported nowhere else."""
