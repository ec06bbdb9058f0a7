// The ruler: above, time to scale; below, the steps of each turn side by side, as under a lens. Its slider is the play head.
(function (root) {
  "use strict";
  const { el, ms, turnOf } = root;
  root.ruler = function (run, go) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 1000 60");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const marks = el("div", { className: "marks", ariaHidden: "true" }),
      head = el("i", { className: "head", ariaHidden: "true" }),
      needle = el("i", { className: "needle", ariaHidden: "true" });
    const range = el("input", {
      type: "range",
      min: 0,
      max: run.steps.length - 1,
      value: 0,
      ariaLabel: "Position in the run",
      oninput: () => go(+range.value),
    });
    const box = el("div", { className: "ruler" }, el("div", { className: "scale" }, svg, marks, needle, head), range);
    let upto = -1,
      hidden = false,
      width = 0,
      T = 1,
      N = 1,
      turns = [],
      hits = [],
      at = 0;
    const X = (i) => (N > 1 ? i / (N - 1) : 0) * 100;

    function build(until, asking) {
      width = box.clientWidth || 600;
      upto = until;
      hidden = asking;
      const steps = run.steps.slice(0, until + 1),
        last = steps.at(-1);
      T = Math.max(1, asking ? last.t * 1.15 : run.after(last).t);
      N = asking ? Math.max(12, until + 4) : run.steps.length;
      turns = [];
      let odd = false; // one piece for each instant of a turn: time stands still in it
      for (const e of steps) {
        const t = turns.at(-1);
        if (t && t.w !== e.w) odd = !odd;
        t && t.w === e.w && t.t === e.t ? (t.to = e.step) : turns.push({ w: e.w, from: e.step, to: e.step, t: e.t, odd });
      }
      const tx = (t) => (t / T) * 1000,
        half = 500 / Math.max(1, N - 1);
      const shape = (t) => {
        const a = Math.max(-5, X(t.from) * 10 - half),
          b = Math.min(1005, X(t.to) * 10 + half),
          u = tx(t.t);
        return `<path data-w="${t.w}" class="${t.odd ? "odd" : ""}" d="M${u} 2L${a} 34V60H${b}V34z"/>`;
      };
      svg.innerHTML = `<line x1="0" x2="1000" y1="2" y2="2" vector-effect="non-scaling-stroke"/>${turns.map(shape).join("")}`;
      const kids = [],
        put = (x, cls, text = "") => kids.push(`<span class="${cls}" style="left:${x}%">${text}</span>`);
      // Time to scale: round numbers
      const unit =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4].map((m) => m * 1e6).find((u) => T / u <= width / 80) ?? 6e10;
      for (let t = 0; t <= T; t += unit) put((t / T) * 100, `tick${t ? (t > T * 0.96 ? " end" : "") : " start"}`, ms(t));
      const folds = [];
      // Silence is folded: a stretch of the scale shrinks to one dotted line
      for (const e of steps) {
        const dt = asking && e === last ? 0 : run.until(e) - e.t;
        if (!dt) continue;
        const w = (dt / T) * width,
          x = X(e.step + 0.5),
          c = ((e.t + dt / 2) / T) * 100;
        put(x, "fold");
        folds.push(x);
        if (w > 66) put(c * 0.8 + x * 0.2, "silence", w > 118 ? `${ms(dt)} of nothing` : ms(dt));
      }
      const names = new Map();
      for (const t of turns) if (t.w) names.set(t.w, [names.get(t.w)?.[0] ?? t.from, t.to]);
      for (const [w, [from, to]] of names) {
        const own = ((`${w}`.length * 8 + 8) / width) * 100;
        let x = X(Math.max(0, from - 0.5));
        x = folds.find((f) => f >= x && f < x + own) ?? x; // no number has a line across it
        if (X(to + 0.5) - x > own) put(x, "name", w);
      }
      for (const e of steps) {
        const r = e.k === "df.fire" && e.a.rail;
        if (e.k === "out" || r) put(X(e.step), `dot ${r || "prints"}`);
      }
      if (asking) put(X(until + 0.5), "veil");
      marks.innerHTML = kids.join("");
      mark(hits);
      range.max = N - 1;
    }
    function mark(list) {
      hits = list;
      for (const m of marks.querySelectorAll(".hit")) m.remove();
      for (const i of list)
        if (i <= upto) {
          const m = el("span", { className: "hit" });
          m.style.left = `${X(i)}%`;
          marks.append(m);
        }
    }
    function set(i, e, until, asking) {
      at = i;
      if (until !== upto || asking !== hidden) build(until, asking);
      head.style.left = `${X(i)}%`;
      range.value = i;
      const t = asking ? e.t : run.until(e);
      needle.style.left = `${(t / T) * 100}%`;
      range.setAttribute(
        "aria-valuetext",
        `step ${i + 1}${asking ? "" : ` of ${N}`}, ${turnOf(e)}, ${ms(t)}`,
      );
      for (const p of svg.querySelectorAll("path")) p.classList.toggle("on", p.dataset.w === String(e.w));
    }
    new ResizeObserver(() => {
      if (Math.abs(box.clientWidth - width) > 4 && upto >= 0) {
        build(upto, hidden);
        set(at, run.steps[at], upto, hidden);
      }
    }).observe(box);
    return { box, range, set, mark };
  };
})((globalThis.untwisted ??= {}));
