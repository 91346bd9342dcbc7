"""The tables of the gateway; docs/channels.md says how long each row lives."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # only this counts by itself

# Every message of a person once, in the order of arrival.
INCOMING = Table(
    "incoming",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("message_id", String(160), nullable=False),
    Column("sender", String(64), nullable=False),
    # Sealed; empty where the channel sends again by itself (web), and once done.
    Column("body", String, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("received_at", Float, nullable=False),
    Column("done_at", Float),
    UniqueConstraint("channel", "message_id"),
    Index("incoming_sender", "sender", "done_at"),
)

# Every message to a person; `reply` is its number within the turn, from 1.
OUTGOING = Table(
    "outgoing",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("message_id", String(160), nullable=False),
    Column("reply", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("sender", String(64), nullable=False),
    Column("body", String, nullable=False),  # sealed; empty once settled
    Column("is_danger", Boolean, nullable=False),
    # waiting, sending, sent, dead (an operator can retry), dropped (nobody can)
    Column("state", String(8), nullable=False, default="waiting"),
    Column("attempts", Integer, nullable=False, default=0),
    # Sends that a crash or a time-out left open: they may have arrived twice.
    Column("uncertain", Integer, nullable=False, default=0),
    Column("due_at", Float, nullable=False, default=0),
    Column("error", String(80), nullable=False, default=""),
    Column("platform_id", String(64), nullable=False, default=""),
    Column("made_at", Float, nullable=False),
    Column("settled_at", Float),
    UniqueConstraint("channel", "message_id", "reply", "part"),
    Index("outgoing_sender", "sender", "state"),
)

# One row a conversation: where to answer, what to remember, and who works on it.
CONVERSATION = Table(
    "conversation",
    METADATA,
    Column("sender", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("address", String, nullable=False, default=""),  # the raw id, sealed
    Column("memory", String, nullable=False, default=""),  # codes only, sealed
    # When there is work: 0 at once, later after a failed send, null for none.
    Column("due_at", Float),
    Column("owner", String(32), nullable=False, default=""),
    Column("lease_until", Float, nullable=False, default=0),
    # The person asked to be forgotten; done when the last reply has gone.
    Column("forget", Boolean, nullable=False, default=False),
    Column("touched_at", Float, nullable=False),
    Index("conversation_due", "due_at"),
)

# What a button means whose id is too long for its platform.
BUTTON = Table(
    "button",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("choice", String(200), nullable=False),
    Column("made_at", Float, nullable=False),
)

# What people think of an answer, and what was not answered, for staff: no sender, and
# never of a danger.
RATING = Table(
    "rating",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("article", String(120), nullable=False),
    Column("value", Integer, nullable=False),  # 1 or -1; 0 for a question
    Column("question", String, nullable=False, default=""),  # redacted, of a 0 only
    Column("made_at", Float, nullable=False),
    Index("rating_made", "made_at"),
)

# How often what happened, for staff: neither words nor senders.
COUNT = Table(
    "count",
    METADATA,
    Column("day", String(10), primary_key=True),  # 2026-11-22
    Column("channel", String(16), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("detail", String(120), primary_key=True),  # article or class
    Column("number", Integer, nullable=False),
)

# What only one process may do at a time: polling, renewing a token.
LEASE = Table(
    "lease",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),
    Column("until", Float, nullable=False),
)

# Small secrets of a platform, sealed: the pair of tokens, an authorisation begun.
VAULT = Table(
    "vault",
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("content", String, nullable=False),
)
