"""What an operator can set, read once from the environment."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[2]
SECRET_BYTES = 32


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
    # Seconds until the gateway answers by itself. A turn takes about 0.1 s.
    dialogue_timeout: float = Field(default=6.0, gt=0, le=60)
    session_seconds: int = Field(default=3600, ge=60)
    turns_per_five_minutes: int = Field(default=20, ge=1)
    sessions_per_hour: int = Field(default=60, ge=1)
    # Sites that may show the widget, as `frame-ancestors` of its page.
    frame_ancestors: str = "'self'"
    # Where "leave quickly" goes; the neutral page of our own by default.
    exit_url: str = "/thoat"

    @property
    def dialogue_url(self) -> str:
        return f"http://127.0.0.1:{self.dialogue_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

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
