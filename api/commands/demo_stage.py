"""The stage of the demonstration: its data directory, its people and station, its server in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.bootstrap import open_archive
from api.passwords import Argon2Passwords
from api.settings import Settings
from intake.archive import Archive
from records import accounts
from records.accounts import NewUser
from records.actors import Actor
from records.errors import NotFound, WrongState
from records.models import LoginSession, Station, User
from records.regions import load_regions
from records.terms import Role
from retention.schedule import FALLBACK_VERSION, current_schedule, load_schedule
from storage.files import write_whole

PEOPLE = {
    "示范管理员": Role.ADMINISTRATOR,
    "示范核验员": Role.VERIFIER,
    "示范档案员甲": Role.ARCHIVIST,
    "示范档案员乙": Role.ARCHIVIST,
    "示范审批人甲": Role.APPROVER,
    "示范审批人乙": Role.APPROVER,
    "示范审计员": Role.AUDITOR,
}
VISITOR = "来宾"
_VISITS = (Role.SCANNER, Role.VERIFIER, Role.ARCHIVIST)
"""All but approving, so that a destruction which others approved is the visitor's to carry out."""
CLERK, ARCHIVIST, EXECUTOR = "示范核验员", "示范档案员甲", "示范档案员乙"
APPROVERS = ("示范审批人甲", "示范审批人乙")
STATION = "示范扫描站"
SCAN_SUFFIXES = frozenset({".jpg", ".png", ".tif", ".pdf", ".webp", ".bmp"})
START_PATIENCE_S = 120.0
STOP_PATIENCE_S = 150.0

_WAIVED = """disposal:
  waived: {appraisal: 示范材料均为虚构, confirmation: 示范材料均为虚构, supervision: 示范材料均为虚构}
""".encode()
"""What the demonstration leaves out to be short. The sample schedule, which others begin from, waives nothing."""
_SETUP = Actor(id="cli:demo", roles=frozenset(Role), regions=None)


class Stage:
    """`logins` are names and passwords of the invented people, kept in the data directory for this demonstration."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.samples = samples_directory()
        self.folder = data / "demo-station"
        self.log = data / "demo.log"
        self._secrets = data / "demo-logins.json"
        self.logins: dict[str, str] = {}
        self.token = ""

    def set(self) -> Archive:
        """Bring everything into being that is not there yet."""
        archive = open_archive(Settings(data=self.data), migrate=True)
        if self._secrets.exists():
            known = json.loads(self._secrets.read_bytes())
            self.logins, self.token = known["logins"], known["token"]
        passwords = Argon2Passwords()
        with archive.transaction() as session:
            load_regions(session, _SETUP, (self.samples / "regions.yaml").read_bytes())
            if current_schedule(session).version == FALLBACK_VERSION:
                load_schedule(session, _SETUP, (self.samples / "retention.yaml").read_bytes() + _WAIVED)
            for name, roles in {**{name: (role,) for name, role in PEOPLE.items()}, VISITOR: _VISITS}.items():
                if name not in self.logins:
                    self.logins[name] = _enrol(session, passwords, name, roles)
            self.token = self.token or _enrol_station(session)
        # Lost between the commit and this, they are made anew by the next run.
        self._keep_logins()
        return archive

    def lay_out_scans(self) -> int:
        """Copy the samples that were never sent into the station's folder; tells how many wait there."""
        sent = self.folder / "sent"
        sent.mkdir(parents=True, exist_ok=True)
        for sample in sorted(self.samples.iterdir()):
            if sample.suffix in SCAN_SUFFIXES and not (sent / sample.name).exists():
                shutil.copyfile(sample, self.folder / sample.name)
        return sum(1 for path in self.folder.iterdir() if path.suffix in SCAN_SUFFIXES)

    def lay_out_again(self, name: str) -> None:
        shutil.copyfile(self.samples / name, self.folder / name)

    @contextmanager
    def running_server(self, *, workers: int, port: int = 0) -> Iterator[str]:
        """The true server on a loopback port, 0: a free one; gives its address."""
        ready = self.data / "demo.port"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "api.cli", "--data", str(self.data), "serve", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--workers", str(workers), "--ready-file", str(ready)]
        with self.log.open("ab") as log:
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{self._port(server, ready)}"
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def send(self, address: str) -> int:
        """Send what lies in the folder with the true station program; gives its exit status."""
        command = [sys.executable, "-m", "api.cli", "station", "send", str(self.folder), "--server", address]
        environment = os.environ | {"GUIDANG_TOKEN": self.token}
        return subprocess.run(
            [*command, "--settle", "0", "--operator", "示范"], env=environment, check=False
        ).returncode

    def has_logged_in(self, archive: Archive, name: str) -> bool:
        with archive.reading() as session:
            logins = select(LoginSession.user_id).join(User, User.id == LoginSession.user_id).where(User.name == name)
            return session.scalar(logins.limit(1)) is not None

    def _port(self, server: subprocess.Popen[bytes], ready: Path) -> int:
        deadline = time.monotonic() + START_PATIENCE_S
        while not ready.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise WrongState(f"The server did not start. See {self.log}.")
            time.sleep(0.1)
        return int(ready.read_text())

    def _keep_logins(self) -> None:
        known = {"logins": self.logins, "token": self.token}
        write_whole(self._secrets, json.dumps(known, ensure_ascii=False, indent=1).encode())
        self._secrets.chmod(0o600)  # the data directory itself is closed to others


def samples_directory() -> Path:
    found = Path(__file__).resolve().parents[2] / "samples"
    if not (found / "truth.jsonl").exists():
        raise NotFound("The samples are not here: the demonstration runs from the checkout or the container.")
    return found


def _enrol(session: Session, passwords: Argon2Passwords, name: str, roles: tuple[Role, ...]) -> str:
    """Make a user whose one-time password is changed already; a user left by an interrupted run gets a new one."""
    known = session.scalars(select(User).where(User.name == name)).one_or_none()
    if known is None:
        regions: list[str] | None = [] if Role.ADMINISTRATOR in roles else None
        new = NewUser(name=name, roles=roles, regions=regions, department="示范")
        user, once = accounts.create_user(session, passwords, _SETUP, new)
    else:
        user, once = accounts.reset_password(session, passwords, _SETUP, known.id)
    chosen = accounts.one_time_password()
    himself = Actor(id=user.id, roles=frozenset(roles), regions=None)
    accounts.change_password(session, passwords, himself, current=once, new=chosen)
    return chosen


def _enrol_station(session: Session) -> str:
    taken = len(session.scalars(select(Station.id)).all())
    name = STATION if not taken else f"{STATION}{taken + 1}"
    return accounts.create_station(session, _SETUP, name=name, region_code=None)[1]
