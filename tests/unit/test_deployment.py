"""The files that describe a deployment name only what exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from api.cli import app
from api.settings import Settings
from api.settings_page import settings_page

ROOT = Path(__file__).resolve().parents[2]
READ_ELSEWHERE = {
    "GUIDANG_SETTINGS",
    "GUIDANG_SERVER",
    "GUIDANG_TOKEN",
    "GUIDANG_S3_ACCESS_KEY",
    "GUIDANG_S3_SECRET_KEY",
}
SETTINGS = {f"GUIDANG_{name.upper()}" for name in Settings.model_fields} | READ_ELSEWHERE
SECRETS = {"POSTGRES_PASSWORD": "p", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "s"}


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return content


def commands() -> set[str]:
    return {command.name for command in app.registered_commands if command.name} | {
        group.name for group in app.registered_groups if group.name
    }


@pytest.mark.parametrize("file", ["docker-compose.yml", "Dockerfile", "docs/settings.md", "docs/operations.md"])
def test_every_setting_named_exists(file: str) -> None:
    named = set(re.findall(r"GUIDANG_[A-Z0-9_]+", (ROOT / file).read_text(encoding="utf-8")))

    assert named
    assert named <= SETTINGS


def test_every_command_of_the_services_exists() -> None:
    ours = {name: service for name, service in compose()["services"].items() if "build" in service}

    assert set(ours) == {"api", "worker"}
    assert {service["command"][0] for service in ours.values()} <= commands()
    assert re.search(r'^CMD \["(\w+)"\]$', (ROOT / "Dockerfile").read_text(), re.M)[1] in commands()  # type: ignore[index]


def test_what_the_services_rest_on_is_defined_and_healthy() -> None:
    described = compose()

    for service in described["services"].values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            assert "healthcheck" in described["services"][needed]
        assert {mount.partition(":")[0] for mount in service.get("volumes", [])} <= set(described["volumes"])
        assert set(service.get("secrets", [])) <= set(described["secrets"])


def test_no_password_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

    for name in SECRETS:
        assert set(re.findall(rf"\$\{{{name}[^}}]*\}}", text)) == {f"${{{name}:?set it}}"}


def test_compose_itself_understands_the_file(tmp_path: Path) -> None:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed: docker-compose.yml was not checked by it")
    checked = subprocess.run(
        [program, "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **SECRETS},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr


def test_the_image_copies_every_package() -> None:
    copied = set(re.findall(r"^COPY (\w+) \./\1$", (ROOT / "Dockerfile").read_text(), re.M))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}

    assert copied == packages
    assert {f"!{package}" for package in packages} <= set((ROOT / ".dockerignore").read_text().split())


def test_the_settings_page_is_current() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_every_command_named_in_operations_exists() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    lines = re.findall(r"guidang(?: --\w+ \S+)* ([a-z]+)(?: ([a-z]+))?", "\n".join(re.findall(r"`([^`]*)`", text)))
    runner = CliRunner()

    assert len(lines) > 5
    for first, second in set(lines):
        called = [first, second] if second and first in {group.name for group in app.registered_groups} else [first]
        assert runner.invoke(app, [*called, "--help"]).exit_code == 0, called
