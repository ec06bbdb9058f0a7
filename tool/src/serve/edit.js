// Edit and run: a text area below each listing and exercise. Only `cargo book` adds this to a page; what is typed runs on the reader's own machine.
(() => {
  "use strict";
  const root = (globalThis.untwisted ??= {});
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* storage is forbidden, or full */ } },
  };
  const make = (name, properties = {}, ...children) => {
    const one = Object.assign(document.createElement(name), properties);
    one.append(...children);
    return one;
  };

  // The secret stands behind the # of the address in the terminal. It is kept, and taken out of sight.
  const found = /^#run=([0-9a-f]{64})$/.exec(location.hash);
  if (found) {
    store.set("untwisted-secret", found[1]);
    history.replaceState(null, "", location.pathname + location.search);
  }
  async function ask(what, order) {
    let answer;
    try {
      answer = await fetch(`/__book/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-untwisted-secret": found?.[1] ?? store.get("untwisted-secret") ?? "" },
        body: JSON.stringify(order),
      });
    } catch {
      throw new Error("cargo book does not answer: is it still running in its terminal?");
    }
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  document.head.append(make("link", { rel: "stylesheet", href: "/__book/edit.css" }));

  // The lines of two texts as a list of [sign, line].
  function difference(a, b) {
    const one = a.split("\n"), two = b.split("\n");
    let from = 0, end = 0;
    while (from < one.length && from < two.length && one[from] === two[from]) from += 1;
    while (end < one.length - from && end < two.length - from && one.at(-1 - end) === two.at(-1 - end)) end += 1;
    const old = one.slice(from, one.length - end), now = two.slice(from, two.length - end);
    const best = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
    for (let i = old.length - 1; i >= 0; i--) for (let j = now.length - 1; j >= 0; j--) best[i][j] = old[i] === now[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
    const lines = one.slice(Math.max(0, from - 2), from).map((line) => [" ", line]);
    for (let i = 0, j = 0; i < old.length || j < now.length; ) {
      if (i < old.length && j < now.length && old[i] === now[j]) lines.push([" ", old[i]]), i++, j++;
      else if (j >= now.length || (i < old.length && best[i + 1][j] >= best[i][j + 1])) lines.push(["-", old[i++]]);
      else lines.push(["+", now[j++]]);
    }
    return [...lines, ...one.slice(one.length - end, one.length - end + 2).map((line) => [" ", line])];
  }

  // A plain text area with its lines counted. `changed` is called when something is typed.
  function plain(id, value, changed) {
    const area = make("textarea", { id, value, spellcheck: false, wrap: "off", autocapitalize: "off", autocomplete: "off" });
    area.setAttribute("aria-describedby", `${id}-help`);
    const numbers = make("pre", { className: "edit-lines" });
    numbers.setAttribute("aria-hidden", "true");
    // What is said about a line stands at its number, too: a sign, and the words where the mouse is.
    const mark = (messages = []) => {
      const lines = area.value.split("\n").length;
      numbers.replaceChildren(...Array.from({ length: lines }, (_, i) => {
        const said = messages.filter((one) => one.line === i + 1);
        if (!said.length) return make("span", { textContent: `${i + 1}\n` });
        const level = said.some((one) => one.level === "error") ? "error" : "warning";
        return make("span", { className: `edit-mark ${level}`, title: said.map((one) => one.text).join("\n"), textContent: `${level === "error" ? "✗" : "!"} ${i + 1}\n` });
      }));
      area.rows = Math.min(Math.max(lines, 6), 30);
    };
    area.addEventListener("input", changed);
    area.addEventListener("scroll", () => (numbers.scrollTop = area.scrollTop));
    return {
      box: make("div", { className: "edit-code" }, numbers, area),
      get value() { return area.value; },
      set value(text) { area.value = text; },
      focus: () => area.focus(),
      mark,
      // Puts the cursor into a line.
      visit(line) {
        const before = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
        area.focus();
        area.setSelectionRange(before, before + (area.value.split("\n")[line - 1]?.length ?? 0));
        area.scrollTop = Math.max(0, (line - 5) * parseFloat(getComputedStyle(area).lineHeight));
      },
    };
  }

  // mdBook's own Ace in its place, when the reader asks for it: colours, brackets, many cursors. Escape leaves it, since Tab indents.
  const load = (file) => root.load.script(`__book/ace/${file}`);
  const dark = () => getComputedStyle(document.documentElement).getPropertyValue("--color-scheme").trim() === "dark";
  async function rich(id, value, changed, leave) {
    if (!globalThis.ace) {
      await load("ace.js");
      await Promise.all(["mode-rust.js", "theme-dawn.js", "theme-tomorrow_night.js"].map(load));
    }
    const inner = make("div");
    const editor = globalThis.ace.edit(inner);
    editor.$blockScrolling = Infinity;
    editor.setOptions({ minLines: 6, maxLines: 30, showPrintMargin: false, fontSize: "1.34rem", fontFamily: "var(--mono-font)", mode: "ace/mode/rust", useWorker: false });
    const coloured = () => editor.setTheme(dark() ? "ace/theme/tomorrow_night" : "ace/theme/dawn");
    coloured();
    new MutationObserver(coloured).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    editor.setValue(value, -1);
    editor.session.setUseSoftTabs(true);
    editor.session.setTabSize(4);
    editor.session.on("change", changed);
    editor.commands.addCommand({ name: "leave", bindKey: "Esc", exec: leave });
    // Its search would need a file that mdBook does not bring.
    for (const name of ["find", "replace", "showSettingsMenu"]) editor.commands.removeCommand(name);
    const area = inner.querySelector("textarea");
    area.id = id;
    area.setAttribute("aria-describedby", `${id}-help`);
    return {
      box: make("div", { className: "edit-code rich" }, inner),
      get value() { return editor.getValue(); },
      set value(text) { editor.setValue(text, -1); },
      focus: () => editor.focus(),
      mark: (messages = []) => editor.session.setAnnotations(messages.filter((one) => one.line).map((one) => ({ row: one.line - 1, column: Math.max(0, one.column - 1), text: one.text, type: one.level }))),
      visit(line) {
        editor.gotoLine(line);
        editor.focus();
      },
      // It measures itself when it is in the page.
      shown: () => editor.resize(true),
    };
  }

  let number = 0;
  // What is typed, and what can be done with it. `kind` says what a run is.
  function editor({ path, original, kind, close }) {
    const key = `untwisted-draft-${kind.name}-${path}`;
    const id = `edit-${++number}`;
    const said = make("p", { className: "edit-said" });
    said.setAttribute("role", "status");
    const result = make("div", { className: "edit-result" });
    const changed = () => {
      const same = field.value === original;
      back.disabled = differ.disabled = same;
      store.set(key, same ? null : field.value);
      field.mark();
    };
    let field = plain(id, store.get(key) ?? original, changed);
    const button = (text, onclick, className = "") => make("button", { type: "button", textContent: text, className, onclick });
    const go = button(kind.label, () => run(), "go");
    const back = button("Put back", () => {
      field.value = original;
      changed();
      said.textContent = "As it is in the book.";
      field.focus();
    });
    const differ = button("Difference", () => {
      result.replaceChildren(make("pre", { className: "edit-difference", tabIndex: 0 }, ...difference(original, field.value).map(([sign, line]) => make({ "+": "ins", "-": "del", " ": "span" }[sign], { textContent: `${sign} ${line}\n` }))));
    });
    const help = make("p", { className: "edit-help", id: `${id}-help`, textContent: "Ctrl+Enter runs it. What you type stays in this browser." });
    const colours = button("Colours", async () => {
      said.textContent = "Loading the editor…";
      try {
        const better = await rich(id, field.value, () => changed(), () => go.focus());
        field.box.replaceWith(better.box);
        field = better;
        field.shown();
        help.textContent = "Ctrl+Enter runs it. Tab indents; Escape leaves the editor. What you type stays in this browser.";
        said.textContent = "";
        colours.remove();
        changed();
        field.focus();
      } catch {
        said.textContent = "The editor could not be loaded: is cargo book still running in its terminal?";
      }
    });
    const bar = make("p", { className: "edit-bar" }, go, back, differ, colours, ...(kind.more?.(() => field.value, said) ?? []), button("Close", close));
    const box = make("section", { className: "edit" }, make("label", { htmlFor: id, textContent: kind.title }), field.box, help, bar, said, result);
    box.setAttribute("aria-label", kind.title);

    // mdBook turns pages with the arrows, and searches with s.
    box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        run();
      }
    });
    box.addEventListener("keypress", (event) => event.stopPropagation());

    let busy = false;
    async function run() {
      if (busy) return;
      busy = go.disabled = true;
      said.textContent = "Compiling… The first time, the book's own crates are compiled too, which can take a minute.";
      result.replaceChildren();
      field.mark();
      try {
        await kind.run({ path, code: field.value, said, result, visit: (line) => field.visit(line), mark: (messages) => field.mark(messages) });
      } catch (error) {
        said.textContent = error.message;
      } finally {
        busy = go.disabled = false;
      }
    }
    changed();
    if (field.value !== original) said.textContent = "This is what you typed before.";
    return { box, focus: () => field.focus() };
  }

  const output = (label, text) => [make("p", { className: "run-label", textContent: label }), make("pre", { tabIndex: 0 }, make("code", { className: "output", textContent: text }))];

  const listing = {
    name: "listing",
    label: "Run",
    title: "The whole program",
    async run({ path, code, said, result, visit, mark }) {
      const world = document.querySelector(`.knobs[data-path="${path}"]`)?.dataset.world;
      const answer = await ask("run", world ? { path, code, world } : { path, code });
      const errors = answer.messages.filter((one) => one.level === "error").length;
      const [compiled, ran] = answer.took.map((ms) => `${(ms / 1000).toFixed(1)} s`);
      said.textContent = answer.compiled
        ? `${answer.ended ?? "It ended well."} Compiled in ${compiled}, ran for ${ran}.`
        : `It does not compile: ${errors === 1 ? "one error" : `${errors} errors`}. ${errors ? "Read the first one first." : (answer.ended ?? "")}`;
      if (answer.messages.length) {
        mark(answer.messages);
        result.append(make("ul", { className: "edit-messages" }, ...answer.messages.map((one) => make("li", { className: one.level },
          one.line ? make("button", { type: "button", textContent: `Line ${one.line}`, onclick: () => visit(one.line) }) : "",
          ` ${one.text}`,
          make("details", {}, make("summary", { textContent: "All of the message" }), make("pre", { tabIndex: 0, textContent: one.whole }))))));
      }
      if (!answer.compiled) return;
      result.append(...output(answer.out.trim() ? "It prints" : "It prints nothing", answer.out));
      if (answer.err.trim()) result.append(...output("As errors, it prints", answer.err));
      const drawn = answer.drawn;
      if (drawn) {
        const figure = make("figure", { className: "flow" }, make("figcaption", { textContent: "Your run" }));
        result.append(figure);
        await (root.picture ?? root.load.script("picture.js"));
        figure.append(await root.picture(drawn, `mine-${path.replace(/\W/g, "-")}`));
      } else if (answer.undrawn) {
        result.append(make("p", { className: "run-label", textContent: `No picture of this run: ${answer.undrawn}` }));
      }
      if (answer.trace && root.load?.player) {
        const player = make("div");
        result.append(make("button", { type: "button", className: "edit-step", textContent: "Step through this run", onclick: async (event) => {
          event.currentTarget.remove();
          await root.load.player();
          result.append(player);
          player.className = "run-player edit-player";
          const inner = make("div");
          player.append(inner);
          root.player(inner, { trace: answer.trace, source: code, title: "your run", names: drawn?.names });
          inner.querySelector(".play")?.focus();
        } }));
      }
    },
  };

  const exercise = (card) => ({
    name: "exercise",
    label: "Check",
    title: "Your answer",
    more: (typed, said) => [make("button", { type: "button", textContent: "Keep in src/lib.rs", onclick: async () => {
      try {
        await ask("keep", { path: card.dataset.exercise, code: typed() });
        said.textContent = "Written into src/lib.rs of the exercise.";
      } catch (error) {
        said.textContent = error.message;
      }
    } })],
    async run({ path, code, said, result, mark }) {
      const graded = await ask("grade", { path, code });
      mark([...graded.said.matchAll(/(.*)\n[ >-]*your answer:(\d+):(\d+)/g)].map(([, text, line, column]) => ({ level: /^warning/.test(text) ? "warning" : "error", line: +line, column: +column, text })));
      said.textContent = graded.solved ? "Solved: all tests pass." : "Not solved yet.";
      if (graded.said.trim()) result.append(make("pre", { className: "edit-tests", tabIndex: 0 }, make("code", { className: "output", textContent: graded.said })));
      const hint = [...card.querySelectorAll("details.hint")].find((one) => !one.open);
      if (!graded.solved && hint) {
        result.append(make("button", { type: "button", className: "edit-step", textContent: `Show ${hint.querySelector("summary").textContent.toLowerCase()}`, onclick: (event) => {
          hint.open = true;
          hint.querySelector("summary").focus();
          event.currentTarget.remove();
        } }));
      }
    },
  });

  // A button in a card that opens the editor below it.
  function offer(card, path, kind, source, place) {
    const said = make("span");
    said.setAttribute("role", "status");
    const open = make("button", { type: "button", className: "edit-open", textContent: "Edit" });
    open.setAttribute("aria-expanded", "false");
    let now = null;
    const close = () => {
      now?.box.remove();
      now = null;
      open.setAttribute("aria-expanded", "false");
      open.focus();
    };
    open.addEventListener("click", async () => {
      if (now) return close();
      try {
        const original = await ask(source, { path, code: "" });
        said.textContent = "";
        now = editor({ path, original, kind, close });
        place(now.box);
        open.setAttribute("aria-expanded", "true");
        now.focus();
      } catch (error) {
        said.textContent = error.message;
      }
    });
    return [open, said];
  }

  const seen = new Set();
  for (const card of document.querySelectorAll("figure.listing[data-listing]")) {
    const path = card.dataset.listing;
    if (seen.has(path) || card.classList.contains("prediction")) continue;
    seen.add(path);
    const row = make("p", { className: "step-through" });
    row.append(...offer(card, path, listing, "source", (box) => row.after(box)));
    const stepper = [...card.children].find((one) => one.matches(".step-through"));
    stepper ? stepper.after(row) : card.append(row);
  }
  for (const card of document.querySelectorAll(".exercise[data-exercise]")) {
    const row = make("p", { className: "step-through" });
    row.append(...offer(card, card.dataset.exercise, exercise(card), "answer", (box) => row.after(box)));
    const command = card.querySelector("pre");
    const last = [...card.querySelectorAll("code.command")].map((one) => one.closest("pre")).at(0) ?? command;
    last?.after(row);
  }
})();
