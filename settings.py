"""Everything an office can set, in one class: the only reader of the environment.

Later wins: the default, `khoosheh.toml` in the data folder, `KHOOSHEH_…` variables, options.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, field_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from ledger.place import is_on_server

FILE = "khoosheh.toml"

Origin = Literal["default", "file", "environment", "option"]


class Settings(BaseSettings):
    """One office's installation. Paths that are not absolute lie in the data folder."""

    model_config = SettingsConfigDict(env_prefix="KHOOSHEH_", extra="forbid", frozen=True, env_ignore_empty=True)

    data: Path = Path("data")
    temporal: str = ""
    """`host:port` of an engine that runs elsewhere; empty: the one `up` started, else what Temporal's profile says."""
    namespace: str = ""
    """Empty: that of the engine `up` started, else what Temporal's profile says, else `default`."""
    task_queue: str = "khoosheh"
    ledger: str = "ledger.sqlite"
    """A file, or `postgresql://user:password@host/database` of a database that was prepared (deploy/ledger.py)."""
    archive: str = "archive"
    """Where objects are kept that are written once: a folder, best on another disk, or `s3://bucket/prefix`."""
    signer: str = "signer"
    """The folder of the log's signer. Never restore it: it is what remembers when everything else is from yesterday."""
    signer_command: tuple[str, ...] = ()
    """How the signer is asked when it is another user's, as `["sudo", "-u", "signer", …]`; empty: as this user."""
    log_name: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*)?$", max_length=90)
    """What its checkpoints call the log, as `example.ir/clusters`; empty: a name that is drawn once."""
    build: str = Field(default="0.1.0", pattern=r"^[A-Za-z0-9._-]{1,60}$")
    """Sealed with every fact, and the version of the worker where `deployment` is set."""
    deployment: str = ""
    """Name of the worker deployment; empty: workers without versions (the embedded engine)."""
    rehearsal: bool = False
    cached_clusters: int = Field(default=1_000, ge=0)
    workflow_tasks: int = Field(default=50, ge=1)
    activities: int = Field(default=50, ge=1)
    retention_days: int = Field(default=90, ge=1)
    """How long the engine keeps ended chapters: the budget of an outage of the archive."""
    log: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    api_token: SecretStr | None = None

    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)

    @field_validator("archive")
    @classmethod
    def _is_known_store(cls, address: str) -> str:
        if "://" in address and not address.startswith("s3://"):
            raise ValueError("a folder, or s3://bucket/prefix")
        return address

    @classmethod
    def read(cls, data: Path, **options: Any) -> Settings:
        """The settings of the office in `data`; options that are None are not given."""
        given = {name: value for name, value in options.items() if value is not None} | {"data": data}
        file = TomlConfigSettingsSource(cls, toml_file=data / FILE)()
        settings = cls(**{**file, **EnvSettingsSource(cls)(), **given})
        settings._origins.update(dict.fromkeys(file, "file"))
        settings._origins.update(dict.fromkeys(EnvSettingsSource(cls)(), "environment"))
        settings._origins.update(dict.fromkeys(given, "option"))
        return settings

    def origin(self, name: str) -> Origin:
        """Where the value of one setting comes from."""
        return self._origins.get(name, "default")

    def path(self, name: str) -> Path:
        """A file or folder of the office."""
        return self.data / name

    @property
    def ledger_place(self) -> str:
        """Where the ledger is kept, as `ledger/place.py` says."""
        return self.ledger if is_on_server(self.ledger) else str(self.data / self.ledger)

    @property
    def archive_address(self) -> str | Path:
        """As `adapters.objects_at` takes it."""
        return self.archive if "://" in self.archive else self.data / self.archive

    @property
    def signer_folder(self) -> Path:
        """Keys and memory of the log's signer."""
        return self.data / self.signer

    @property
    def engine_path(self) -> Path:
        """Where the embedded engine keeps its database."""
        return self.data / "engine.sqlite"

    @property
    def keys_path(self) -> Path:
        """Where keys lie; the folder is the owner's alone."""
        return self.data / "keys"


def shut_out(*prefixes: str) -> None:
    """This process and those it starts see no variable of these prefixes; with `TEMPORAL_`, no `temporal.toml` either.

    For an engine of our own on loopback: the address, key and certificates of another one must not reach it.
    """
    for name in [name for name in os.environ if name.startswith(prefixes)]:
        del os.environ[name]
    if "TEMPORAL_" in prefixes:
        os.environ["TEMPORAL_CONFIG_FILE"] = os.devnull
