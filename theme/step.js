// "Step through this run": loads the player and the recorded run when it is pressed, and opens them below the listing.
(() => {
  "use strict";
  const load = (make) => new Promise((done, failed) => {
    const one = make();
    one.onload = done;
    one.onerror = () => { one.remove(); failed(new Error(one.src ?? one.href)); };
    document.head.append(one);
  });
  const script = (name) => load(() => Object.assign(document.createElement("script"), { src: path_to_root + name }));
  const sheet = (name) => load(() => Object.assign(document.createElement("link"), { rel: "stylesheet", href: path_to_root + name }));
  let parts; // of the player: loaded once
  let now = null;

  const player = () => (parts ??= Promise.all([sheet("player.css"), script("player.js")]));

  async function run(path) {
    await Promise.all([player(), globalThis.untwisted?.runs?.[path] ?? script(`runs/${path}.js`)]);
    return globalThis.untwisted.varied?.[path] ?? globalThis.untwisted.runs[path];
  }

  function close() {
    if (!now) return;
    now.box.remove();
    now.button.textContent = "Step through this run";
    now.button.setAttribute("aria-expanded", "false");
    document.documentElement.classList.remove("stepping");
    now = null;
  }

  // Opens the run below its listing, at the first event that `find` accepts, if given. `find` gets the run, too.
  async function open(button, find) {
    const label = button.textContent;
    button.textContent = "Loading the run…";
    let found;
    try {
      found = await run(button.dataset.run);
    } catch {
      parts = undefined;
      button.textContent = label;
      button.nextElementSibling.textContent = "It could not be loaded. Are you online? A site made by stock mdbook has no runs: build it with cargo book build.";
      return;
    }
    button.nextElementSibling.textContent = "";
    close();
    const box = Object.assign(document.createElement("section"), { className: "run-player" });
    box.setAttribute("aria-label", `The run of ${button.dataset.run}`);
    const inner = document.createElement("div");
    box.append(inner);
    const card = button.closest("figure.listing") ?? button.parentElement;
    card.after(box);
    document.documentElement.classList.add("stepping");
    const player = globalThis.untwisted.player(inner, found);
    now = { button, box, player };
    button.textContent = "Close the run";
    button.setAttribute("aria-expanded", "true");
    const at = find ? player.run.steps.findIndex((event) => find(event, found)) : -1;
    if (at >= 0) player.go(at, true);
    box.scrollIntoView({ block: "start" });
    inner.querySelector(".play").focus({ preventScroll: true });
  }

  // Each step of a picture begins with its time, or with its first words: a way to the event in the run.
  const WORDS = /^(?:Turn|Before|After)[^:]*(?=: )|^\S+(?: \S+){0,2}/;
  function ways(card) {
    const button = card.querySelector("button[data-run]");
    for (const list of card.querySelectorAll(".flow .steps > ol")) {
      [...list.children].forEach((step, nth) => {
        const text = step.firstChild;
        const words = text.nodeType === Node.TEXT_NODE && WORDS.exec(text.data);
        if (!button || !words) return;
        text.splitText(words[0].length);
        const way = Object.assign(document.createElement("button"), { type: "button", className: "way", textContent: text.data, title: "See it in the run" });
        way.addEventListener("click", () => open(button, (event, found) => event.n >= found.begins[nth]));
        text.replaceWith(way);
      });
    }
  }

  for (const button of document.querySelectorAll("button[data-run]")) {
    button.addEventListener("click", () => (now?.button === button ? close() : open(button)));
    const card = button.closest("figure.listing");
    if (card) ways(card);
  }
  globalThis.untwisted ??= {};
  untwisted.ways = ways;
  untwisted.script = script;
  // For "Change the world": the recorded run, the run in another world in its place, and how scripts and sheets are loaded.
  untwisted.load = { script, sheet, player };
  untwisted.recording = async (path) => {
    await (untwisted.runs?.[path] ?? script(`runs/${path}.js`));
    return untwisted.runs[path];
  };
  untwisted.replay = async (path) => {
    if (now?.button.dataset.run !== path) return;
    const found = await run(path), inner = document.createElement("div"), at = now.player.at;
    now.box.replaceChildren(inner);
    now.player = untwisted.player(inner, found);
    now.player.go(at, true);
  };
  untwisted.open = (path, find) => {
    const buttons = [...document.querySelectorAll(`button[data-run="${path}"]`)];
    const button = buttons.find((one) => one.closest(".prediction")) ?? buttons[0];
    return button && open(button, find);
  };
})();
