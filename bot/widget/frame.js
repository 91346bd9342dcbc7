// The chat: its form, its menu, its keys. It leaves quickly by exit.js, talks by
// talk.js, shows turns by turns.js; a reply becomes nodes in reply.js.

import "./exit.js";
import "./look.js";
import { $, framed, input, log, root, say, t, tell, tree } from "./page.js";
import { forget, stop } from "./talk.js";
import { clear, greet, speak } from "./turns.js";

// ---- Writing

function submit(event) {
  event.preventDefault();
  const text = input.value.normalize("NFC").trim();
  if (!text || $("send").disabled) return;
  input.value = "";
  speak({ text }, text);
  input.focus();
}

$("form").addEventListener("submit", submit);
// The event's own properties are enough: a flag of ours would stick when an input
// method is interrupted. 229: how Safari reports the Enter that ends a composition.
input.addEventListener("keydown", (event) => {
  const send = event.key === "Enter" && !event.shiftKey;
  if (send && !event.isComposing && event.keyCode !== 229) submit(event);
});
$("stop").addEventListener("click", stop);
$("help").addEventListener("click", () => speak({ choice: "need_help" }, t("help")));
tree.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address never changes
  input.focus();
});

// ---- The menu

const menu = {
  print: () => window.print(),
  forget: async () => {
    clear();
    forget();
    await greet();
    say(t("forgotten"));
  },
  traces: () => {
    $("how").open = true;
    $("how").querySelector("summary").focus();
    $("how").scrollIntoView({ block: "nearest" });
  },
};
for (const [id, act] of Object.entries(menu)) {
  $(id).addEventListener("click", () => {
    $("more").open = false;
    $("more").querySelector("summary").focus();
    act();
  });
}
document.addEventListener("click", (event) => {
  if (!event.composedPath().includes($("more"))) $("more").open = false;
});

// ---- Esc closes the innermost open thing; it never leaves the site

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const at = tree.activeElement;
  const open = at?.closest("details[open]") ?? $(at?.getAttribute("aria-controls"));
  if (open?.open) {
    open.open = false;
    if (open.contains(at)) open.querySelector("summary").focus();
  } else if (framed) tell({ t: "close" });
});
$("close").addEventListener("click", () => tell({ t: "close" }));

// ---- Network and keyboard of the device

window.addEventListener("offline", () => say(t("offline")));
window.addEventListener("online", () => say(t("online")));
window.visualViewport?.addEventListener("resize", () => {
  const { height, scale } = window.visualViewport;
  if (scale === 1) root.style.setProperty("--h", `${height}px`); // not when zoomed
});

// ---- Start

$("opening").remove();
$("send").disabled = false;
tell({ t: "ready" });
greet();
