// The player of a recorded run: code, stage, ruler, controls. player(box, {trace, source}) builds it into `box`.
(function (root) {
  "use strict";
  const { Run, el, stage, ruler, ms, big } = root;
  const esc = (text) => text.replace(/[&<]/g, (c) => (c === "&" ? "&amp;" : "&lt;"));
  const paint = (text) =>
    esc(text).replace(
      /(\/\/.*$)|("(?:[^"\\]|\\.)*")|\b(fn|let|mut|use|struct|impl|for|in|if|else|while|loop|match|return|move|async|await|pub|const|break|self|Self|where|as|ref)\b/g,
      (x, c, s) => `<span class="${c ? "c" : s ? "s" : "w"}">${x}</span>`,
    );

  // The code: numbers, the line that runs, a dotted line for who asked. A number with events is a button to them.
  function code(run, pick, hover) {
    const rows = new Map(),
      pane = el("div", { className: "code", tabIndex: 0, role: "group", ariaLabel: "The program" });
    run.source.forEach((text, i) => {
      const n = i + 1,
        steps = run.lines.get(n);
      if (/^\s*\/\/ ANCHOR/.test(text) || (n === run.source.length && !text)) return;
      const no = steps
        ? el("button", {
            type: "button",
            className: "no",
            tabIndex: -1,
            textContent: n,
            ariaLabel: `Line ${n}: its events`,
            onclick: () => pick(n),
          })
        : el("span", { className: "no", textContent: n });
      const row = el("div", { className: steps ? "row has" : "row" }, no, el("code", { innerHTML: paint(text) || " " }));
      if (steps) {
        row.onmouseenter = no.onfocus = () => hover(steps);
        row.onmouseleave = no.onblur = () => hover([]);
      }
      rows.set(n, row);
      pane.append(row);
    });
    const buttons = [...pane.querySelectorAll("button")];
    if (buttons[0]) buttons[0].tabIndex = 0;
    pane.addEventListener("keydown", (ev) => {
      const i = buttons.indexOf(ev.target),
        to = buttons[i + { ArrowDown: 1, ArrowUp: -1 }[ev.key]];
      if (i >= 0 && to) {
        ev.preventDefault();
        ev.target.tabIndex = -1;
        to.tabIndex = 0;
        to.focus();
      }
    });
    let lit = null;
    const light = (found) => {
      lit?.classList.remove("runs", "asked");
      lit = found && rows.get(found.line);
      if (!lit) return;
      lit.classList.add(found.how);
      const top = lit.offsetTop,
        h = pane.clientHeight; // the pane scrolls, never the page
      if (top < pane.scrollTop + 12 || top > pane.scrollTop + h - 40) pane.scrollTop = top - h / 3;
    };
    return { pane, light, rows };
  }

  root.player = function (box, { trace, source, names, title = "", stops }) {
    const run = new Run(trace, source, names),
      last = run.steps.length - 1;
    let at = 0,
      far = 0,
      timer = null,
      answered = -1,
      home = null,
      speed = 1;
    const asking = () => ask.getAttribute("aria-pressed") === "true";
    const turnOf = (i) => run.steps[i].w;
    const icon = (d) =>
      `<svg viewBox="0 0 16 16" width="15" height="15" fill="currentColor" aria-hidden="true"><path d="${d}"/></svg>`;
    const button = (label, d, onclick, more = {}) =>
      el("button", { type: "button", ariaLabel: label, title: label, innerHTML: icon(d), onclick, ...more });
    const PLAY = "M4 2v12l9-6z",
      PAUSE = "M4 2h3v12H4zM9 2h3v12H9z";
    const first = button("To the start", "M2 3h2v10H2zM13 3v10L5 8z", () => go(0)),
      end = button("To the end", "M12 3h2v10h-2zM3 3v10l8-5z", () => go(last));
    const tback = button("A turn back", "M8 3v10L1 8zM15 3v10L8 8z", () => byTurn(-1)),
      tnext = button("A turn on", "M8 3v10l7-5zM1 3v10l7-5z", () => byTurn(1));
    const back = button("A step back", "M11 3v10L4 8z", () => go(at - 1)),
      next = button("A step on", "M5 3v10l7-5z", () => {
        pause();
        forward();
      });
    const play = button("Play", PLAY, () => (timer ? pause() : start()), { className: "play" });
    const pace = el("button", {
      type: "button",
      className: "pace",
      title: "Speed",
      ariaLabel: "Speed: 1 times",
      textContent: "1×",
      onclick: () => {
        speed = speed === 4 ? 0.5 : speed * 2;
        pace.textContent = `${speed}×`;
        pace.ariaLabel = `Speed: ${speed} times`;
      },
    });
    // What is loaded when its button is first pressed: whether it is there.
    const part = async (name, file, asker) => {
      if (root[name]) return true;
      const label = asker.textContent;
      asker.textContent = "Loading…";
      await root.script(`player-${file}.js`).catch(() => {});
      asker.textContent = root[name] ? label : "Could not be loaded: are you online?";
      return root[name];
    };
    const ask = el(
      "button",
      {
        type: "button",
        className: "ask",
        ariaPressed: "false",
        onclick: async () => {
          if (!(await part("quiz", "ask", ask))) return;
          const on = !asking();
          ask.setAttribute("aria-pressed", on);
          far = at;
          close();
          answered = -1;
          box.classList.toggle("asking", on);
          draw(true);
        },
      },
      "Ask me first",
    );
    const where = el("span", { className: "where" });
    const now = el("p", { className: "sentence", ariaLive: "polite", ariaAtomic: "true" });
    const why = el(
      "button",
      { type: "button", className: "why", ariaExpanded: "false", onclick: async () => (!panel.hidden ? close() : (await part("causes", "why", why)) && reasons()) },
      "Why?",
    );
    const ret = el("button", {
      type: "button",
      className: "why",
      hidden: true,
      onclick: () => {
        const to = home;
        home = null;
        go(to);
      },
    });
    const panel = el("div", { className: "panel", hidden: true, role: "group" }),
      quizbox = el("div", { className: "quiz", role: "group", ariaLabel: "A question", hidden: true });
    const out = el("pre", { className: "out", tabIndex: 0, role: "group", ariaLabel: "Output" });
    const show = stage(run),
      rule = ruler(run, (i) => go(i, true));
    const text = code(
      run,
      (n) => {
        const all = run.lines.get(n).filter((i) => !asking() || i <= far),
          to = all.find((i) => i > at) ?? all[0];
        if (to !== undefined) go(to);
      },
      (steps) => rule.mark(steps),
    );
    box.classList.add("player");
    box.append(
      el("div", { className: "program" }, text.pane, out),
      show.box,
      el(
        "div",
        { className: "dock" },
        panel,
        el("div", { className: "saying" }, now, " ", why, " ", ret),
        quizbox,
        rule.box,
        el(
          "div",
          { className: "bar", role: "group", ariaLabel: title ? `Steps of ${title}` : "Steps" },
          first,
          tback,
          back,
          play,
          next,
          tnext,
          end,
          pace,
          where,
          ask,
        ),
      ),
    );

    function draw(quick) {
      const e = run.steps[at],
        hide = asking(),
        found = run.line(e);
      far = Math.max(far, at);
      first.disabled = back.disabled = tback.disabled = at === 0;
      next.disabled = tnext.disabled = at === last;
      end.disabled = hide ? at >= far : at === last;
      where.textContent = `step ${at + 1}${hide ? "" : ` of ${last + 1}`} · ${ms(hide ? e.t : run.until(e))}`;
      now.replaceChildren(
        big(run.say(e, hide)).replace(/([^.…!?])$/, "$1.") + " ",
        el("span", {}, found ? (found.how === "asked" ? `Line ${found.line} asked for this.` : `Line ${found.line}.`) : ""),
      );
      why.hidden = !run.why(e, hide).length;
      ret.hidden = home === null;
      if (home !== null) ret.textContent = `Back to step ${home + 1}`;
      for (const [n, steps] of run.lines) {
        const row = text.rows.get(n),
          later = hide && steps[0] > far;
        if (row) {
          row.classList.toggle("later", later);
          row.firstChild.disabled = later;
        }
      }
      text.light(found);
      show.draw(e, { asking: hide, quick });
      rule.set(at, e, hide ? far : last, hide);
      const o = run.state(e.n).out;
      while (out.childElementCount > o.length) out.lastChild.remove();
      for (let i = out.childElementCount; i < o.length; i++) out.append(el("span", {}, `${o[i]}\n`));
      for (const s of out.querySelectorAll(".new")) s.classList.remove("new");
      if (e.k === "out") out.lastChild.classList.add("new");
      out.scrollTop = out.scrollHeight;
      if (!panel.hidden) reasons();
    }
    function go(to, quick) {
      pause();
      to = Math.max(0, Math.min(asking() ? Math.max(far, at) : last, to));
      if (home === at || home === to) home = null;
      close();
      const jump = Math.abs(to - at) > 3;
      at = to;
      draw(quick || jump);
    }
    function forward() {
      if (at >= last) return pause();
      if (!quizbox.hidden) return quizbox.querySelector("button:enabled")?.focus();
      const e = run.steps[at + 1],
        q = asking() && at === far && answered !== e.n && run.question(e);
      if (q) {
        pause();
        answered = e.n;
        close();
        return root.quiz(q, quizbox, () => {
          close();
          forward();
          if (quizbox.hidden) next.focus();
        });
      }
      close();
      at += 1;
      home = null;
      draw();
    }
    function byTurn(d) {
      if (d > 0 && asking()) {
        pause();
        const w = turnOf(at);
        do forward();
        while (quizbox.hidden && at < last && turnOf(at) <= w);
        return;
      }
      // Back is to the first step of the turn that the step before is in: of this one, or of the one before it.
      const w = turnOf(d > 0 ? at : Math.max(0, at - 1)),
        to = run.steps.findIndex((e) => (d > 0 ? e.w > w : e.w === w));
      go(to < 0 ? last : to);
    }
    // What play leaves out: what the listing does not stop at; else what is registered, and waits of nothing.
    const dull = (e) => (stops ? !stops.includes(e.k) : /^io\.(wa|fo)/.test(e.k) || (run.waits(e) && !(run.woke(e)?.t > e.t)));
    function tick() {
      const e = run.steps[at];
      timer = setTimeout(
        () => {
          if (!asking()) while (at < last - 1 && dull(run.steps[at + 1])) at += 1;
          forward();
          if (timer) at < last ? tick() : pause();
        },
        (run.waits(e) ? 1300 : e.k === "turn.phase" ? 600 : 1000) / speed,
      );
    }
    function start() {
      if (at === last) {
        at = 0;
        draw(true);
      }
      face("Pause", PAUSE, "off");
      tick();
    }
    function pause() {
      clearTimeout(timer);
      timer = null;
      face("Play", PLAY, "polite");
    }
    function face(label, d, live) {
      play.innerHTML = icon(d);
      play.ariaLabel = play.title = label;
      now.ariaLive = live;
    }
    function close() {
      panel.hidden = quizbox.hidden = true;
      why.ariaExpanded = "false";
      root.hint?.(run, text, []);
    }
    function reasons() {
      const e = run.steps[at];
      root.causes(run, e, asking(), panel, text, (to) => {
        const from = home ?? at;
        go(to);
        home = from === at ? null : from;
        draw(true);
        (ret.hidden ? why : ret).focus();
      });
      panel.hidden = false;
      why.ariaExpanded = "true";
    }
    box.addEventListener("keydown", (ev) => {
      // mdBook turns pages with the arrows
      if (ev.key === "Escape" && !(panel.hidden && quizbox.hidden)) {
        ev.stopPropagation();
        close();
        (why.hidden ? next : why).focus();
        return;
      }
      const acts = {
        ArrowRight: () => {
          pause();
          forward();
        },
        ArrowLeft: () => go(at - 1),
        Home: () => go(0),
        End: () => go(last),
        PageDown: () => byTurn(1),
        PageUp: () => byTurn(-1),
      };
      if (!acts[ev.key] || ev.ctrlKey || ev.altKey || ev.metaKey) return;
      ev.stopPropagation();
      if (ev.target === text.pane || ev.target === out) return; // these scroll
      ev.preventDefault();
      ev.shiftKey && /Left|Right/.test(ev.key) ? byTurn(ev.key === "ArrowRight" ? 1 : -1) : acts[ev.key]();
    });
    draw(true);
    return {
      run,
      go,
      get at() {
        return at;
      },
    };
  };
})((globalThis.untwisted ??= {}));
