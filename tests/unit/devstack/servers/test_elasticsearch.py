import zipfile
from pathlib import Path

from devstack.servers.elasticsearch import unpack


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
