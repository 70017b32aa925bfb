"""Writes docs/access.md from the declared endpoints and pages."""

from pathlib import Path

from gateway.app import channel_blueprints
from gateway.console.frame import PAGES
from gateway.console.install import console_blueprints
from gateway.edge.endpoint import ENDPOINTS
from gateway.edge.matrix import table

TARGET = Path(__file__).resolve().parents[1] / "docs" / "access.md"

if __name__ == "__main__":
    channel_blueprints()
    console_blueprints()
    TARGET.write_text(table([*ENDPOINTS, *PAGES]), "utf-8")
