"""What a visitor loads, in bytes after gzip: `python -m tests.widget.size`."""

from __future__ import annotations

import gzip
import re
import sys

from starlette.testclient import TestClient

from tests.widget.server import Site

LOADER, FRAME = 2_000, 20_000  # bytes


def sizes() -> dict[str, int]:
    """Return the bytes of the loader, and of the chat's page with all its files."""
    client = TestClient(Site(8010).app())

    def weight(address: str) -> int:
        answer = client.get(address)
        answer.raise_for_status()
        return len(gzip.compress(answer.content, 9, mtime=0))

    frame = "/widget/v1/frame?site=truong-mau"
    files = set(re.findall(r"/widget/v1/[\w.-]+\.\w+", client.get(frame).text))
    return {
        "loader": weight("/widget/v1/loader.js"),
        "frame": weight(frame) + sum(map(weight, files)),
    }


def main() -> int:
    measured = sizes()
    limits = {"loader": LOADER, "frame": FRAME}
    for name, limit in limits.items():
        print(f"widget {name}: {measured[name]} of {limit} bytes")
    return int(any(measured[name] > limit for name, limit in limits.items()))


if __name__ == "__main__":
    sys.exit(main())
