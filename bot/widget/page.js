// What every part of the chat page uses: its nodes, its words, its surroundings.

export const $ = (id) => document.getElementById(id);
export const root = document.documentElement;
export const log = $("log");
export const input = $("text");
export const framed = window.parent !== window;

let texts = {};

/** The text of a key, with its {values}; the key itself while none is loaded. */
export const t = (key, values = {}) => {
  const text = Object.hasOwn(texts, key) ? texts[key] : String(key);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
};

/** Tell in the status line, which is read aloud without moving the focus. */
export const say = (text) => ($("status").textContent = text);

/** Send the host's loader a message. It holds no word of the conversation. */
export const tell = (message) => framed && window.parent.postMessage(message, "*");

/** Fetch the texts; the page itself is written in Vietnamese. */
export async function loadTexts(lang) {
  const response = await fetch("/widget/v1/texts.json");
  texts = (await response.json())[lang];
  if (lang !== root.lang) translate(lang);
}

function translate(lang) {
  root.lang = lang;
  for (const node of document.querySelectorAll("[data-t]")) {
    node.textContent = t(node.dataset.t);
  }
  for (const node of document.querySelectorAll("[data-l]")) {
    node.setAttribute("aria-label", t(node.dataset.l));
  }
  input.placeholder = t(input.dataset.p);
}

/** The numbers that the page showed before any script ran. */
export function barLines() {
  return [...document.querySelectorAll("a.call")].map((link) => ({
    number: link.dataset.number,
    tel: link.getAttribute("href"),
    label: link.dataset.label,
    hours: link.dataset.hours,
    cost: link.dataset.cost,
  }));
}
