// Reloads the page when the book was rebuilt, and shows why when it could not be.
(() => {
  "use strict";
  const shown = Number(document.currentScript.dataset.version);
  let host = null;
  let again = false;

  function hide() {
    if (host) host.remove();
    host = null;
  }

  // A shadow root keeps the theme out of the message, and the message out of the theme.
  function show(error, part) {
    hide();
    host = document.createElement("div");
    const root = host.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = `
      section { position: fixed; inset: auto 0 0 0; z-index: 99999; max-height: 50vh; overflow: auto;
        padding: 12px 16px; background: #2b1512; color: #ffe9e3; border-top: 3px solid #ff8a5c;
        font: 14px/1.5 ui-monospace, monospace; }
      h2 { margin: 0 0 8px; font: 600 15px/1.4 sans-serif; }
      pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
      button { float: right; font: inherit; }`;
    const box = document.createElement("section");
    box.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.textContent = "Hide";
    button.addEventListener("click", hide);
    const title = document.createElement("h2");
    title.textContent = part
      ? "Not all of it could be built: you see the rest"
      : "Not built: you see the last good version";
    const text = document.createElement("pre");
    text.textContent = error;
    box.append(button, title, text);
    root.append(style, box);
    document.body.append(host);
  }

  function listen() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/__book/live`);
    socket.onmessage = (event) => {
      const state = JSON.parse(event.data);
      if (state.part && state.version !== shown) location.reload();
      else if (state.error !== null) show(state.error, state.part);
      else if (state.version !== shown || again) location.reload();
      else hide();
    };
    // The server may come back: another `cargo book` on the same port.
    socket.onclose = () => {
      again = true;
      setTimeout(listen, 1000);
    };
  }
  listen();
})();
