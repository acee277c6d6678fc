"""Where each command of `aisle` lives: name to `module:attribute`; read by `cli.main`."""

COMMANDS = {
    "migrate": "cli.migrate:migrate",
    "seed": "cli.seed:seed",
    "import": "cli.import_files:import_files",
    "users": "cli.users:users",
    "models": "cli.models:models",
    "serve": "cli.serve:serve",
    "relay": "cli.relay:relay",
    "consume": "cli.consume:consume",
    "carts": "cli.carts:carts",
    "idempotency": "cli.idempotency:idempotency",
    "jobs": "cli.jobs:jobs",
    "reindex": "cli.search:reindex",
    "index": "cli.index:index",
    "stock": "cli.stock:stock",
    "verify": "cli.verify:verify",
    "evaluate-search": "cli.evaluate_search:evaluate_search",
}
