"""A gateway between local platforms and a local dialogue, all of them real servers."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.gateway.app import create_app
from bot.gateway.channels.zalo_tokens import keep_pair, read_pair
from bot.gateway.settings import Settings
from bot.gateway.store import Store
from bot.gateway.tables import CONVERSATION, INCOMING, OUTGOING
from tests.fakes.dialogue import FakeDialogue
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, FakeZalo
from tests.servers import ROOT, free_port, serve, wait_until

SECRET = "a-secret-for-tests-of-enough-length-0123456789"
HOOK_SECRET = "hook_secret_for_tests_0123456789abcdef"


def zalo_settings(port: int) -> dict[str, Any]:
    """Return what turns Zalo on, at a local address."""
    address = f"http://127.0.0.1:{port}"
    return {
        "zalo_app_id": APP_ID,
        "zalo_app_secret": APP_SECRET,
        "zalo_oa_id": OA_ID,
        "zalo_oa_secret_key": OA_SECRET,
        "zalo_api_base": address,
        "zalo_oauth_base": address,
    }


WITHOUT_ZALO = {
    "zalo_app_id": "",
    "zalo_app_secret": "",
    "zalo_oa_id": "",
    "zalo_oa_secret_key": "",
}
HOOKED = {
    "telegram_mode": "webhook",
    "telegram_webhook_secret": HOOK_SECRET,
    "public_url": "https://gateway.example",
}


class House:
    """Everything one gateway talks to; parts start and stop on their own."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.telegram, self.dialogue = FakeTelegram(), FakeDialogue()
        self.zalo, self.zalo_port = FakeZalo(), free_port()
        self.telegram_port, self.dialogue_port = free_port(), free_port()
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.given: dict[str, Any] = {
            "data_dir": folder,
            "gateway_port": self.port,
            "gateway_secret": SECRET,
            "dialogue_port": self.dialogue_port,
            "actions_port": free_port(),
            "public_url": self.address,
            "telegram_bot_token": TOKEN,
            "telegram_base_url": f"http://127.0.0.1:{self.telegram_port}/bot",
            **zalo_settings(self.zalo_port),
            **settings,
        }
        self.zalo.webhook = f"{self.address}/webhooks/zalo/webhook"
        self.process: subprocess.Popen[bytes] | None = None
        self._parts = contextlib.ExitStack()
        self._gateway = contextlib.ExitStack()

    def start_platforms(self) -> None:
        self._parts.enter_context(serve(self.telegram.app(), self.telegram_port))
        self._parts.enter_context(serve(self.dialogue.app(), self.dialogue_port))
        self._parts.enter_context(serve(self.zalo.app(), self.zalo_port))

    def start_gateway(self) -> None:
        """Run the gateway in a thread of this process."""
        app = create_app(Settings(**self.given))
        self._gateway.enter_context(serve(app, self.port))

    def stop_gateway(self) -> None:
        self._gateway.close()

    def authorize_zalo(self) -> None:
        """Store a pair of tokens, as an authorisation does."""
        store = self.store()
        keep_pair(store, self.zalo.pair(), read_pair(store).generation)
        store.close()

    def sibling(self) -> House:
        """Return a second gateway between the same platforms and the same store."""
        other = House(self.given["data_dir"])
        other.port = free_port()
        other.given = {**self.given, "gateway_port": other.port}
        other.address = f"http://127.0.0.1:{other.port}"
        other.telegram, other.zalo = self.telegram, self.zalo
        other.dialogue = self.dialogue
        return other

    def spawn_gateway(self, log: Path, **environ: str) -> None:
        """Run the gateway as its own process, which can be killed."""
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.gateway"],
                cwd=ROOT,
                env=self.variables(**environ),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: self.health() is not None, 180)

    def variables(self, **environ: str) -> dict[str, str]:
        given = {name.upper(): str(value) for name, value in self.given.items()}
        return {**os.environ, **given, "OMP_NUM_THREADS": "1", **environ}

    def command(self, *words: str) -> str:
        """Run a command of the gateway; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.gateway", *words],
            cwd=ROOT,
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def renew_zalo(self, generation: int) -> subprocess.Popen[bytes]:
        """Renew the tokens of Zalo as a gateway does."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot.gateway.channels.zalo_renew", str(generation)],
            cwd=ROOT,
            env=self.variables(),
        )

    def kill_gateway(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
        self._gateway.close()
        self._parts.close()

    def health(self) -> dict[str, Any] | None:
        try:
            answer = httpx.get(f"{self.address}/health", timeout=5, trust_env=False)
            body: dict[str, Any] = answer.json()
            return body
        except (httpx.HTTPError, ValueError):
            return None

    def channel(self, name: str) -> dict[str, Any]:
        health = self.health() or {}
        found: dict[str, Any] = health.get("channels", {}).get(name, {})
        return found

    def wait_for_state(self, name: str, state: str, seconds: float = 60) -> None:
        wait_until(lambda: self.channel(name).get("state") == state, seconds)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(f"{self.address}{path}", timeout=30, trust_env=False, **more)

    def store(self) -> Store:
        return Settings(**self.given).store()

    def rows(self, channel: str, raw: int | str) -> int:
        """Count the rows of a person in all tables."""
        store = self.store()
        sender = store.pseudonym(channel, str(raw))
        queries = [
            select(func.count()).where(table.c.sender == sender)
            for table in (INCOMING, OUTGOING, CONVERSATION)
        ]
        try:
            return sum(
                store.do(lambda db: [int(db.execute(q).scalar_one()) for q in queries])
            )
        finally:
            store.close()

    def told(self, user: str, count: int = 1, seconds: float = 60) -> list[str]:
        """Wait until a person of Zalo has so many messages; returns them."""
        wait_until(lambda: len(self.zalo.texts(user)) >= count, seconds)
        return self.zalo.texts(user)

    def reset(self) -> None:
        """Forget what the last test planned and did; chats stay as they are."""
        self.telegram.faults.clear()
        self.telegram.calls.clear()
        self.telegram.messages.clear()
        self.zalo.faults.clear()
        self.zalo.outbox.clear()
        self.dialogue.heard.clear()
        self.dialogue.reply, self.dialogue.seconds = None, 0.0

    def heard(self, chat: int, count: int = 1, seconds: float = 60) -> list[str]:
        """Wait until a chat of Telegram holds so many messages; returns them."""
        wait_until(lambda: len(self.telegram.texts(chat)) >= count, seconds)
        return self.telegram.texts(chat)
