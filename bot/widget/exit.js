// Leaving quickly. Imported first and needs no text, so that it works while the
// rest still loads. `replace` keeps the page out of the history (GOV.UK's does not).

import { $, framed, input, log, root, say, t, tell } from "./page.js";
import { forget, stop } from "./talk.js";

const PRESSES = 3;
const WITHIN = 5_000; // ms between two presses of Shift
const LOADER_ANSWERS = 300; // ms; then the page leaves by itself

let hosted = false;
let presses = 0;
let alone = false;
let timer;

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

// Shift alone, three times. The same rule is in loader.js for the host's page.
function startAgain() {
  presses = 0;
  alone = false;
}

function keyDown(event) {
  const other = event.key !== "Shift" || event.isComposing;
  if (other || event.ctrlKey || event.altKey || event.metaKey) startAgain();
  else alone = true;
}

function keyUp(event) {
  if (event.key !== "Shift" || !alone) return startAgain();
  alone = false;
  presses += 1;
  clearTimeout(timer);
  timer = setTimeout(startAgain, WITHIN);
  if (presses >= PRESSES) leave();
  else say(t("shift", { count: PRESSES - presses }));
}

$("exit").addEventListener("click", leave);
document.addEventListener("keydown", keyDown, true);
document.addEventListener("keyup", keyUp, true);

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
  document.body.dataset.hosted = "";
  (matchMedia("(pointer: coarse)").matches ? $("heading") : input).focus();
});
