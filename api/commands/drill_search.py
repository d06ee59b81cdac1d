"""Where the drill of destruction looks for remains: everywhere, by a program of its own (`intake/remains.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, text

from api.settings import Settings
from intake import remains
from intake.archive import Archive
from intake.remains import Found, search_for, sorted_out
from records.errors import ArchiveError, WrongState
from storage.database import is_sqlite

_LOG_OF_THE_SERVER = "pg_wal"
_STATUSES = (0, 1)


@dataclass
class Answer:
    """What is left of the planted documents, and what was found of those that are kept."""

    left: Found
    kept: Found
    bytes_searched: int

    @property
    def kept_total(self) -> int:
        return sum(count for kinds in self.kept.values() for count in kinds.values())


@dataclass
class Places:
    """Where to look. `servers` are the directories of the servers' own files, where they can be read from here."""

    settings: Settings
    archive: Archive
    servers: Sequence[Path]
    not_searched: list[str] = field(default_factory=list)

    def search(self, said: Mapping[str, Any], own: Mapping[str, Path]) -> Answer:
        """Look into the drill's own places, the database, the object store and the servers' files."""
        places = [f"{name}={path}" for name, path in own.items() if path.exists()]
        places += [f"server files {number}={path}" for number, path in enumerate(self.servers, start=1)]
        options = []
        if not is_sqlite(self.archive.engine):
            options = [f"--database={self.settings.database_url}", f"--skip={_LOG_OF_THE_SERVER}"]
            places += self._database_files()
        answer = _asked(said, [*places, *options])
        if self.settings.objects.get_secret_value():
            self._search_objects(said, answer)
        return answer

    def let_the_server_sample(self) -> None:
        """Have the server take the samples for its planner, as it does by itself in time: they are copies too."""
        engine = create_engine(self.settings.database_url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text("ANALYZE"))
        finally:
            engine.dispose()

    def _database_files(self) -> list[str]:
        """The server's files after a checkpoint, if they can be read from here."""
        engine = create_engine(self.settings.database_url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text("CHECKPOINT"))
                directory = Path(str(connection.execute(text("SHOW data_directory")).scalar_one()))
            if not (directory / "base").is_dir():
                raise PermissionError(directory)
            return [f"database files={directory}"]
        except (psycopg.Error, OSError, ArchiveError) as exc:
            self._miss(f"the database server's files ({type(exc).__name__})")
            return []
        finally:
            engine.dispose()

    def _search_objects(self, said: Mapping[str, Any], answer: Answer) -> None:
        """What the store lists is fetched and looked into; a deleted version is beyond it, not beyond its files."""
        search = search_for(said)
        for info in self.archive.objects.list():
            search.data("objects", info.name.encode())
            search.data("objects", self.archive.objects.get(info.name))
        left, kept = sorted_out(search.found)
        answer.left |= left
        answer.kept |= kept
        answer.bytes_searched += search.bytes_searched
        if not self.servers:
            self._miss("the object server's own files")

    def _miss(self, what: str) -> None:
        if what not in self.not_searched:
            self.not_searched.append(what)


def _asked(said: Mapping[str, Any], arguments: Sequence[str]) -> Answer:
    """Run the searching program. What to look for goes through a pipe: in a file it would be found."""
    command = [sys.executable, "-m", remains.__name__, "-", *arguments]
    root = Path(remains.__file__).parents[1]
    ran = subprocess.run(
        command, input=json.dumps(said, ensure_ascii=False).encode(), capture_output=True, cwd=root, check=False
    )
    if ran.returncode not in _STATUSES:
        raise WrongState("The search for remains did not end well.", status=ran.returncode)
    answer = json.loads(ran.stdout)
    return Answer(left=answer["left"], kept=answer["kept"], bytes_searched=answer["bytes_searched"])
