// Leaving quickly. Imported first, so that it works while the rest still loads.
// `replace` keeps the page out of the history (GOV.UK's button does not).

import { $, box, framed, input, log, root, say, t, tell } from "./page.js";
import { onThreeShifts } from "./shift.js";
import { forget, stop } from "./talk.js";

const LOADER_ANSWERS = 300; // ms; then the page leaves by itself

let hosted = false;

function empty() {
  log.replaceChildren();
  input.value = "";
}

/** Leave: stop, empty, hide, forget, and replace the page on top. */
export function leave(event) {
  event?.preventDefault();
  stop();
  empty();
  root.style.setProperty("display", "none", "important");
  document.title = "";
  forget();
  tell({ t: "exit" });
  if (hosted) setTimeout(go, LOADER_ANSWERS);
  else go();
}

function go() {
  const neutral = $("exit").href;
  try {
    window.top.location.replace(neutral);
  } catch {
    location.replace(neutral); // a sandbox keeps us in the frame
  }
}

onThreeShifts(leave, (count) => say(t("shift", { count })));
$("exit").addEventListener("click", leave);
for (const link of document.querySelectorAll("a[data-quick-exit]")) {
  link.addEventListener("click", leave); // the one of the page around the element
}

// Nothing stays for the back button: neither a kept page nor a conversation.
window.addEventListener("pagehide", () => {
  empty();
  forget();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

// A loader on the host's page opened the panel; it leaves and closes for us.
window.addEventListener("message", (event) => {
  if (!framed || event.source !== window.parent || event.data?.t !== "open") return;
  hosted = true;
  $("close").hidden = false;
  box.dataset.hosted = "";
  (matchMedia("(pointer: coarse)").matches ? $("heading") : input).focus();
});
