// Our own pages without a chat: they leave quickly as well, and keep no trace in the
// history. Without this script their link still leaves.

import { onThreeShifts } from "./shift.js";

const exit = document.querySelector("a[data-quick-exit]");

function leave(event) {
  event?.preventDefault();
  document.documentElement.style.setProperty("display", "none", "important");
  document.title = "";
  location.replace(exit.href);
}

exit.addEventListener("click", leave);
onThreeShifts(leave, () => {});
