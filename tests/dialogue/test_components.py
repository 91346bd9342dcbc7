"""Rasa's own runtime: components and the tracker store, in Python 3.10."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.conftest import need
from tests.servers import ROOT

PYTHON = ROOT / ".venv-dialogue/bin/python"


def test_that_the_components_do_their_work_in_rasas_runtime() -> None:
    need(PYTHON.exists(), "the dialogue's environment")
    script = Path(__file__).with_name("rasa_runtime.py")
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", str(script)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "ok"
