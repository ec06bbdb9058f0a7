// "Change the world": the panel below a listing. Each change runs the program again, in a worker, and output and player follow.
(function (root) {
  "use strict";
  const { worlds } = root;
  const PATIENCE = 2000; // ms: a program that runs longer is stopped
  const make = (name, properties = {}, ...children) => {
    const one = Object.assign(document.createElement(name), properties);
    one.append(...children);
    return one;
  };
  const counted = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

  // The program of a chapter, compiled once a page.
  const programs = new Map();
  function program(chapter) {
    if (!programs.has(chapter)) {
      const found = (async () => {
        await (root.modules?.[chapter] ?? root.load.script(`wasm/${chapter}.js`));
        const zipped = Uint8Array.from(atob(root.modules[chapter]), (letter) => letter.charCodeAt(0));
        delete root.modules[chapter];
        return WebAssembly.compile(await new Response(new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
      })();
      programs.set(chapter, found);
      found.catch(() => programs.delete(chapter)); // so that it can be tried again
    }
    return programs.get(chapter);
  }

  // A worker for a program: run(order) gives what became of it. A worker made of text works on a page from disk, too.
  function worker(module) {
    const text = `(${self.toString()})()`;
    let now = null;
    function self() {
      let module;
      globalThis.onmessage = ({ data }) => (data.module ? (module = data.module) : postMessage(globalThis.untwisted.wasi(module, data)));
    }
    function start() {
      const address = URL.createObjectURL(new Blob([root.wasiSource, text], { type: "text/javascript" }));
      const one = new Worker(address);
      URL.revokeObjectURL(address);
      one.postMessage({ module });
      return one;
    }
    return {
      run(order) {
        now ??= start();
        return new Promise((done) => {
          const end = (result) => {
            clearTimeout(late);
            if (!result) {
              now.terminate();
              now = null;
            }
            done(result);
          };
          const late = setTimeout(end, PATIENCE);
          now.onmessage = ({ data }) => end(data);
          now.onerror = () => end();
          now.postMessage(order);
        });
      },
      stop() {
        now?.terminate();
        now = null;
      },
    };
  }

  root.runner = worker;
  root.program = program;

  // What a card shows of its run, and how it is put back.
  function shown(card, path) {
    const output = [...card.querySelectorAll("code.output")].find((one) => one.closest(".tab")?.dataset.tab !== "twin");
    const label = output?.closest("pre").previousElementSibling;
    const recorded = output?.textContent, said = label?.textContent, html = output?.innerHTML;
    const flow = card.querySelector("figure.flow");
    let drawn = null;
    return {
      recorded,
      put(text) {
        if (!output) return;
        const known = new Set(recorded.split("\n"));
        output.replaceChildren(...text.split(/(?<=\n)/).map((line) => (known.has(line.replace("\n", "")) ? line : make("mark", { textContent: line }))));
        label.textContent = text.trim() ? "It prints, in this world" : "It prints nothing, in this world";
      },
      flow,
      // The picture of this run in the place of the recorded one. Steps that stand open stay so.
      draw(picture) {
        const open = (drawn ?? flow).querySelector(".steps")?.open;
        drawn?.remove();
        drawn = picture;
        if (open && picture.querySelector(".steps")) picture.querySelector(".steps").open = true;
        flow.querySelector("figcaption").after(picture);
        root.ways(card);
      },
      back() {
        drawn?.remove();
        drawn = null;
        if (!output) return;
        output.innerHTML = html;
        label.textContent = said;
      },
      own: output ? null : make("code", { className: "output", tabIndex: 0 }),
      path,
    };
  }

  function slider(name, world, changed) {
    const { label, least, most, unit, none, step = 1 } = worlds.sliders[name];
    const told = make("output");
    const range = make("input", { type: "range", min: least, max: most, step, name });
    const tell = () => {
      const words = none && +range.value === 0 ? none : `${(+range.value).toLocaleString("en")}${unit === "%" ? " %" : unit && ` ${unit}`}`;
      told.textContent = words;
      range.setAttribute("aria-valuetext", words);
    };
    range.addEventListener("input", () => {
      tell();
      changed((world) => worlds.at(world, name, +range.value));
    });
    const show = (world) => {
      range.value = worlds.position(world, name);
      tell();
    };
    show(world);
    return { box: make("label", {}, make("span", { textContent: label }), range, told), show };
  }

  function faults(names, own, changed) {
    const select = make("select", {}, make("option", { value: "", textContent: "Nothing" }), ...names.map((name) => make("option", { value: name, textContent: worlds.faults[name].label })));
    const numbers = make("span", { className: "numbers" });
    const tell = () => changed((world) => worlds.fault(world, own, select.value, [...numbers.querySelectorAll("input")].map((one) => Math.max(+one.min, Math.min(+one.max, Math.round(+one.value || 0))))));
    const fields = (values) => {
      const wanted = worlds.faults[select.value]?.numbers ?? [];
      numbers.replaceChildren(...wanted.map(([label, min, max, usual], i) => {
        const field = make("input", { type: "number", min, max, value: values?.[i] ?? usual });
        field.addEventListener("input", tell);
        return make("label", {}, `${label} `, field);
      }));
    };
    select.addEventListener("change", () => {
      fields();
      tell();
    });
    const show = (world) => {
      const found = worlds.faulty(world, own);
      if (found && select.value === found[0] && numbers.contains(document.activeElement)) return;
      select.value = found?.[0] ?? "";
      fields(found?.[1]);
    };
    return { box: make("div", { className: "fault" }, make("label", {}, make("span", { textContent: "Goes wrong" }), select), numbers), show };
  }

  // A button that copies. It gets its own words back, pressed once or twice.
  const copies = (textContent, text) => make("button", { type: "button", textContent, onclick: async ({ currentTarget: button }) => {
    try {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
    } catch {
      // A page from disk, or a browser that asks: the text is shown, to be copied by hand.
      prompt("Copy it from here:", text());
      return;
    }
    setTimeout(() => (button.textContent = textContent), 1500);
  } });

  // knobs({card, path, world, change, args, goal, command, start}): the panel, which stands below the button.
  root.knobs = function ({ card, path, world: own, change, args, goal, command, start = own }) {
    const [chapter, name] = path.split("/");
    const what = shown(card, path);
    const said = make("p", { className: "said" });
    said.setAttribute("role", "status");
    let world = start, due = 0, busy = false, again = false, runner = null, closed = false;

    const changed = (turn) => {
      world = panel.dataset.world = turn(world);
      cancelAnimationFrame(due);
      due = requestAnimationFrame(run);
    };
    const controls = change.filter((one) => worlds.sliders[one]).map((one) => slider(one, world, changed));
    const broken = change.filter((one) => worlds.faults[one]);
    if (broken.length) controls.push(faults(broken, own, changed));
    const back = make("button", { type: "button", textContent: "As recorded", onclick: () => {
      world = panel.dataset.world = own;
      for (const one of controls) one.show(world);
      run();
    } });
    const link = () => {
      const address = new URL(location.href);
      address.search = world === own ? "" : `?${new URLSearchParams({ run: path, world })}`;
      address.hash = card.id;
      return address.href;
    };
    // What is to be brought about: the run is looked at, not where the sliders stand.
    const task = goal && make("p", { className: "goal" }, make("b", { textContent: "Try this. " }), goal.ask);
    const got = task && make("span");
    got?.setAttribute("role", "status");
    task?.append(" ", got);
    const panel = make("fieldset", { className: "knobs" }, make("legend", { textContent: "Change the world, and it runs again" }), ...(task ? [task] : []), ...controls.map((one) => one.box));
    panel.dataset.path = path;
    panel.dataset.world = world;
    if (what.own) panel.append(make("pre", {}, what.own));
    panel.append(said, make("p", { className: "deeds" }, back, copies("Copy as a command", () => (world === own ? command : `UNTWISTED_WORLD=${world} ${command}`)), copies("Copy as a link", link)));
    for (const one of controls) one.show(world);

    // Runs are never queued: while one goes on, only the newest world waits.
    async function run() {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      back.disabled = world === own;
      try {
        if (world === own) recorded();
        else await vary(world);
      } finally {
        busy = false;
        if (again && !closed) {
          again = false;
          run();
        }
      }
    }
    function recorded() {
      what.back();
      what.own?.replaceChildren();
      if (root.varied) delete root.varied[path];
      root.replay?.(path);
      tell("As recorded.", own, null);
    }
    async function vary(wanted) {
      if (!runner) said.textContent = "Loading the program…";
      try {
        runner ??= worker(await program(chapter));
      } catch {
        said.replaceChildren("It cannot run here", globalThis.WebAssembly ? ": its program could not be loaded. " : ": this browser has no WebAssembly. ", "On your own machine: ", make("code", { textContent: `UNTWISTED_WORLD=${wanted} ${command}` }));
        return;
      }
      const result = await runner.run({ args: [name, ...args], env: { UNTWISTED_WORLD: wanted, UNTWISTED_TRACE: "/trace", UNTWISTED_LISTING: path, RUST_BACKTRACE: "0" } });
      if (closed) return;
      if (!result) return tell(`It ran longer than ${PATIENCE / 1000} s in this world and was stopped.`, wanted, null);
      const text = result.out + result.err;
      what.put(text);
      what.own?.replaceChildren(text);
      const lines = result.out.split("\n").length - 1, events = Math.max(0, result.trace.split("\n").length - 2);
      const same = what.recorded === undefined ? "" : text === what.recorded ? ", as recorded" : "";
      tell(`${result.code ? "It ends with an error. " : ""}It printed ${counted(lines, "line")}${same}${events ? `; ${counted(events, "event")}` : ""}.`, wanted, result);
      if (result.trace && (what.flow || card.querySelector("[data-run]"))) await draw(result.trace, wanted);
      else if (what.flow) none("This run broke off before its recording was kept, so it has no picture.");
    }
    const none = (why) => what.draw(make("div", { className: "drawn" }, make("p", { className: "without", textContent: why })));
    // Picture and player come after the output. While they are made another run may be wanted: then that one's are.
    async function draw(trace, wanted) {
      const late = () => closed || world !== wanted;
      try {
        const [found] = await Promise.all([root.recording(path), root.picture ?? root.load.script("picture.js")]);
        if (late()) return;
        const drawn = await root.drawn(path, found, trace);
        if (late()) return;
        (root.varied ??= {})[path] = { source: found.source, title: found.title, trace, names: drawn.names, begins: drawn.begins, stops: found.stops };
        root.replay?.(path);
        const picture = what.flow && (await root.picture(drawn, `world-${path.replace(/\W/g, "-")}`));
        if (picture && !late()) what.draw(picture);
      } catch (error) {
        if (!closed && what.flow) none(`The picture of this run could not be drawn: ${error.message}`);
      }
      panel.dispatchEvent(new CustomEvent("untwisted-drawn", { bubbles: true, detail: { path, world: wanted } }));
    }
    function tell(words, wanted, result) {
      said.replaceChildren(words, " ", make("code", { textContent: wanted }));
      if (task && !task.classList.contains("reached") && result && worlds.reached(goal.lines, result.out)) {
        task.classList.add("reached");
        got.replaceChildren(make("b", { textContent: "Reached. " }), goal.because);
      }
      panel.dispatchEvent(new CustomEvent("untwisted-run", { bubbles: true, detail: { path, world: wanted, result } }));
    }

    if (world !== own) run();
    else {
      back.disabled = true;
      said.replaceChildren("As recorded. ", make("code", { textContent: own }));
    }
    return {
      panel,
      close() {
        closed = true;
        runner?.stop();
        if (world !== own) recorded();
        panel.remove();
      },
    };
  };
})((globalThis.untwisted ??= {}));
