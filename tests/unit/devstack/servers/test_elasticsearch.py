import os
import zipfile
from pathlib import Path

from devstack.account import Account
from devstack.servers.elasticsearch import Elasticsearch, unpack
from devstack.servers.recipe import Profile, Site, Toolbox


def test_only_the_servers_own_folder_is_unpacked_and_programs_stay_executable(tmp_path: Path) -> None:
    archive = tmp_path / "sonar.zip"
    with zipfile.ZipFile(archive, "w") as content:
        program = zipfile.ZipInfo("sonarqube-1/elasticsearch/bin/elasticsearch-cli")
        program.external_attr = 0o100755 << 16
        content.writestr(program, "#!/bin/bash\n")
        content.writestr("sonarqube-1/elasticsearch/lib/server.jar", "jar")
        content.writestr("sonarqube-1/lib/elsewhere/elasticsearch/other.jar", "jar")
        content.writestr("sonarqube-1/web/index.html", "page")
    target = tmp_path / "server"
    unpack(archive, target)
    files = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert files == {"bin/elasticsearch-cli", "lib/server.jar"}
    assert (target / "bin/elasticsearch-cli").stat().st_mode & 0o111
    assert (target / "plugins").is_dir()


def test_it_leaves_nothing_in_the_systems_temporary_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a shop"
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    (temporary / "final-flags1").touch()
    tools = Toolbox(tmp_path, Account(os.geteuid(), os.getegid(), switched=False), {}, Path("/usr/lib/jvm/java"))
    site = Site(tmp_path / "home", folder, {"http": 1, "transport": 2}, Profile.UP, tools)
    Elasticsearch().set_up(site)
    assert not list(temporary.iterdir())
    assert Elasticsearch().launch(site).environment["JDK_JAVA_OPTIONS"] == f'-Djava.io.tmpdir="{temporary}"'
