"""The page docs/settings.md, made from the settings themselves. `guidang settings` prints it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.settings import Settings

_HEAD = """# Settings

<!-- Made by `guidang settings > docs/settings.md`; a test holds the two together. -->

Each setting is an environment variable, or a key of the TOML file that `GUIDANG_SETTINGS` or `guidang --settings FILE`
names: `GUIDANG_PORT=8080` or `port = 8080`. A variable wins over the file. A setting that is misspelt or wrong stops
the start, with a message that names it. `guidang --data DIR` stands for `GUIDANG_DATA`.

| variable | default | what it does |
|---|---|---|
"""

_FOOT = """
Not settings of the archive, but read by its commands:

| variable | what it does |
|---|---|
| `GUIDANG_SETTINGS` | The TOML file. |
| `GUIDANG_SERVER`, `GUIDANG_TOKEN` | `guidang station send`: the service's address and the station's token. |
| `GUIDANG_S3_ACCESS_KEY`, `GUIDANG_S3_SECRET_KEY` | Credentials of the S3 store where its address has none. |
"""


def settings_page() -> str:
    rows = (_row(name, field) for name, field in Settings.model_fields.items())
    return _HEAD + "".join(rows) + _FOOT


def _row(name: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|")
    return f"| `GUIDANG_{name.upper()}` | {_default(name, field)} | {description} |\n"


def _default(name: str, field: FieldInfo) -> str:
    if name == "workers":
        return "one for each processor, 8 at most"
    value: Any = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, Enum):
        value = value.value
    if value is None or value == "":
        return ""
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"
