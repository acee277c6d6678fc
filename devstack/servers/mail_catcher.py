"""The mail catcher: a real SMTP server that keeps each message in a folder and shows them over HTTP.

It is `python -m devstack.mailbox`. Being our own Python it runs as whoever runs devstack: a service account
could not read an interpreter that lies in root's home.
"""

import os
import sys
from pathlib import Path

from devstack.servers.recipe import Launch, Recipe, Site, Toolbox, exchange


class MailCatcher(Recipe):
    """Takes mail for anybody and delivers none."""

    name = "mailbox"
    variable = "SMTP_URL"
    ports = ("smtp", "http")
    switches_account = False

    def obtain(self, tools: Toolbox) -> Path:  # noqa: ARG002 (nothing is fetched)
        """Return the folder from which the package can be imported."""
        return Path(__file__).resolve().parents[2]

    def set_up(self, site: Site) -> None:
        """Create the folder of the messages."""
        (site.folder / "messages").mkdir(exist_ok=True)

    def launch(self, site: Site) -> Launch:
        """Start it on both ports."""
        ports = (str(site.ports["smtp"]), str(site.ports["http"]))
        argv = (sys.executable, "-m", "devstack.mailbox", str(site.folder / "messages"), *ports)
        return Launch(argv, {"PYTHONPATH": str(site.home), "PATH": os.environ.get("PATH", "")})

    def is_ready(self, site: Site) -> bool:
        """Wait for both to answer."""
        smtp = exchange(site.ports["smtp"], b"")
        page = exchange(site.ports["http"], b"GET /messages HTTP/1.0\r\n\r\n")
        return smtp.startswith(b"220") and b"200" in page.partition(b"\r\n")[0]

    def exports(self, site: Site) -> dict[str, str]:
        """Name where mail is sent and where it is read."""
        return {
            self.variable: f"smtp://127.0.0.1:{site.ports['smtp']}",
            "MAILBOX_URL": f"http://127.0.0.1:{site.ports['http']}",
        }
