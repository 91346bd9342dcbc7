// Turns: one after the other, each answered once, none lost.

import { printOne } from "./look.js";
import { $, barLines, box, input, knows, log, say, t, tree } from "./page.js";
import { asText, el, plain, renderReply, save, sr } from "./reply.js";
import { Refused, Stopped, openSession, rate, sendTurn } from "./talk.js";

const RETRY_AFTER = 2_000; // ms; by itself once, and only if nothing was received

const { site, greeting } = box.dataset;
const hotlines = barLines();
let waiting = [];
let running = null;
let count = 0;

/** Send what a person wrote or chose: {text} or {choice}. */
export function speak(body, label) {
  waiting.push({ id: newId(), body, seen: [], node: addMine(label) });
  pump();
}

/** An id of a turn; `randomUUID` is missing where the site has no https. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Show the greeting; without the gateway the page is usable all the same. */
export async function greet() {
  try {
    const session = await openSession(site);
    const nodes = (session.greeting ?? []).map(welcome).map(render);
    log.prepend(...nodes.filter(Boolean));
  } catch {
    say(t(navigator.onLine ? "busy" : "offline"));
  }
  box.dataset.open = "";
}

/** The greeting in the words of the site, or of its language. */
function welcome(reply) {
  const text = greeting || (knows("greeting") ? t("greeting") : reply.text);
  const buttons = (reply.buttons ?? []).map(({ id, title }) => ({
    id,
    title: knows(`button_${id}`) ? t(`button_${id}`) : title,
  }));
  // The bar shows the numbers; here they would push the small print out of sight.
  return { ...reply, text, buttons, numbers: [] };
}

/** Forget what waits or runs, and empty the list but for its introduction. */
export function clear() {
  for (const turn of [running, ...waiting]) if (turn) turn.gone = true;
  waiting = [];
  log.replaceChildren($("intro"));
  $("alert").textContent = "";
  delete box.dataset.flagged;
  delete box.dataset.urgent;
}

function add(node, top = node) {
  const follows = log.scrollHeight - log.scrollTop < 2 * log.clientHeight;
  log.append(node);
  if (follows) log.scrollTop = top.offsetTop - 12;
}

function addMine(text) {
  const node = el("div", { class: "msg you" }, sr(`${t("you")} `));
  for (const line of plain(text).split("\n")) node.append(el("p", {}, line));
  log.append(node);
  log.scrollTop = log.scrollHeight;
  return node;
}

function render(reply) {
  if (typeof reply?.text !== "string") return null;
  count += 1;
  return renderReply(reply, `m${count}`, t, acts);
}

function addReply(reply, top) {
  const node = render(reply);
  if (!node) return null;
  if (reply.kind === "card") flag(reply);
  add(node, top);
  return node;
}

/** From the first card on: no rating, no copying, and 111 stands out. */
function flag(reply) {
  const state = box.dataset;
  if (reply.level !== "PX") state.flagged = "";
  if (!["P0", "P1"].includes(reply.level) || "urgent" in state) return;
  state.urgent = "";
  $("alert").textContent = t("urgent", { number: plain(reply.numbers?.[0]?.number) });
}

const acts = {
  choose(choice, title, group, button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    group.forEach((each) => each.setAttribute("aria-disabled", "true"));
    button.classList.add("chosen");
    speak({ choice }, title);
  },
  async rate(reply, value, button, buttons) {
    if (button.getAttribute("aria-disabled") === "true") return;
    for (const each of buttons) {
      each.setAttribute("aria-pressed", String(each === button));
    }
    if (value < 0 && reply.article) {
      // The gateway keeps the thumb and answers with other articles.
      buttons.forEach((each) => each.setAttribute("aria-disabled", "true"));
      speak({ choice: `bad:${reply.article}` }, button.textContent);
      return;
    }
    const sent = await rate(reply, value).catch(() => false);
    if (!sent) button.setAttribute("aria-pressed", "false");
    say(t(sent ? "rated" : "unrated"));
  },
  async copy(reply) {
    try {
      await navigator.clipboard.writeText(asText(reply, t));
      say(t("copied"));
    } catch {
      say(t("notCopied"));
    }
  },
  save(reply) {
    save(t("fileName"), asText(reply, t));
    say(t("saved"));
  },
  print: printOne,
};

async function pump() {
  if (running) return;
  while ((running = waiting.shift())) await attempt(running);
}

async function attempt(turn) {
  say(t("answering"));
  $("stop").hidden = false;
  try {
    await sendTurn(turn, site, shower(turn));
    if (!turn.gone) say("");
  } catch (error) {
    if (!turn.gone) await failed(turn, error);
  }
  if (tree.activeElement === $("stop")) input.focus();
  $("stop").hidden = true;
}

/** Shows each reply once, also when the gateway repeats the turn. */
function shower(turn) {
  let next = 0;
  return (reply) => {
    const key = JSON.stringify(reply);
    const index = next++;
    if (turn.gone || turn.seen[index] === key) return;
    turn.seen[index] = key;
    addReply({ ...reply, messageId: `${turn.id}:${reply.id ?? index}` }, turn.node);
  };
}

async function failed(turn, error) {
  const unsent = error instanceof TypeError && !turn.seen.length;
  if (unsent && navigator.onLine && !turn.again) {
    turn.again = true;
    say(t("retrying"));
    await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    return turn.gone || attempt(turn);
  }
  const reply = explain(error, unsent);
  say(t(navigator.onLine ? reply.status ?? "unanswered" : "offline"));
  const node = addReply(reply, turn.node);
  if (error.status === 400 || error.status === 413) giveBack(turn);
  else offerRetry(turn, node);
}

/** What to tell of an error; the gateway's own words come first. */
function explain(error, unsent) {
  const ours = (key) => ({ kind: "error", text: t(key), numbers: hotlines });
  if (error instanceof Stopped) {
    return { kind: "notice", text: t("stopped"), status: "stopped" };
  }
  if (error instanceof Refused) {
    const keys = { 400: "refused", 413: "refused", 429: "slow" };
    return error.replies[0] ?? ours(keys[error.status] ?? "busy");
  }
  if (!navigator.onLine) return ours("offline");
  return ours(unsent ? "failed" : "cut");
}

function giveBack(turn) {
  if (!input.value) input.value = turn.body.text ?? "";
}

function offerRetry(turn, node) {
  const again = el("button", { type: "button", class: "choice" }, t("retry"));
  again.addEventListener("click", () => {
    node.remove();
    log.focus();
    turn.again = true;
    waiting.push(turn);
    pump();
  });
  node.append(el("div", { class: "choices" }, again));
}
