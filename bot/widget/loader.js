// One line embeds the chat in any website, see docs/embedding.md:
//   <script src="https://…/widget/v1/loader.js" data-site="my-site" defer></script>
// It stores nothing, asks our host for nothing before the button is pressed, and adds
// one global name.

import CSS from "./loader.css";
import { onThreeShifts } from "./shift.js";
import WORDS from "./texts.json";

const doc = document;
const script = doc.currentScript;
const root = doc.documentElement;

function add(parent, tag, attributes, text = "") {
  const node = doc.createElement(tag);
  for (const name of Object.keys(attributes)) node.setAttribute(name, attributes[name]);
  node.textContent = text;
  parent.append(node);
  return node;
}

/** Make the root that keeps the host's styles out, with ours in it. */
function makeRoot(lang) {
  const shadow = add(doc.body, "div", { lang }).attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    add(shadow, "style", {}, CSS); // browsers before 2023; a strict policy refuses it
  }
  return shadow;
}

/** White words, or black ones where white could not be read (luminance, roughly). */
function paint({ style }, colour) {
  const [r, g, b] = (colour?.match(/[\da-f]{2}/gi) ?? []).map((x) => parseInt(x, 16));
  style.background = colour;
  if (0.21 * r * r + 0.72 * g * g + 0.07 * b * b > 12000) style.color = "#000";
}

/** Keep the panel above the keyboard of a phone, which covers fixed boxes. */
function keepAboveKeyboard({ style, offsetWidth }) {
  const { height, offsetTop, scale } = window.visualViewport;
  const full = offsetWidth >= root.clientWidth && scale === 1;
  style.height = full ? `${height}px` : "";
  style.top = full ? `${offsetTop}px` : "";
}

function start() {
  const { origin } = new URL(script.src);
  const given = { ...script.dataset };
  // The gateway writes here how the sites of its configuration look.
  const options = { ...__SITES__[given.site], ...given };
  const words = WORDS[options.lang === "en" ? "en" : "vi"];
  const neutral = new URL(options.exit || `${origin}/thoat`, location).href;
  let frame;

  function leave() {
    root.style.setProperty("display", "none", "important");
    doc.title = "";
    location.replace(neutral);
  }
  onThreeShifts(leave, () => {});

  const shadow = makeRoot(options.lang || "vi");
  const side = options.position === "left" ? " left" : "";
  const launcher = add(
    shadow,
    "button",
    { class: "launcher" + side, "aria-controls": "panel", "aria-expanded": false },
    words.launcher,
  );
  const panel = add(shadow, "div", {
    class: "panel" + side,
    id: "panel",
    role: "region",
    "aria-label": words.launcher,
    hidden: "",
  });
  const wait = add(panel, "div", { class: "wait" }, words.loading);
  add(wait, "a", { href: "tel:111" }, "111");
  const shut = add(wait, "button", {}, words.close);
  paint(launcher, options.colour);
  paint(panel, options.colour);

  function greet() {
    frame.focus();
    frame.contentWindow.postMessage({ t: "open" }, origin);
  }

  function show(open) {
    panel.hidden = !open;
    launcher.setAttribute("aria-expanded", open);
    if (!open) launcher.focus();
    else if (wait.hidden) greet();
    else shut.focus();
    frame ??= add(panel, "iframe", {
      title: words.launcher,
      allow: "clipboard-write",
      src: `${origin}/widget/v1/frame?${new URLSearchParams(given)}`,
    });
  }

  launcher.onclick = () => show(panel.hidden);
  shut.onclick = () => show(false);
  panel.onkeydown = (event) => event.key === "Escape" && show(false);
  window.visualViewport?.addEventListener("resize", () => keepAboveKeyboard(panel));
  window.addEventListener("message", ({ origin: from, source, data }) => {
    if (from !== origin || source === window) return;
    // Any frame of ours may leave, wherever it stands in the page.
    if (data?.t === "exit") leave();
    if (source !== frame?.contentWindow) return;
    if (data?.t === "close") show(false);
    if (data?.t !== "ready") return;
    wait.hidden = true;
    if (!panel.hidden) greet();
  });
  window.quyenTreEm = { open: () => show(true) };
}

try {
  if (script?.src && !window.quyenTreEm) start();
} catch {
  // The host's page must survive whatever happens here.
}
