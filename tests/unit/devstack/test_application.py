from pathlib import Path

from devstack import application
from devstack.application import ApplicationPorts
from schemas.environment import load
from schemas.search_settings import ModelSettings
from search_indexer.embedding_model.prepared_model import model_folder

PORTS = ApplicationPorts(api=20_000, metrics=20_001)
SERVERS = {"DATABASE_URL": "postgresql://x", "MAILBOX_URL": "http://mail"}


def environment(**inherited: str) -> dict[str, str]:
    return application.process_environment(inherited, SERVERS, "key", "password")


def test_processes_reach_the_servers_of_their_own_stack_whatever_was_inherited() -> None:
    assert environment(DATABASE_URL="postgresql://other")["DATABASE_URL"] == "postgresql://x"


def test_limits_are_raised_for_the_acceptance_run_only_and_never_those_on_suggestions() -> None:
    raised = {name for name, value in environment(ACCEPTANCE="1").items() if value == "100000/min"}
    assert raised == set(application.RAISED_LIMITS)
    assert not any("SUGGEST" in name for name in raised)
    assert not any(name.startswith("RATE_") for name in environment())


def test_the_seed_is_left_out_on_request() -> None:
    assert application.wants_seed({})
    assert not application.wants_seed({"SEED": "0"})
    names = [command.name for command in application.database_preparation(seed=False)]
    assert names == ["migrate", "staff"]


def test_everything_that_the_contract_names_is_exported() -> None:
    servers = dict.fromkeys(
        ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "KAFKA_BOOTSTRAP_SERVERS", "SMTP_URL", "MAILBOX_URL"), "x"
    )
    exported = application.exported(servers, PORTS, "password")
    assert set(exported) == {*servers, "API_URL", "STAFF_EMAIL", "STAFF_PASSWORD", "METRICS_URL"}


def test_no_secret_is_passed_as_an_argument() -> None:
    arguments = [word for command in application.database_preparation(seed=True) for word in command.arguments]
    assert "--password" not in arguments


def test_the_model_lies_where_every_process_looks_for_it(tmp_path: Path) -> None:
    inherited = {"XDG_CACHE_HOME": str(tmp_path), "HOME": "/root"}
    seen_by_processes = environment(**inherited)
    chosen = load(ModelSettings, seen_by_processes).folder
    assert model_folder(chosen, seen_by_processes) == model_folder(load(ModelSettings, inherited).folder, inherited)
    assert model_folder(chosen, seen_by_processes).is_relative_to(tmp_path)
