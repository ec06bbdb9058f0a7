// Searches the prose of the book, on this page and without a server: the index is a script that is loaded when it is first asked.
// Definitions come first: a term of the glossary, then a heading, then what says the words most often.
(() => {
  "use strict";
  const bar = document.querySelector("#mdbook-menu-bar .left-buttons");
  const menu = document.getElementById("mdbook-menu-bar");
  if (!bar || !menu) return;
  const root = path_to_root || "./";
  const SHOWN = 30; // results
  const AROUND = 70; // characters before and after what was found

  const make = (name, props = {}, ...inside) => {
    const one = Object.assign(document.createElement(name), props);
    one.append(...inside);
    return one;
  };

  // --- Finding ------------------------------------------------------------------------------------
  const WORD = /[\p{L}\p{N}]/u;
  let index = null;

  function load() {
    load.asked ??= new Promise((done, failed) => {
      const script = make("script", { src: `${root}searchindex.js`, onload: done, onerror: failed });
      document.head.append(script);
    }).then(() => {
      const { pages, sections } = globalThis.untwisted.search;
      index = sections.map(([page, id, title, text, rest]) => ({
        page: pages[page][1], address: `${pages[page][0]}#${id}`, title, text,
        head: title.toLowerCase(), low: `${text.toLowerCase()} ${rest}`,
        first: pages[page][1].startsWith(title), term: pages[page][0] === "glossary.html",
      }));
    });
    return load.asked;
  }

  // A word and its plural are one; what begins with it is found, too, and counts less.
  const stem = (word) => (word.length > 3 && word.endsWith("s") ? word.slice(0, -1) : word);

  /** Where `word` begins in `text`, how often as a whole word and how often as the beginning of one. */
  function count(text, word) {
    let [whole, part, first] = [0, 0, -1];
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      if (at > 0 && WORD.test(text[at - 1])) continue;
      if (first < 0) first = at;
      const after = text[at + word.length] ?? " ";
      if (!WORD.test(after) || (after === "s" && !WORD.test(text[at + word.length + 1] ?? " "))) whole += 1;
      else part += 1;
    }
    return { whole, part, first };
  }

  function score(one, words, phrase) {
    let sum = 0;
    let found = -1;
    for (const word of words) {
      const head = count(one.head, word);
      const text = count(one.low, word);
      const points = 12 * Math.min(head.whole, 1) + 5 * Math.min(head.part, 1) + Math.min(text.whole, 5) + 0.4 * Math.min(text.part, 5);
      if (points === 0) return null; // every word has to be there
      sum += points;
      if (found < 0 || (text.first >= 0 && text.first < found)) found = text.first;
    }
    if (one.head === phrase || stem(one.head) === stem(phrase)) sum += one.term ? 90 : 40;
    else if (words.length > 1 && (one.head.includes(phrase) || one.low.includes(phrase))) sum += 15;
    if (one.first) sum += 3;
    return { one, points: sum, at: found };
  }

  function find(question) {
    const phrase = question.trim().toLowerCase();
    let words = (phrase.match(/[\p{L}\p{N}_]+/gu) ?? []).map(stem);
    if (words.length === 0) return [];
    const all = () => index.map((one) => score(one, words, phrase)).filter(Boolean);
    let found = all();
    if (found.length === 0) {
      // "cancelled" where the book says "cancelling".
      words = words.map((word) => (word.length > 6 ? word.slice(0, -3) : word));
      found = all();
    }
    found.sort((a, b) => b.points - a.points);
    return found.map((result) => ({ ...result, words }));
  }

  // --- Showing ------------------------------------------------------------------------------------
  const toggle = make("button", { className: "icon-button", id: "search-toggle", type: "button", title: "Search (/)" });
  toggle.innerHTML = '<svg viewBox="0 0 16 16" width="17" height="17" aria-hidden="true"><circle cx="6.5" cy="6.5" r="4.6" fill="none" stroke="currentColor" stroke-width="2"/><path d="M10 10l5 5" stroke="currentColor" stroke-width="2.2"/></svg>';
  toggle.setAttribute("aria-label", "Search the book");
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", "search-box");
  toggle.setAttribute("aria-keyshortcuts", "/ s");
  const field = make("input", { type: "search", id: "search-field", placeholder: "A term, a name, a question", autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-label", "Search the book");
  field.setAttribute("aria-describedby", "search-status");
  const status = make("p", { id: "search-status" });
  status.setAttribute("role", "status");
  const list = make("ol", { id: "search-results" });
  const box = make("div", { id: "search-box", hidden: true }, make("div", {}, field, status, list));
  box.setAttribute("role", "search");
  bar.append(toggle);
  menu.after(box);
  document.querySelector(".mdbook-help-title")?.nextElementSibling?.prepend(make("p", {}, "Press ", make("kbd", { textContent: "/" }), " or ", make("kbd", { textContent: "S" }), " to search the book"));

  /** Text with what was found in it marked. */
  function marked(text, words) {
    const safe = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const parts = text.split(new RegExp(`(?<![\\p{L}\\p{N}])((?:${safe.join("|")})[\\p{L}\\p{N}]*)`, "giu"));
    return parts.map((part, at) => (at % 2 ? make("mark", { textContent: part }) : part));
  }

  function passage({ one, at }) {
    const whole = !one.term && at >= AROUND && at <= one.text.length;
    const from = whole ? one.text.lastIndexOf(" ", at - AROUND) + 1 : 0;
    const end = one.text.indexOf(" ", (whole ? at : AROUND) + AROUND);
    return `${from ? "… " : ""}${one.text.slice(from, end < 0 ? undefined : end)}${end < 0 && one.text.length < 300 ? "" : " …"}`;
  }

  function show() {
    const question = field.value;
    if (!index || !question.trim()) {
      list.replaceChildren();
      status.textContent = "";
      return;
    }
    const found = find(question);
    const plural = found.length === 1 ? "One place" : `${found.length} places`;
    status.textContent = found.length === 0 ? `Nothing in the book says "${question.trim()}".` : found.length > SHOWN ? `${plural}; the ${SHOWN} that fit best` : plural;
    list.replaceChildren(...found.slice(0, SHOWN).map((result) => {
      const { one, words } = result;
      const link = make("a", { href: root + one.address }, make("b", {}, ...marked(one.title, words)));
      if (one.term) link.append(make("span", { textContent: "Term" }));
      else if (!one.first) link.append(make("span", { textContent: one.page }));
      else link.append(make("span", { textContent: one.page.slice(one.title.length).replace(/^ · /, "") }));
      return make("li", {}, link, make("p", {}, ...marked(passage(result), words)));
    }));
  }

  function open() {
    box.hidden = false;
    toggle.setAttribute("aria-expanded", "true");
    field.focus();
    field.select();
    load().then(show, () => {
      status.textContent = "The index is not here: `cargo book build` writes it.";
    });
  }

  function close() {
    box.hidden = true;
    toggle.setAttribute("aria-expanded", "false");
    if (box.contains(document.activeElement) || document.activeElement === document.body) toggle.focus();
  }

  toggle.addEventListener("click", () => (box.hidden ? open() : close()));
  field.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    event.stopPropagation(); // mdBook turns pages with the arrow keys
    const links = [field, ...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && at === 0) links[1]?.click();
    else if (step && at >= 0) links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
    else return;
    event.preventDefault();
  });
  // A result on the page one is on: the box would stay over it.
  list.addEventListener("click", (event) => event.target.closest("a") && close());
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key !== "/" && event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    open();
  });
  globalThis.untwisted = Object.assign(globalThis.untwisted ?? {}, { find, loadSearch: load });
})();
