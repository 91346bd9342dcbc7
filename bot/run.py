"""Start the product: `python -m bot.run`, or one prepared part of it.

`run` checks ports and lock, then becomes supervisord (bot/supervisord.conf), which
starts the gateway at once; `actions` and `dialogue` first build what they need.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import httpx

ROOT = Path(__file__).resolve().parents[1]
DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / "var")).resolve()
APP_PYTHON = sys.executable
DIALOGUE_PYTHON = ROOT / ".venv-dialogue/bin/python"
PORTS = {
    "GATEWAY_PORT": 8000,
    "CONSOLE_PORT": 8001,
    "ACTIONS_PORT": 5055,
    "DIALOGUE_PORT": 5005,
}
LOCK_FD = 100
STEP = "[step]"
MODELS_KEPT = 3
NICE = 10
DIALOGUE = ROOT / "bot/dialogue"
DATA = ("domain", "nlu", "rules", "components")
CONSOLE = DATA_DIR / "console"


class StartError(Exception):
    """Why nothing was started, and what to do about it."""


def main(arguments: list[str]) -> int:
    part = arguments[0] if arguments else "run"
    parts = {
        "run": run,
        "actions": run_actions,
        "dialogue": run_dialogue,
        "announce": announce,
    }
    if part not in parts or len(arguments) > 1:
        print(f"Unknown part {part!r}; give one of: {', '.join(parts)}.")
        return 2
    for name, default in PORTS.items():
        os.environ.setdefault(name, str(default))
    os.environ["DATA_DIR"] = str(DATA_DIR)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.chdir(ROOT)
    if part != "run":
        os.nice(NICE)  # the gateway goes first, at the start and under load
    try:
        parts[part]()
    except StartError as error:
        # A part's own lines go to its log, from which `announce` repeats the steps.
        print(error if part == "run" else f"{STEP} {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run() -> NoReturn:
    """Check, then become supervisord.

    Raises:
        StartError: a second start, a port in use, or a folder without rights.
    """
    _take_lock()
    for name in PORTS:
        _check_port(name)
    os.environ["APP_PYTHON"] = APP_PYTHON
    supervisord = str(Path(APP_PYTHON).with_name("supervisord"))
    os.execv(supervisord, [supervisord, "-c", str(ROOT / "bot/supervisord.conf")])


def run_actions() -> NoReturn:
    """Build the snapshot if it is stale, then become the action server.

    Raises:
        StartError: the build failed and there is no older snapshot.
    """
    _step("knowledge: checking the snapshot")
    is_there = (DATA_DIR / "snapshots/CURRENT").exists()
    if not (is_there and (CONSOLE / "rolled_back").exists()):
        command = [APP_PYTHON, "-m", "knowledge", "build"]
        built = subprocess.run(command, check=False)
        if built.returncode and not is_there:
            raise StartError("The snapshot could not be built: see log/actions.log.")
    _step("actions: starting")
    os.execv(APP_PYTHON, [APP_PYTHON, "-m", "actions"])


def run_dialogue() -> NoReturn:
    """Train the model if it is missing or stale, then become Rasa.

    Raises:
        StartError: the training failed.
    """
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("CONVERSATION_SECONDS", str(24 * 3600))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    model = DATA_DIR / "models" / f"{_fingerprint()}.tar.gz"
    if not model.exists():
        _train(model)
    _step("dialogue: loading (Rasa takes about half a minute)")
    os.execv(
        DIALOGUE_PYTHON,
        [
            *_rasa("run", "--quiet", "--interface", "127.0.0.1"),
            *("--port", os.environ["DIALOGUE_PORT"], "--model", str(model)),
            *("--endpoints", str(DIALOGUE / "endpoints.yml")),
            *("--credentials", str(DIALOGUE / "credentials.yml")),
        ],
    )


def announce() -> None:
    """Print each step and each change of health until stopped."""
    import httpx  # not for every start: it takes time from the gateway's

    address = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    began, before, told = time.monotonic(), dict[str, str](), False
    logs = {name: DATA_DIR / f"log/{name}.log" for name in ("actions", "dialogue")}
    read = {name: _size(path) if path.exists() else 0 for name, path in logs.items()}
    with httpx.Client(base_url=address, timeout=3, trust_env=False) as http:
        while True:
            for name, path in logs.items():
                read[name] = _print_steps(path, read[name])
            parts = _parts(http)
            seconds = time.monotonic() - began
            for part, state in parts.items():
                if before.get(part) != state and (told or state == "ok"):
                    print(f"{seconds:5.0f} s  {part}: {state}", flush=True)
            before = parts
            if not told and parts and all(s == "ok" for s in parts.values()):
                print(f"Ready. Chat at {address}  (Ctrl-C stops all)", flush=True)
                told = True
            time.sleep(0.5)


def _parts(http: httpx.Client) -> dict[str, str]:
    try:
        parts: dict[str, str] = http.get("/health").json()["parts"]
        return parts
    except Exception:  # whatever it is, the gateway does not answer yet
        return {"gateway": "down"}


def _print_steps(path: Path, since: int) -> int:
    """Print the steps that a log has gained; returns the new place in it."""
    if not path.exists():
        return 0
    with path.open("rb") as log:
        log.seek(since if since <= _size(path) else 0)
        for line in log.read().decode("utf8", "replace").splitlines():
            if line.startswith(STEP):
                print(f"         {line.removeprefix(STEP).strip()}", flush=True)
        return log.tell()


def _train(model: Path) -> None:
    _step("dialogue: training the model (about a minute, only when its data changed)")
    made = model.parent / f"{model.name}.new"
    shutil.rmtree(made, ignore_errors=True)
    trained = subprocess.run(
        [
            *_rasa("train", "--quiet", "--config", "config.yml", "--out", str(made)),
            *("--domain", str(DIALOGUE / "domain"), "--data"),
            *(str(DIALOGUE / "nlu"), str(DIALOGUE / "rules")),
            *("--fixed-model-name", "model"),
        ],
        check=False,
    )
    if trained.returncode or not (made / "model.tar.gz").exists():
        raise StartError("The dialogue could not be trained: see log/dialogue.log.")
    (made / "model.tar.gz").replace(model)
    shutil.rmtree(made)
    older = sorted(model.parent.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for path in older[:-MODELS_KEPT]:
        path.unlink()


def _rasa(*arguments: str) -> list[str]:
    if not DIALOGUE_PYTHON.exists():
        raise StartError("The dialogue's environment is missing: run `make setup`.")
    return [str(DIALOGUE_PYTHON), "-W", "ignore", "-m", "rasa", *arguments]


def _fingerprint() -> str:
    """Return a hash of all that the model is trained from."""
    digest = hashlib.sha256((ROOT / "config.yml").read_bytes())
    paths = (path for name in DATA for path in (DIALOGUE / name).rglob("*"))
    for path in sorted(paths):
        if path.suffix in (".yml", ".py"):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _take_lock() -> None:
    try:
        (DATA_DIR / "log").mkdir(parents=True, exist_ok=True)
        lock = os.open(DATA_DIR / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StartError(
            f"{DATA_DIR} cannot be written ({error.strerror}); set DATA_DIR to a "
            "folder that can."
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartError(
            "It is running already from this folder: open "
            f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}, or stop it with Ctrl-C "
            "in its terminal first."
        ) from None
    # Kept open by supervisord, which gives it to none of its children.
    os.dup2(lock, LOCK_FD, inheritable=True)


def _check_port(name: str) -> None:
    value = os.environ[name]
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise StartError(f"{name}={value} is not a port; give 1 to 65535 or unset it.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError:
            raise StartError(
                f"Port {value} is in use: stop the program that uses it, or choose "
                f"another with {name}=…"
            ) from None


def _size(path: Path) -> int:
    return path.stat().st_size


def _step(text: str) -> None:
    print(f"{STEP} {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
