// One reply of the gateway as nodes. Every text is data: createElement and text
// nodes only, so markup in it is shown, never run (the page's CSP enforces it).

const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const TEL = /^tel:\+?\d{3,15}$/;
const MARKS = /(\*\*[^*\n]+\*\*|\[\d{1,2}\])/;

/** Text without marks that could turn the reading direction around. */
export const plain = (text) => String(text ?? "").replace(BIDI, "");

/** Make an element; `false` and `null` attributes are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export const sr = (text) => el("span", { class: "sr" }, text);

/** 2026-11-21 -> 21/11/2026 */
export const day = (date) => plain(date).slice(0, 10).split("-").reverse().join("/");

/** Attributes of a link to another host: it learns nothing of this page. */
const outside = (url) => ({
  href: url.href,
  target: "_blank",
  rel: "noopener noreferrer",
});

function webAddress(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

/** Render a reply.
 *
 * `id` is unique in the page; `t(key, values)` gives texts; `acts` has
 * choose(choice, title, group, button), rate(reply, value, button, buttons),
 * copy(reply), save(reply) and print(node).
 */
export function renderReply(reply, id, t, acts) {
  const cites = (reply.citations ?? []).map((cite) => citation(cite, id, t));
  const numbers = numberList(reply.numbers ?? [], t);
  const first = reply.kind === "card" || reply.kind === "error";
  if (numbers && !first) numbers.classList.add("small");
  const parts = [
    sr(`${t("bot")} `),
    first && numbers,
    textBlock(plain(reply.text), cites, t),
    !first && numbers,
    choices(reply, acts),
    cites.length > 0 && el("div", { class: "cites" }, ...cites.map((c) => c.node)),
    reply.kind === "answer" && answerTools(reply, id, t, acts),
  ];
  const lang = document.documentElement.lang === "vi" ? null : "vi";
  const kind = `msg bot ${first ? reply.kind : ""}`;
  return el("div", { class: kind, id, lang }, ...parts.filter(Boolean));
}

function numberList(numbers, t) {
  const rows = numbers.map((line) => numberRow(line, t)).filter(Boolean);
  return rows.length ? el("ul", { class: "numbers" }, ...rows) : null;
}

function numberRow(line, t) {
  const web = webAddress(line.tel);
  if (!TEL.test(line.tel) && !web) return null;
  const meta = [line.hours, line.cost].map(plain).filter(Boolean).join(" · ");
  const link = el(
    "a",
    { class: web ? "number web" : "number", ...(web ? outside(web) : { href: line.tel }) },
    el("b", { class: "digits" }, plain(line.number)),
    " ",
    el("span", { class: "who" }, plain(line.label)),
    " ",
    el("small", {}, meta),
  );
  const checked = line.checked_on && t("checked", { date: day(line.checked_on) });
  const note = checked ? el("span", { class: "print-only" }, checked) : "";
  return el("li", {}, link, note);
}

/** Lines of text as paragraphs and lists, with **bold** and [1]. */
function textBlock(text, cites, t) {
  const block = el("div", { class: "text" });
  let list = null;
  for (const line of text.split("\n")) {
    const item = /^\s*[-•]\s+(.*)$/.exec(line);
    if (!item) list = null;
    if (!line.trim()) continue;
    if (item && !list) block.append((list = el("ul")));
    const node = el(item ? "li" : "p");
    fill(node, item ? item[1] : line, cites, t);
    (list ?? block).append(node);
  }
  return block;
}

function fill(node, text, cites, t) {
  let mark = null;
  for (const piece of text.split(MARKS)) {
    // What closely follows a mark stays on its line.
    const close = mark ? /^[.,;:!?)]*/.exec(piece)[0] : "";
    const part = piece.slice(close.length);
    mark?.append(close);
    const cite = cites.find((each) => part === `[${each.n}]`);
    mark = cite ? el("span", { class: "keep" }, cite.mark(t)) : null;
    if (mark) node.append(mark);
    else if (/^\*\*.+\*\*$/.test(part)) node.append(el("b", {}, part.slice(2, -2)));
    else node.append(part);
  }
}

/** A source: its `node` is opened by its own line or by a mark [n] in the text. */
function citation(cite, id, t) {
  const key = `${id}-c${cite.n}`;
  const name = [cite.title, cite.where].map(plain).filter(Boolean).join(", ");
  const number = el("span", { class: "n" }, sr(`${t("source")} `), `${cite.n}`);
  const node = el(
    "details",
    { class: "cite", id: key },
    el("summary", {}, number, " ", name),
    citationBody(cite, t),
  );
  const marks = [];
  node.addEventListener("toggle", () =>
    marks.forEach((mark) => mark.setAttribute("aria-expanded", String(node.open))),
  );
  const mark = () => {
    const button = el(
      "button",
      {
        type: "button",
        class: "mark",
        "aria-expanded": "false",
        "aria-controls": key,
      },
      sr(`${t("source")} `),
      `${cite.n}`,
    );
    button.addEventListener("click", () => {
      node.open = !node.open;
      if (node.open) node.scrollIntoView({ block: "nearest" });
    });
    marks.push(button);
    return button;
  };
  return { n: cite.n, node, mark };
}

function citationBody(cite, t) {
  const asOf = cite.as_of ? `, ${t("asOf", { date: day(cite.as_of) })}` : "";
  const facts = [
    [t("document"), [cite.title, cite.document].map(plain).filter(Boolean).join(", ")],
    [t("where"), plain(cite.where)],
    [t("status"), cite.status ? t(cite.status) + asOf : ""],
  ].filter(([, fact]) => fact);
  const list = el("dl", {});
  for (const [name, fact] of facts) {
    list.append(el("div", {}, el("dt", {}, name), el("dd", {}, fact)));
  }
  return el("div", { class: "fact" }, list, sourceLink(cite.url, t) ?? "");
}

function sourceLink(address, t) {
  const url = webAddress(address);
  if (!url) return null;
  return el(
    "a",
    { class: "source", ...outside(url) },
    t("openSource", { host: url.host }),
    sr(` ${t("newTab")}`),
  );
}

function choices(reply, acts) {
  const offers = [
    ...(reply.suggestions ?? []).map((s) => [`article:${s.article}`, s.title, true]),
    ...(reply.buttons ?? []).map((b) => [b.id, b.title, false]),
  ];
  if (!offers.length) return null;
  const group = el("div", { class: "choices" });
  for (const [choice, title, alone] of offers) {
    const button = el("button", { type: "button", class: alone ? "offer" : "choice" });
    button.append(plain(title));
    button.addEventListener("click", () =>
      acts.choose(choice, plain(title), alone ? [button] : [...group.children], button),
    );
    group.append(button);
  }
  return group;
}

function answerTools(reply, id, t, acts) {
  const buttons = [
    [t("useful"), 1],
    [t("useless"), -1],
  ].map(([name, value]) => {
    const start = { type: "button", class: "tool", "aria-pressed": "false" };
    const button = el("button", start, name);
    button.addEventListener("click", () => acts.rate(reply, value, button, buttons));
    return button;
  });
  const group = el("div", { role: "group", "aria-label": t("rate") }, ...buttons);
  const tool = (name, click) => el("button", { type: "button", class: "tool", click }, name);
  const tools = el(
    "div",
    {},
    tool(t("copy"), () => acts.copy(reply)),
    tool(t("save"), () => acts.save(reply)),
    tool(t("printOne"), (event) => acts.print(event.target.closest(".msg"))),
    articleLink(reply.article, t) ?? "",
  );
  return el("div", { class: "after" }, group, tools);
}

/** The same answer as a page of its own, to keep or to pass on. */
function articleLink(article, t) {
  if (!/^[a-z0-9-]+$/.test(article ?? "")) return null;
  const address = { href: `/bai/${article}`, target: "_blank", rel: "noopener noreferrer" };
  return el("a", { class: "tool", ...address }, t("wholeArticle"), sr(` ${t("newTab")}`));
}

/** Give a text to the browser as a file. */
export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** An answer with its sources, to paste elsewhere. */
export function asText(reply, t) {
  const lines = [plain(reply.text).replaceAll("**", "")];
  for (const cite of reply.citations ?? []) {
    const place = [cite.title, cite.document, cite.where].map(plain).filter(Boolean);
    const status = cite.status ? `(${t(cite.status)})` : "";
    lines.push(`[${cite.n}] ${place.join(", ")} ${status} ${plain(cite.url)}`.trim());
    if (cite.as_of) lines.push(`    ${t("asOf", { date: day(cite.as_of) })}`);
  }
  for (const line of reply.numbers ?? []) {
    lines.push(`${plain(line.number)}: ${plain(line.label)}`);
  }
  return lines.join("\n");
}
