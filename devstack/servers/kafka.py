"""Kafka 4.3.1 in KRaft mode: one node that is broker and controller, run from its Maven jars."""

import base64
import shutil
import struct
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

from devstack.cache import obtain
from devstack.failure import ServerError
from devstack.maven import download
from devstack.packages import JAVA
from devstack.servers.recipe import Launch, Recipe, Site, Toolbox, exchange

VERSION = "4.3.1"
LOG4J_VERSION = "2.25.3"
DOWNLOAD_BYTES = 57_000_000

POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>aisle</groupId><artifactId>kafka-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId>
      <version>{LOG4J_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId>
      <version>{LOG4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=2
group.initial.rebalance.delay.ms=0
log.segment.bytes=67108864
"""
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
"""
METADATA_REQUEST = struct.pack(">hhih5si", 3, 1, 7, 5, b"aisle", 0)
"""API key 3 (Metadata), version 1, correlation 7, client id, no topics (kafka.apache.org/protocol)."""


class Kafka(Recipe):
    """One node; topics are created by whoever needs them, never by a typing error."""

    name = "kafka"
    variable = "KAFKA_BOOTSTRAP_SERVERS"
    ports = ("broker", "controller")
    packages = (JAVA,)

    def obtain(self, tools: Toolbox) -> Path:
        """Return the folder of its jars; downloads 57 MB when they are not cached."""
        return obtain(tools.cache / f"kafka-{VERSION}", _fetch)

    def set_up(self, site: Site) -> None:
        """Write its settings and format its log folder the first time (one second)."""
        data = site.subfolder("data")
        site.write("server.properties", SETTINGS.format(folder=site.folder, **site.ports))
        site.write("log4j2.properties", LOGGING)
        if not (data / "meta.properties").exists():
            self._format(site)

    def launch(self, site: Site) -> Launch:
        """Start the broker with a heap of 512 MiB."""
        memory = ("-Xms256m", "-Xmx512m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20")
        return Launch((*self._java(site), *memory, "-cp", _class_path(site), "kafka.Kafka", self._settings(site)))

    def is_ready(self, site: Site) -> bool:
        """Ask for the brokers of the cluster: one is listed once it is unfenced."""
        answer = exchange(site.ports["broker"], struct.pack(">i", len(METADATA_REQUEST)) + METADATA_REQUEST)
        return count_brokers(answer) > 0

    def exports(self, site: Site) -> dict[str, str]:
        """Name its address."""
        return {self.variable: f"127.0.0.1:{site.ports['broker']}"}

    def _format(self, site: Site) -> None:
        tool = ("-cp", _class_path(site), "kafka.tools.StorageTool", "format")
        log = site.folder / "format.log"
        account = site.tools.account
        with log.open("wb") as output:
            outcome = subprocess.run(
                [
                    *self._java(site),
                    "-XX:TieredStopAtLevel=1",
                    *tool,
                    "-t",
                    cluster_id(uuid.uuid4),
                    "-c",
                    self._settings(site),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                user=account.uid if account.switched else None,
                group=account.gid if account.switched else None,
                extra_groups=[] if account.switched else None,
            )
        if outcome.returncode:
            raise ServerError(self.name, "could not format its log folder", log)

    @staticmethod
    def _java(site: Site) -> tuple[str, ...]:
        return (
            site.tools.java_program(),
            f"-Dlog4j2.configurationFile={site.folder / 'log4j2.properties'}",
            f"-Djava.io.tmpdir={site.subfolder('tmp')}",
        )

    @staticmethod
    def _settings(site: Site) -> str:
        return str(site.folder / "server.properties")


def cluster_id(draw: Callable[[], uuid.UUID]) -> str:
    """Give a new id in Kafka's form; never one that begins with a dash, which the format tool takes for an option.

    Kafka's own Uuid.randomUuid draws again for the same reason.
    """
    while (drawn := base64.urlsafe_b64encode(draw().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return drawn


def count_brokers(answer: bytes) -> int:
    """Read how many brokers a Metadata answer lists; none when there is no answer."""
    header = struct.Struct(">iii")  # length, correlation, number of brokers
    return int(header.unpack_from(answer)[2]) if len(answer) >= header.size else 0


def _class_path(site: Site) -> str:
    return f"{site.home}/libs/*"


def _fetch(folder: Path) -> None:
    pom = folder / "pom.xml"
    pom.write_text(POM)
    repository = folder / ".maven"
    arguments = ["--file", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={folder / 'libs'}"]
    download(f"Kafka {VERSION}", arguments, repository, DOWNLOAD_BYTES)
    shutil.rmtree(repository)
    repository.with_suffix(".log").unlink(missing_ok=True)
