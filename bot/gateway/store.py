"""The gateway's database: SQLite by default, PostgreSQL by `DATABASE_URL`.

What a person wrote and a person's raw id are stored sealed, never in the clear, so that
neither a backup nor an old page of the file shows them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.gateway.tables import METADATA

T = TypeVar("T")
POSTGRES_THREADS = 8
# So long a SQLite file that another program holds is waited for.
DATABASE_PATIENCE = 2.0
LEASE_SECONDS = 20.0
# Every process asks the database's clock so often.
CLOCK_SECONDS = 300


class StoreError(Exception):
    """The database does not answer; danger is still handled without it."""


class Store:
    """One database, used from few threads; nothing is opened before its first use.

    Attributes:
        lease_seconds: after so long without a sign, another gateway takes over.
    """

    def __init__(
        self,
        url: str,
        secret: bytes,
        patience: float = DATABASE_PATIENCE,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._engine = _engine(url, patience)
        self.lease_seconds = lease_seconds
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        # SQLite has one writer anyway: one thread never waits for a lock of its own.
        threads = 1 if self.is_sqlite else POSTGRES_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, "seal")))
        self._pepper = _derive(secret, "pseudonym")
        self._ready = False
        self._offset, self._synced = time.time() - time.monotonic(), float("-inf")

    async def run(self, work: Callable[[Connection], T], *, durable: bool = False) -> T:
        """Do some work in one transaction, in a thread.

        Args:
            durable: a crash of the whole machine must not lose it either.
        Raises:
            StoreError: the database does not answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.do, work, durable)

    def do(self, work: Callable[[Connection], T], durable: bool = False) -> T:
        """Do some work in one transaction, here.

        Raises:
            StoreError: the database does not answer.
        """
        try:
            self._create()
            with self._engine.connect() as db:
                if self.is_sqlite:
                    level = "full" if durable else "normal"
                    db.connection.cursor().execute(f"pragma synchronous={level}")
                with db.begin():
                    return work(db)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(type(error).__name__) from error

    def now(self) -> float:
        """Return seconds since 1970 that no change of this machine's clock moves."""
        return self._offset + time.monotonic()

    def seal(self, content: Any) -> str:
        """Return JSON content as text that only this installation can read."""
        return self._fernet.encrypt(json.dumps(content).encode()).decode()

    def unseal(self, sealed: str) -> Any:
        """Return what `seal` took; None if it is empty or of another secret."""
        if not sealed:
            return None
        try:
            return json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            return None

    def pseudonym(self, channel: str, raw: str) -> str:
        """Return the sender id of a raw id; without the secret nobody gets back."""
        told = hmac.new(self._pepper, f"{channel}:{raw}".encode(), hashlib.sha256)
        return f"{channel}:{told.hexdigest()[:32]}"

    async def is_alive(self) -> bool:
        """Tell whether the database answers."""
        try:
            await self.run(lambda db: db.execute(text("select 1")).scalar())
        except StoreError:
            return False
        return True

    def close(self) -> None:
        """Finish what runs, then let go of all connections."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    def _create(self) -> None:
        # Not in __init__: the gateway starts without its database.
        if not self._ready:
            with self._engine.begin() as db:
                if not self.is_sqlite:  # two processes may start at once
                    db.execute(text("select pg_advisory_xact_lock(111)"))
                METADATA.create_all(db)
            self._ready = True
        if not self.is_sqlite and time.monotonic() - self._synced > CLOCK_SECONDS:
            # Leases compare moments of several machines: one clock for all.
            with self._engine.connect() as db:
                asked = "select extract(epoch from clock_timestamp())"
                there = float(db.execute(text(asked)).scalar_one())
            self._offset, self._synced = there - time.monotonic(), time.monotonic()


def insert_into(db: Connection, table: Table) -> Any:
    """Return an insert that can be told what to do on a conflict."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _engine(url: str, patience: float) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": patience})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_at_once)
        return engine
    return create_engine(
        url,
        pool_size=POSTGRES_THREADS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "options": "-c lock_timeout=5000 -c statement_timeout=10000",
        },
    )


def _derive(secret: bytes, purpose: str) -> bytes:
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_at_once says
    cursor = connection.cursor()
    # Deleted rows are overwritten, not left in free pages.
    for setting in (
        *("journal_mode=wal", "secure_delete=on"),
        "journal_size_limit=1000000",
    ):
        cursor.execute(f"pragma {setting}")
    cursor.close()


def _begin_at_once(connection: Connection) -> None:
    # A transaction that reads first and writes then could fail half-way.
    connection.exec_driver_sql("begin immediate")
