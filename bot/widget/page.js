// What every part of the chat uses: its nodes, its words, its surroundings. The chat
// stands in a page of its own or, on our own pages, in the element <quyen-tre-em-chat>.

const NAME = "quyen-tre-em-chat";

/** The chat inside one of our own pages; its markup comes with the page. */
class ChatElement extends HTMLElement {
  connectedCallback() {
    const template = this.querySelector("template");
    if (this.shadowRoot || !template) return;
    // A browser that does not know templates as shadow roots.
    this.attachShadow({ mode: "open" }).append(template.content);
  }
}
customElements.define(NAME, ChatElement);

/** The chat's own tree: the document, or the element's shadow root. */
export const tree = document.querySelector(NAME)?.shadowRoot ?? document;
export const $ = (id) => tree.getElementById(id);
export const root = document.documentElement;
export const box = $("chat");
export const log = $("log");
export const input = $("text");
export const framed = window.parent !== window;

const texts = JSON.parse($("texts").textContent);

export const knows = (key) => Object.hasOwn(texts, key);

/** The text of a key, with its {values}; the key itself if there is none. */
export const t = (key, values = {}) => {
  const text = knows(key) ? texts[key] : String(key);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
};

/** Tell in the status line, which is read aloud without moving the focus. */
export const say = (text) => ($("status").textContent = text);

/** Send the host's loader a message. It holds no word of the conversation. */
export const tell = (message) => framed && window.parent.postMessage(message, "*");

/** The numbers that the page showed before any script ran. */
export function barLines() {
  return [...tree.querySelectorAll("a.call")].map((link) => ({
    number: link.dataset.number,
    tel: link.getAttribute("href"),
    label: link.dataset.label,
    hours: link.dataset.hours,
    cost: link.dataset.cost,
  }));
}
