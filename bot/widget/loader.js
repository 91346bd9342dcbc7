// One line embeds the chat in any website:
//   <script src="https://…/widget/v1/loader.js" data-site="my-site" defer></script>
// data-lang="en" changes the language, data-exit the page to leave to, and
// data-launcher="off" only leaves quickly (our own home page). It stores nothing,
// asks our host for nothing before the button is pressed, and adds one global name.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || !script.src || window.quyenTreEm) return;
  const origin = new URL(script.src).origin;
  const options = { ...script.dataset };
  const root = document.documentElement;

  const WORDS = {
    vi: {
      launcher: "Hỏi về quyền trẻ em",
      heading: "Hỏi đáp quyền trẻ em",
      loading: "Đang mở… Nếu không mở được, hãy gọi",
      close: "Đóng",
    },
    en: {
      launcher: "Ask about children’s rights",
      heading: "Questions about children’s rights",
      loading: "Opening… If it does not open, call",
      close: "Close",
    },
  };
  // The shadow root keeps the host's styles out; !important wins over the host's.
  const CSS = `
    :host { all: initial !important; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, .panel {
      font: 600 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
    }
    .launcher, .panel {
      position: fixed;
      z-index: 2147483000;
      right: max(16px, env(safe-area-inset-right));
      bottom: max(16px, env(safe-area-inset-bottom));
    }
    .launcher {
      min-height: 56px;
      padding: 8px 24px;
      border: 2px solid #fff;
      border-radius: 28px;
      background: #0b6660;
      color: #fff;
      cursor: pointer;
    }
    .launcher:hover { background: #084c47; }
    .panel {
      width: min(400px, 100vw - 32px);
      height: min(660px, 100vh - 108px);
      margin-bottom: 68px;
      overflow: hidden;
      border: 1px solid #5c7471;
      border-radius: 16px;
      background: #fbf8f2;
      color: #20302f;
      box-shadow: 0 8px 32px rgb(0 0 0 / .22);
    }
    .wait {
      position: absolute;
      inset: 0 0 auto;
      display: flex;
      gap: 8px;
      align-items: center;
      padding: 8px;
    }
    .wait p { flex: 1; margin: 0; font-weight: 400; }
    .wait a { display: inline-block; padding: 8px; color: #0b5a55; font-weight: 700; }
    .wait button {
      min-height: 44px;
      padding: 0 12px;
      border: 1px solid #5c7471;
      border-radius: 10px;
      background: #fff;
      color: #20302f;
    }
    iframe { position: relative; width: 100%; height: 100%; border: 0; }
    .waiting iframe { height: calc(100% - 76px); margin-top: 76px; }
    :focus-visible {
      outline: 3px solid #0b3d91;
      outline-offset: 2px;
      box-shadow: 0 0 0 2px #fff;
    }
    @media (max-width: 480px), (max-height: 420px) {
      .panel {
        inset: 0;
        width: 100%;
        height: 100%;
        margin: 0;
        border: 0;
        border-radius: 0;
      }
    }
    @media (prefers-color-scheme: dark) {
      .panel { background: #14201f; color: #e9f1ef; }
      .wait a { color: #7fd6c9; }
    }
    @media print { .launcher, .panel { display: none; } }`;

  // ---- Leaving quickly: the same rule as in exit.js of the chat page.

  let presses = 0;
  let alone = false;
  let timer;

  function leave(address) {
    root.style.setProperty("display", "none", "important");
    document.title = "";
    location.replace(address);
  }

  function exitAddress() {
    const base = options.exit ? location.href : origin;
    const given = new URL(options.exit || "/thoat", base);
    return /^https?:$/.test(given.protocol) ? given.href : `${origin}/thoat`;
  }

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
    timer = setTimeout(startAgain, 5000);
    if (presses >= 3) leave(exitAddress());
  }

  function listen() {
    document.addEventListener("keydown", keyDown, true);
    document.addEventListener("keyup", keyUp, true);
    document.addEventListener("click", (event) => {
      const link = event.target.closest && event.target.closest("a[data-quick-exit]");
      if (!link) return;
      event.preventDefault();
      leave(link.href);
    });
    window.addEventListener("message", (event) => {
      if (event.origin !== origin || event.source === window) return;
      if (event.data && event.data.t === "exit") leave(exitAddress());
    });
  }

  // ---- The button and the panel

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const name of Object.keys(attributes)) {
      node.setAttribute(name, attributes[name]);
    }
    node.append(...children);
    return node;
  }

  function build() {
    const lang = options.lang === "en" ? "en" : "vi";
    const words = WORDS[lang];
    const launcher = make(
      "button",
      {
        type: "button",
        class: "launcher",
        "aria-expanded": "false",
        "aria-controls": "panel",
      },
      words.launcher,
    );
    const shut = make("button", { type: "button" }, words.close);
    const call = make("a", { href: "tel:111" }, "111");
    const opening = make("p", {}, words.loading, " ", call);
    const wait = make("div", { class: "wait" }, opening, shut);
    const panel = make(
      "div",
      {
        id: "panel",
        class: "panel waiting",
        role: "region",
        "aria-label": words.heading,
      },
      wait,
    );
    panel.hidden = true;
    const host = make("div", { lang });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    const shadow = host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(launcher, panel);
    let frame = null;

    const greet = () => frame.contentWindow.postMessage({ t: "open" }, origin);

    function open() {
      panel.hidden = false;
      launcher.setAttribute("aria-expanded", "true");
      if (!frame) {
        const query = new URLSearchParams({ site: options.site || "", lang });
        frame = make("iframe", { title: words.heading, allow: "clipboard-write" });
        frame.src = `${origin}/widget/v1/frame?${query}`;
        panel.append(frame);
        shut.focus();
      } else if (wait.hidden) {
        frame.focus();
        greet();
      }
    }

    function close() {
      panel.hidden = true;
      launcher.setAttribute("aria-expanded", "false");
      launcher.focus();
    }

    /** Keep the panel above the keyboard of a phone, which covers fixed boxes. */
    function fit() {
      const { height, offsetTop, scale } = window.visualViewport;
      const full = panel.offsetWidth >= root.clientWidth && scale === 1;
      panel.style.height = full ? `${height}px` : "";
      panel.style.top = full ? `${offsetTop}px` : "";
    }

    launcher.addEventListener("click", () => (panel.hidden ? open() : close()));
    shut.addEventListener("click", close);
    panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
    if (window.visualViewport) window.visualViewport.addEventListener("resize", fit);
    window.addEventListener("message", (event) => {
      if (event.origin !== origin) return;
      if (!frame || event.source !== frame.contentWindow) return;
      const kind = event.data && event.data.t;
      if (kind === "close" && !panel.hidden) close();
      if (kind !== "ready") return;
      wait.hidden = true;
      panel.classList.remove("waiting");
      if (panel.hidden) return;
      frame.focus();
      greet();
    });
    document.body.append(host);
    return { open, close };
  }

  try {
    listen();
    window.quyenTreEm = options.launcher === "off" ? {} : build();
  } catch {
    // The host's page must survive whatever happens here.
  }
})();
