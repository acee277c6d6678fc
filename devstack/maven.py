"""Downloads through Maven, with progress, into a local repository that is thrown away afterwards.

Called by the recipes of Elasticsearch and Kafka. The person's own `~/.m2` is neither filled with a gigabyte
nor cleaned by us, yet mirrors and proxies of its `settings.xml` hold.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from devstack.failure import FetchError, last_lines
from devstack.packages import MAVEN, require

PAUSE_SECONDS = 0.25


def download(title: str, arguments: list[str], repository: Path, size: int) -> None:
    """Run Maven so that it fills `repository` with about `size` bytes, and show how far it is.

    Blocks until it is done; raises `FetchError` with Maven's last lines, `PackageMissingError` without Maven.
    """
    require([MAVEN], lambda _: shutil.which("mvn") is not None)
    repository.mkdir(parents=True)
    log = repository.with_suffix(".log")
    command = [
        "mvn",
        "--batch-mode",
        "--no-transfer-progress",
        f"-Dmaven.repo.local={repository}",
        *arguments,
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        _show_progress(title, process, repository, size)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise FetchError(title, "Maven said\n" + "\n".join(f"    {line}" for line in last_lines(log, 12)))


def _show_progress(title: str, process: "subprocess.Popen[bytes]", repository: Path, size: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        if not progress.console.is_terminal:  # a log shows a bar only once it is full
            progress.console.print(f"Fetching {title} ({size // 1_000_000} MB) ...")
        task = progress.add_task(title, total=size)
        while process.poll() is None:
            progress.update(task, completed=min(size, _bytes_in(repository)))
            time.sleep(PAUSE_SECONDS)
        if process.returncode == 0:
            progress.update(task, completed=size)


def _bytes_in(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += Path(parent, name).stat().st_size
            except FileNotFoundError:  # Maven renames a part when it is complete
                continue
    return total
