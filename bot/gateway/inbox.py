"""Every message of a person once: insert or ignore, then mark as done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Column, DateTime, MetaData, String, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

METADATA = MetaData()
INBOX = Table(
    "inbox",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("message_id", String(128), primary_key=True),
    Column("sender", String(64), nullable=False),
    # Empty where the channel sends again by itself (web), and once it is done.
    Column("text", String, nullable=False, default=""),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("done_at", DateTime(timezone=True)),
)


class InboxError(Exception):
    """The database does not answer; danger is still handled without it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a person.

    `sender` is a pseudonym (HMAC), `text` NFC; `choice` the id of a button.
    """

    channel: str
    message_id: str
    sender: str
    text: str = ""
    choice: str = ""


class Inbox:
    """The durable list of received messages, in a SQLite file."""

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _use_wal)
        self._ready = False

    def put(self, message: Message, *, keep_text: bool) -> bool:
        """Store a message before it is acknowledged; False if it is known.

        Raises:
            InboxError: the database does not answer.
        """
        try:
            self._create()
            with self._engine.begin() as connection:
                rows = connection.execute(
                    insert(INBOX).on_conflict_do_nothing(),
                    {
                        "channel": message.channel,
                        "message_id": message.message_id,
                        "sender": message.sender,
                        "text": message.text if keep_text else "",
                        "received_at": datetime.now(UTC),
                    },
                )
                return rows.rowcount == 1
        except SQLAlchemyError as error:
            raise InboxError(type(error).__name__) from error

    def done(self, message: Message) -> None:
        """Mark a message as answered and blank its text.

        Raises:
            InboxError: the database does not answer.
        """
        query = (
            INBOX.update()
            .where(INBOX.c.channel == message.channel)
            .where(INBOX.c.message_id == message.message_id)
            .values(text="", done_at=datetime.now(UTC))
        )
        self._run(query)

    def forget(self, sender: str) -> None:
        """Delete all that is kept of a person.

        Raises:
            InboxError: the database does not answer.
        """
        self._run(INBOX.delete().where(INBOX.c.sender == sender))

    def forget_before(self, moment: datetime) -> None:
        """Delete what is older than the retention.

        Raises:
            InboxError: the database does not answer.
        """
        self._run(INBOX.delete().where(INBOX.c.received_at < moment))

    def is_alive(self) -> bool:
        """Tell whether the database answers."""
        try:
            self._create()
            with self._engine.connect() as connection:
                connection.exec_driver_sql("select 1")
        except (SQLAlchemyError, InboxError):
            return False
        return True

    def close(self) -> None:
        self._engine.dispose()

    def _run(self, query: object) -> None:
        try:
            self._create()
            with self._engine.begin() as connection:
                connection.execute(query)  # type: ignore[call-overload]
        except SQLAlchemyError as error:
            raise InboxError(type(error).__name__) from error

    def _create(self) -> None:
        # Not in __init__: the gateway starts without its database.
        if not self._ready:
            METADATA.create_all(self._engine)
            self._ready = True


def _use_wal(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("pragma journal_mode=wal")
    cursor.execute("pragma synchronous=normal")
    cursor.execute("pragma busy_timeout=2000")
    cursor.close()
