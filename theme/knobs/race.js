// "Let them race": the times that a measured listing printed, as bars that grow to scale. Loaded with its button.
(function (root) {
  "use strict";
  const make = (name, properties = {}, ...children) => {
    const one = Object.assign(document.createElement(name), properties);
    one.append(...children);
    return one;
  };

  // Rows of a table like `   30  threads        0.33      8.1`: poems, model, seconds; no seconds where it was not run.
  const rows = (text) => text.split("\n").map((line) => /^\s*(\d+)\s{2,}(.+?)\s{2,}(?:([\d.]+)\s|not run)/.exec(line)).filter(Boolean).map(([, poems, model, seconds]) => ({ poems: +poems, model, seconds: seconds === undefined ? null : +seconds }));

  // race(text, models): the figure. Times are those of the table, one second a second.
  root.race = function (text, models) {
    const all = rows(text).filter((row) => models.includes(row.model));
    const counts = [...new Set(all.map((row) => row.poems))];
    const machine = /^Measured on .*$/m.exec(text)?.[0] ?? "";
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const select = make("select", {}, ...counts.map((count) => make("option", { value: count, textContent: `${count} poems` })));
    select.value = counts.includes(30) ? 30 : counts[0];
    const go = make("button", { type: "button", textContent: "Start" });
    const said = make("p", { className: "said" });
    said.setAttribute("role", "status");
    const lanes = new Map(models.map((model) => {
      const bar = make("i"), time = make("output", { textContent: "0.00 s" });
      return [model, { bar, time, box: make("div", { className: "lane" }, make("span", { textContent: model }), make("b", {}, bar), time) }];
    }));
    let due = 0;
    const row = (model) => all.find((one) => one.model === model && one.poems === +select.value);
    const longest = () => Math.max(...models.map((model) => row(model)?.seconds ?? 0));

    function draw(now) {
      for (const [model, { bar, time, box }] of lanes) {
        const end = row(model)?.seconds;
        box.classList.toggle("ended", end != null && now >= end);
        bar.style.width = end == null ? "0" : `${(Math.min(now, end) / longest()) * 100}%`;
        time.textContent = end == null ? "not run" : `${Math.min(now, end).toFixed(2)} s`;
      }
    }
    function tell() {
      const done = models.map(row).filter((one) => one?.seconds != null).sort((a, b) => a.seconds - b.seconds);
      const none = models.map(row).filter((one) => one && one.seconds === null).map((one) => one.model);
      said.textContent = `${done.map((one) => `${one.model}: ${one.seconds.toFixed(2)} s`).join("; ")}.${none.length ? ` Not run: ${none.join(", ")}, which takes as long as all poems together.` : ""}`;
    }
    function start() {
      cancelAnimationFrame(due);
      said.textContent = "";
      const end = longest();
      if (still.matches) {
        draw(end);
        tell();
        return;
      }
      const began = performance.now();
      const frame = (at) => {
        const now = Math.max(0, at - began) / 1000;
        draw(now);
        if (now < end) due = requestAnimationFrame(frame);
        else tell();
      };
      due = requestAnimationFrame(frame);
    }
    function rest() {
      cancelAnimationFrame(due);
      said.textContent = "";
      draw(0);
    }
    go.addEventListener("click", start);
    select.addEventListener("change", rest);
    const figure = make("fieldset", { className: "knobs race" },
      make("legend", { textContent: "The three models, at the speed at which they ran" }),
      make("p", { className: "deeds" }, make("label", {}, "Download ", select), go),
      ...[...lanes.values()].map((lane) => lane.box),
      said,
      make("p", { className: "told", textContent: `These are recorded times of the real programs, the ones in the table above; nothing is simulated. All bars of a race have one scale. ${machine}` }));
    figure.addEventListener("keydown", (event) => event.stopPropagation()); // mdBook would turn the page
    rest();
    return figure;
  };
})((globalThis.untwisted ??= {}));
