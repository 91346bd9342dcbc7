// The conversation with the gateway. Its token lives in a variable of this module
// only: no cookie, no storage, so that a reload starts anew and leaves no trace.

const API = "/webhooks/web/";
const SILENCE = 30_000; // ms; the gateway sends a ping every 10 s

/** The gateway answered, but not with a conversation. */
export class Refused extends Error {
  constructor(status, replies) {
    super(`status ${status}`);
    this.status = status;
    this.replies = replies;
  }
}

/** The stream ended without its last line. What came before stays. */
export class Cut extends Error {}

/** The person pressed "stop", deleted the conversation or left. */
export class Stopped extends Error {}

let token = null;
let opening = null;
let current = null;

function post(path, body, options = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(API + path, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    ...options,
  });
}

async function checked(response) {
  if (response.ok) return response;
  const body = await response.json().catch(() => ({}));
  throw new Refused(response.status, Array.isArray(body.replies) ? body.replies : []);
}

/** Open a session; resolves to {token, expires_in, greeting, hotlines}. */
export function openSession(site) {
  opening ??= post("session", { site })
    .then(checked)
    .then(async (response) => {
      const session = await response.json();
      token = session.token;
      return session;
    })
    .finally(() => (opening = null));
  return opening;
}

/** Send one turn; calls `show` with each reply.
 *
 * The same `id` twice is one turn for the gateway, which then repeats its replies.
 * Throws TypeError (network), Refused, Cut, Stopped or SyntaxError (malformed line).
 */
export async function sendTurn({ id, body }, site, show) {
  const controller = (current = new AbortController());
  const speak = () =>
    post("message", { ...body, client_id: id }, { signal: controller.signal });
  const watch = silenceAlarm(controller);
  try {
    if (!token) await openSession(site);
    let response = await speak();
    if (response.status === 401) {
      token = null; // expired: a new session, without a word to the person
      await openSession(site);
      response = await speak();
    }
    await checked(response);
    if (!(await follow(response.body, show, watch))) throw new Cut();
  } finally {
    watch.end();
    if (current === controller) current = null;
  }
}

function silenceAlarm(controller) {
  let timer;
  const end = () => clearTimeout(timer);
  const heard = () => {
    end();
    timer = setTimeout(() => controller.abort(new Cut()), SILENCE);
  };
  heard();
  return { heard, end };
}

/** Read lines until "done"; false if the stream ends before. */
async function follow(body, show, watch) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    watch.heard();
    rest += done ? "\n" : decoder.decode(value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines.filter((text) => text.trim())) {
      const item = JSON.parse(line);
      if (item?.type === "done") return true;
      if (item?.type === "reply") show(item);
    }
    if (done) return false;
  }
}

/** Tell what a person thinks of an answer, 1 or -1; resolves to true. */
export async function rate({ messageId, article }, value) {
  await checked(await post("feedback", { message_id: messageId, article, value }));
  return true;
}

/** Stop the running turn. */
export function stop() {
  current?.abort(new Stopped());
}

/** Stop, and ask the gateway to delete the conversation; never waits. */
export function forget() {
  stop();
  if (!token) return;
  // The answer clears the browser's stores of our host, which "omit" would refuse.
  post("forget", {}, { keepalive: true, credentials: "same-origin" }).catch(() => {});
  token = null;
}
