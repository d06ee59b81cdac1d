"""Settings: `GUIDANG_*` variables over one TOML file over defaults that work with nothing configured.

The table in docs/settings.md is made from this class; each description says what a wrong value breaks.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from records.errors import SettingInvalid
from records.numbering import check_pattern

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Everything that can be set. Names in the environment are these in capitals after `GUIDANG_`."""

    model_config = SettingsConfigDict(env_prefix="GUIDANG_", extra="forbid", frozen=True)

    data: Path = Field(default=Path("data"), description="Data directory; everything below is in it unless set.")
    database: SecretStr = Field(
        default=SecretStr(""),
        description="Database URL: `sqlite:///path` or `postgresql+psycopg://user:password@host/name`. "
        "Empty: `archive.db` in the data directory.",
    )
    keys: SecretStr = Field(
        default=SecretStr(""),
        description="Database URL of the key store, backed up on its own. Empty: `keys.db` in the data directory, or "
        "the schema `keys` where the database is PostgreSQL.",
    )
    master_key_file: Path | None = Field(
        default=None, description="File with the master key, mode 0600. Empty: `master.key` in the data directory."
    )
    master_key_command: str = Field(
        default="", description="Command that prints the master key in base64 (from a vault); used instead of a file."
    )
    objects: SecretStr = Field(
        default=SecretStr(""),
        description="Object store: a directory or `s3://access:secret@host:port/bucket?secure=0`. Empty: `objects` in "
        "the data directory.",
    )
    index: str = Field(
        default="database",
        pattern="^(database|whoosh)$",
        description="Search engine: `database` (FTS5 or PostgreSQL, whichever the database is) or `whoosh`.",
    )
    anchors: Path | None = Field(
        default=None,
        description="Directory for the daily anchors of the audit log and the register; best one that the keepers of "
        "the archive can only add to. Empty: `anchors` in the data directory.",
    )
    timestamp_url: SecretStr = Field(
        default=SecretStr(""),
        description="Address of a time-stamping authority (RFC 3161), `http://` or `https://`, that stamps each day's "
        "anchor; it is told a hash and nothing else. Empty: nobody is asked.",
    )
    timestamp_ca: Path | None = Field(
        default=None,
        description="File with the authority's CA certificate, PEM; what it did not sign is not taken for a stamp.",
    )
    ocr_models: Path | None = Field(
        default=None, description="Directory with recognition models. Empty: those of the installed wheel."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8731, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    secure_cookies: bool = Field(
        default=False, description="Send cookies over TLS only. Set it wherever the service stands behind TLS."
    )
    workers: int = Field(
        default_factory=lambda: max(1, min(os.cpu_count() or 1, 8)),
        ge=0,
        le=256,
        description="Worker processes of `guidang serve` and `guidang worker`; one thread each. 0: none.",
    )
    page_timeout_s: float = Field(
        default=120.0, gt=0, description="A step that takes longer is stopped and tried again later, at last parked."
    )
    worker_memory_mib: int = Field(
        default=3072, ge=512, description="Address space a worker may use for one file; a bomb ends there."
    )
    max_file_mib: int = Field(default=200, ge=1, description="Largest file accepted.")
    max_page_pixels: int = Field(default=150_000_000, ge=10_000, description="Largest page accepted, in pixels.")
    max_pages: int = Field(default=500, ge=1, description="Most pages accepted in one file.")
    fonds: str = Field(default="GD01", pattern=r"^[A-Z0-9]{1,12}$", description="全宗号: leads every archival code.")
    customer_code_pattern: str = Field(
        default="{region}{seq:06d}", description="Customer codes; names: region, seq. Never given twice."
    )
    archival_code_pattern: str = Field(
        default="{fonds}-KH·{kind}-{year}-{period}-{seq:06d}",
        description="Archival codes (档号, DA/T 13); names: fonds, kind, year, period, seq. Never given twice.",
    )
    session_hours: float = Field(default=10.0, gt=0, le=168, description="How long a login lasts.")
    claim_minutes: float = Field(
        default=10.0,
        gt=0,
        le=240,
        description="How long a waiting document stays in the hands of a clerk who does nothing; then another gets it.",
    )
    double_keyed_fields: str = Field(
        default="",
        description="Fields that two people type blindly where they are doubtful, and a third settles: names with "
        "commas between, such as `unified_social_credit_code,id_number`. Empty: none.",
    )
    notices_elsewhere: str = Field(
        default="",
        description="Why this archive has no notes of what natural persons were told (告知), and where they are kept. "
        "Empty: the copy of an ID card waits until a notice stands in its customer's file.",
    )
    key_backup_days: int = Field(
        default=30, ge=0, description="How long backups of the key store live; stated in the register."
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level logged.")

    @field_validator("customer_code_pattern")
    @classmethod
    def _customer_code(cls, value: str) -> str:
        return check_pattern(value, allowed=frozenset({"region"}))

    @field_validator("archival_code_pattern")
    @classmethod
    def _archival_code(cls, value: str) -> str:
        return check_pattern(value, allowed=frozenset({"fonds", "kind", "year", "period"}))

    @field_validator("timestamp_url")
    @classmethod
    def _timestamp_url(cls, value: SecretStr) -> SecretStr:
        parts = urlsplit(value.get_secret_value())
        if any(parts) and not (parts.scheme in ("http", "https") and parts.hostname):
            raise ValueError("an address begins with http:// or https://")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables win over the file's values, which come as arguments."""
        return env_settings, init_settings

    @property
    def double_keyed(self) -> frozenset[str]:
        return frozenset(name.strip() for name in self.double_keyed_fields.split(",") if name.strip())

    @property
    def database_url(self) -> str:
        return self.database.get_secret_value() or f"sqlite:///{self.data / 'archive.db'}"

    @property
    def keys_url(self) -> str:
        if self.keys.get_secret_value():
            return self.keys.get_secret_value()
        return self.database_url if self.database_url.startswith("postgresql") else f"sqlite:///{self.data / 'keys.db'}"

    @property
    def objects_location(self) -> str:
        return self.objects.get_secret_value() or str(self.data / "objects")

    @property
    def master_key_path(self) -> Path:
        return self.master_key_file or self.data / "master.key"

    @property
    def anchors_directory(self) -> Path:
        return self.anchors or self.data / "anchors"

    @property
    def cache(self) -> Path:
        return self.data / "cache"


def load_settings(file: Path | None = None, **given: Any) -> Settings:
    """Read the settings; `given` (from a command line) wins over all.

    Args:
        file: a TOML file; None uses the one named by `GUIDANG_SETTINGS`, if any.

    Raises:
        SettingInvalid: names every setting that is wrong and what it must be; never its value.
    """
    named = file or (Path(os.environ["GUIDANG_SETTINGS"]) if os.environ.get("GUIDANG_SETTINGS") else None)
    content: dict[str, Any] = {}
    if named is not None:
        try:
            content = tomllib.loads(named.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as exc:
            raise SettingInvalid(f"The settings file {named} cannot be read: {exc}") from exc
    _refuse_unknown_variables()
    try:
        settings = Settings(**content)
        return settings.model_copy(update=given) if given else settings
    except ValidationError as exc:
        wrong = "; ".join(f"GUIDANG_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in exc.errors())
        raise SettingInvalid(f"Settings are not valid. {wrong}") from None


def _refuse_unknown_variables() -> None:
    """A misspelt variable would silently leave a default in force."""
    known = {f"GUIDANG_{name.upper()}" for name in Settings.model_fields} | {"GUIDANG_SETTINGS"}
    # Variables of the object store, the client commands and the crash tests are not settings of this class.
    known |= {"GUIDANG_S3_ACCESS_KEY", "GUIDANG_S3_SECRET_KEY", "GUIDANG_SERVER", "GUIDANG_TOKEN", "GUIDANG_CRASH"}
    unknown = sorted(name for name in os.environ if name.startswith("GUIDANG_") and name not in known)
    if unknown:
        raise SettingInvalid(f"There is no setting {', '.join(unknown)}. See docs/settings.md.")
