"""The bare bot: what `rasa init` makes, and one custom action; trained once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.bench.machine import wait_for
from tests.servers import ROOT, free_port

OWN = Path(__file__).with_name("bare")
PYTHON = ROOT / ".venv-dialogue/bin/python"
STARTER = ROOT / ".venv-dialogue/lib/python3.10/site-packages/rasa/cli/initial_project"
SECONDS = 600
# As the product runs its own Rasa and actions, so that other work disturbs both alike.
NICE = ("nice", "-n", "10")


@dataclass(frozen=True, slots=True)
class Running:
    """Its address, its processes by name, and when each answered."""

    address: str
    pids: dict[str, int]
    started: dict[str, float]


def prepare(folder: Path) -> Path:
    """Train the bare bot unless it is trained; returns the model.

    Raises:
        RuntimeError: the training failed.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in OWN.iterdir() if p.is_file()):
        digest.update(path.read_bytes())
    model = folder / f"{digest.hexdigest()[:16]}.tar.gz"
    if model.exists():
        return model
    print("the bare bot is trained, once (a minute or more)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(STARTER, folder)
    (folder / "domains").mkdir()
    (folder / "domain.yml").rename(folder / "domains/starter.yml")
    shutil.copy(OWN / "domain.yml", folder / "domains/own.yml")
    shutil.copy(OWN / "rights.yml", folder / "data/rights.yml")
    shutil.copy(OWN / "endpoints.yml", folder)
    shutil.copy(OWN / "actions.py", folder / "actions/actions.py")
    train = ("train", "--quiet", "--domain", "domains", "--out", "made")
    if _rasa(folder, *train).wait():
        raise RuntimeError(f"The bare bot could not be trained: {folder / 'log.txt'}")
    (made,) = (folder / "made").glob("*.tar.gz")
    return made.replace(model)


@contextlib.contextmanager
def running(folder: Path, model: Path) -> Iterator[Running]:
    """Run its dialogue and its action server until the block ends."""
    ports = {"dialogue": free_port(), "actions": free_port()}
    os.environ["BARE_ACTIONS_PORT"] = str(ports["actions"])
    parts = {
        "actions": _rasa(folder, "run", "actions", "--port", str(ports["actions"])),
        "dialogue": _rasa(
            folder,
            *("run", "--quiet", "--interface", "127.0.0.1"),
            *("--port", str(ports["dialogue"]), "--model", str(model)),
        ),
    }
    address = f"http://127.0.0.1:{ports['dialogue']}"
    answers = {
        "actions": f"http://127.0.0.1:{ports['actions']}/health",
        "dialogue": f"{address}/webhooks/rest/",
    }
    try:
        started = wait_for(
            lambda: {name: _answers(url) for name, url in answers.items()}, SECONDS
        )
        yield Running(address, {n: part.pid for n, part in parts.items()}, started)
    finally:
        for part in parts.values():
            part.kill()
            part.wait()


def _rasa(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [*NICE, str(PYTHON), "-W", "ignore", "-m", "rasa", *arguments],
            cwd=folder,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
