"""What an operator can set, read once from the environment."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

from bot.gateway.store import DATABASE_PATIENCE, LEASE_SECONDS, Store

ROOT = Path(__file__).resolve().parents[2]
SECRET_BYTES = 32
ZALO_SECRET_LENGTH = 16
_BOT_TOKEN = re.compile(r"\d+:[\w-]{30,}", re.A)
_URL_SECRET = re.compile(r"[\w-]{32,256}", re.A)


class SettingsError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


class Settings(BaseSettings):
    """Each field is an environment variable of the same name in capitals."""

    gateway_host: str = "127.0.0.1"
    gateway_port: int = Field(default=8000, ge=1, le=65535)
    dialogue_port: int = Field(default=5005, ge=1, le=65535)
    actions_port: int = Field(default=5055, ge=1, le=65535)
    data_dir: Path = ROOT / "var"
    gateway_secret: SecretStr = SecretStr("")
    # Empty: a SQLite file in DATA_DIR. Several gateways share one PostgreSQL:
    # postgresql+psycopg://user:password@host/database
    database_url: SecretStr = SecretStr("")
    # Seconds that a SQLite file held by another program is waited for, and that another
    # gateway waits until it takes over what one that died has begun.
    database_patience: float = Field(default=DATABASE_PATIENCE, gt=0, le=10)
    lease_seconds: float = Field(default=LEASE_SECONDS, ge=2, le=300)
    # Seconds until the gateway answers by itself. A turn takes about 0.1 s.
    dialogue_timeout: float = Field(default=6.0, gt=0, le=60)
    # So long without a message, a conversation is deleted, here and in the dialogue.
    conversation_seconds: float = Field(default=24 * 3600, ge=60)
    session_seconds: int = Field(default=3600, ge=60)
    turns_per_five_minutes: int = Field(default=20, ge=1)
    sessions_per_hour: int = Field(default=60, ge=1)
    # Sites that may show the widget, and how it looks there.
    sites_file: Path = ROOT / "bot" / "gateway" / "sites.yml"
    # How people reach the gateway, such as https://tro-giup.example.vn, for the
    # addresses in the sitemap; the request's own host if empty.
    public_url: str = ""
    # Where "leave quickly" goes; the neutral page of our own by default.
    exit_url: str = "/thoat"

    # Seconds that a platform has to answer a send, and until the first new try; later
    # ones wait 3, 9, 27… times as long.
    send_timeout: float = Field(default=10.0, gt=0, le=60)
    retry_seconds: float = Field(default=1.0, gt=0, le=60)

    # Telegram is on with a token. "webhook" needs PUBLIC_URL and its secret.
    telegram_bot_token: SecretStr = SecretStr("")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_base_url: str = "https://api.telegram.org/bot"

    # Zalo is on with these five. The OA's key signs webhooks, the app's is for tokens.
    zalo_app_id: str = ""
    zalo_app_secret: SecretStr = SecretStr("")
    zalo_oa_id: str = ""
    zalo_oa_secret_key: SecretStr = SecretStr("")
    zalo_api_base: str = "https://openapi.zalo.me"
    zalo_oauth_base: str = "https://oauth.zaloapp.com"
    zalo_signature_mode: Literal["enforce", "log"] = "enforce"
    # How choices are shown: tried on a real account first, see docs/channels.md.
    zalo_button_style: Literal[
        "text_buttons", "button_template", "list", "numbered"
    ] = "text_buttons"
    zalo_anon_endpoint: Literal["v3cs", "v2message"] = "v3cs"
    # Buttons that dial; three digits only where a real account took them.
    zalo_phone_buttons: Literal["none", "long", "all"] = "long"
    # The content of Zalo's verification tag and the name of its file.
    zalo_site_verification: str = ""

    @property
    def dialogue_url(self) -> str:
        return f"http://127.0.0.1:{self.dialogue_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    def store(self) -> Store:
        """Return the database; nothing of it is opened yet."""
        url = self.database_url.get_secret_value()
        return Store(
            url or f"sqlite:///{self.data_dir / 'gateway.db'}",
            self.secret(),
            self.database_patience,
            self.lease_seconds,
        )

    def environ(self) -> dict[str, str]:
        """Return the same settings as variables for a process of our own."""
        return {
            name.upper(): value.get_secret_value()
            if isinstance(value, SecretStr)
            else str(value)
            for name, value in self
        }

    @property
    def has_telegram(self) -> bool:
        return bool(self.telegram_bot_token.get_secret_value())

    @property
    def has_zalo(self) -> bool:
        return bool(self.zalo_app_id or self.zalo_oa_id or self._zalo_secrets())

    def check_channels(self) -> None:
        """Refuse a channel whose secrets are missing or weak.

        Raises:
            SettingsError: one line that names the variable, never its value.
        """
        if self.has_telegram:
            self._check_telegram()
        if self.has_zalo:
            self._check_zalo()

    def _check_telegram(self) -> None:
        token = self.telegram_bot_token.get_secret_value()
        if not _BOT_TOKEN.fullmatch(token):
            raise SettingsError(
                "TELEGRAM_BOT_TOKEN is not a token (digits, a colon, 35 letters); copy "
                "it from @BotFather, or unset it."
            )
        if self.telegram_mode == "polling":
            return
        if not _URL_SECRET.fullmatch(self.telegram_webhook_secret.get_secret_value()):
            raise SettingsError(
                "TELEGRAM_WEBHOOK_SECRET needs 32 to 256 of A-Z a-z 0-9 _ - in webhook "
                "mode; make one with `openssl rand -hex 32`."
            )
        if not self.public_url.startswith("https://"):
            raise SettingsError("PUBLIC_URL must begin with https:// in webhook mode.")

    def _check_zalo(self) -> None:
        secrets_of_zalo = self._zalo_secrets()
        for name in ("zalo_app_id", "zalo_oa_id"):
            if not getattr(self, name).isdecimal():
                raise SettingsError(
                    f"{name.upper()} must be digits, as Zalo's console shows it."
                )
        for name in ("zalo_app_secret", "zalo_oa_secret_key"):
            if len(secrets_of_zalo.get(name, "")) < ZALO_SECRET_LENGTH:
                raise SettingsError(
                    f"{name.upper()} is missing or shorter than {ZALO_SECRET_LENGTH} "
                    "characters; copy it from Zalo's console."
                )
        if len(set(secrets_of_zalo.values())) == 1:
            raise SettingsError(
                "ZALO_APP_SECRET and ZALO_OA_SECRET_KEY are the same; the second "
                "stands on the Official Account's webhook page of Zalo's console."
            )

    def _zalo_secrets(self) -> dict[str, str]:
        found = {
            "zalo_app_secret": self.zalo_app_secret.get_secret_value(),
            "zalo_oa_secret_key": self.zalo_oa_secret_key.get_secret_value(),
        }
        return {name: value for name, value in found.items() if value}

    def secret(self) -> bytes:
        """Return the key of tokens and pseudonyms, made at the first start.

        Raises:
            SettingsError: a secret was given that is shorter than 32 characters.
        """
        given = self.gateway_secret.get_secret_value()
        if given:
            if len(given) < SECRET_BYTES:
                raise SettingsError(
                    f"GATEWAY_SECRET has {len(given)} characters; give at least "
                    f"{SECRET_BYTES} random ones, or unset it to have one made."
                )
            return given.encode()
        return _kept_secret(self.data_dir / "secret")


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: one line that names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        raise SettingsError(f"{name}: {first['msg']}. Correct or unset it.") from None


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept = path.read_bytes()
        if len(kept) >= SECRET_BYTES:
            return kept
    except FileNotFoundError:
        pass
    except OSError as error:
        raise SettingsError(
            f"{path.name} cannot be read ({error.strerror}); correct its rights "
            "or set GATEWAY_SECRET."
        ) from None
    fresh = secrets.token_hex(SECRET_BYTES).encode()
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(fresh)
    except OSError as error:
        raise SettingsError(
            f"{path.parent} cannot be written ({error.strerror}); set DATA_DIR to a "
            "folder that can, or set GATEWAY_SECRET."
        ) from None
    return fresh
