// How the page looks and prints: colours, large text, what goes to paper. Choices
// live as long as the page does; nothing is stored.

import { $, box, log, root, t, tree } from "./page.js";

const LARGE = "140%";
const DARK = "(prefers-color-scheme: dark)";
const MEDIA = { system: DARK, light: "not all", dark: "all" };

/** Dark colours are sheets of their own; a choice changes when they hold. */
function theme(name) {
  for (const sheet of document.querySelectorAll(".dark")) sheet.media = MEDIA[name];
  for (const button of tree.querySelectorAll("[data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === name));
  }
}

for (const button of tree.querySelectorAll("[data-theme]")) {
  button.addEventListener("click", () => theme(button.dataset.theme));
}

$("large").addEventListener("click", () => {
  const large = $("large").getAttribute("aria-pressed") !== "true";
  $("large").setAttribute("aria-pressed", String(large));
  root.style.fontSize = large ? LARGE : "";
});

// ---- Paper: the whole conversation, or one answer

/** Print one message with its sources, the date and the numbers. */
export function printOne(node) {
  box.dataset.one = node.dataset.one = "";
  window.print();
}

window.addEventListener("beforeprint", () => {
  $("printed").textContent = t("printed", { date: new Date().toLocaleDateString("vi") });
  // Our own page prints the conversation once there is one, else itself.
  if (log.querySelector(".you") || "one" in box.dataset) root.dataset.printing = "chat";
  for (const cite of log.querySelectorAll(".cite:not([open])")) {
    cite.open = true;
    cite.dataset.printing = "";
  }
});

window.addEventListener("afterprint", () => {
  delete root.dataset.printing;
  delete box.dataset.one;
  for (const node of log.querySelectorAll("[data-one]")) delete node.dataset.one;
  for (const cite of log.querySelectorAll("[data-printing]")) {
    cite.open = false;
    delete cite.dataset.printing;
  }
});
