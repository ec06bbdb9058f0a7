// The stage: the loop, what waits for it, the wires, the Deferreds. A picture of one state; it moves what moved.
(function (root) {
  "use strict";
  const { ms, nameOf, valueOf, turnOf } = root;
  const el = (tag, props = {}, ...kids) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(props)) k in e ? (e[k] = v) : e.setAttribute(k, v);
    e.append(...kids);
    return e;
  };
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const WORDS = { calls: "queue", timers: "heap", wait: "clock", ready: "sockets", tasks: "executor" };

  // Make the children of `box` be `items` (by key), keeping those that stay.
  function sync(box, items, make, update) {
    const old = new Map([...box.children].map((c) => [c.dataset.k, c]));
    let last = null;
    for (const x of items) {
      let c = old.get(x.k);
      if (c) old.delete(x.k);
      else {
        c = make(x);
        c.dataset.k = x.k;
      }
      const next = last ? last.nextSibling : box.firstChild;
      if (c !== next) box.insertBefore(c, next);
      update?.(c, x);
      last = c;
    }
    for (const c of old.values()) c.remove();
  }
  const chip = (x) => el("li", { className: "chip" }, el("b"), el("span"), el("i", { className: "gauge", ariaHidden: "true" }));
  function fill(c, x) {
    c.className = `chip ${x.kind ?? ""}${x.theirs ? " theirs" : ""}`;
    if (c.x !== x.name + x.more) {
      c.children[0].textContent = x.name;
      c.children[1].textContent = x.more ?? "";
      c.x = x.name + x.more;
    }
    c.children[2].style.transform = `scaleX(${x.part ?? 0})`;
  }
  const fillAll = (box, items) => sync(box, items, chip, fill);
  const few = (list, most, f) =>
    list.length > most + 1
      ? [...list.slice(0, most).map(f), { k: "more", name: `and ${list.length - most} more`, more: "", kind: "more" }]
      : list.map(f);

  root.stage = function (run) {
    const used = ["calls", "timers", "wait", "ready", ...(run.count.k ? ["tasks"] : [])];
    const stops = el(
      "ol",
      { className: "stops", ariaLabel: "The phases of a turn" },
      ...used.map((p) => el("li", { "data-p": p }, p)),
    );
    const dot = el("i", { className: "lap", ariaHidden: "true" }),
      slot = el("ul", { className: "slot", ariaLabel: "Running now" });
    const turn = el("span", { className: "turn" });
    const ring = el("div", { className: "ring" }, el("div", { className: "middle" }, turn, slot), stops, dot);
    const lists = Object.fromEntries(used.map((p) => [p, el(p === "wait" ? "div" : "ul", { className: `store ${p}` })]));
    const stores = el(
      "div",
      { className: "stores" },
      ...used.map((p) => el("section", {}, el("p", { className: "cap" }, WORDS[p]), lists[p])),
    );
    const clock = el("strong"),
      until = el("span");
    const jobs = el("ul", { className: "store" });
    lists.wait.append(clock, until, jobs);
    const gate = el("div", { className: "gate" }),
      wires = el("div", { className: "wires" }),
      dfs = el("div", { className: "dfs" });
    const box = el(
      "div",
      { className: "stage", role: "group", ariaLabel: "The loop and what waits for it" },
      ring,
      stores,
      gate,
      wires,
      dfs,
    );
    box.style.setProperty("--n", used.length);
    const max = { calls: 0, timers: 0, socks: 0, tasks: 0, wires: 0, dfs: 0, locks: 0 };
    const s = run.state(0);
    for (const e of run.events) {
      run.fold(s, e);
      for (const k in max) max[k] = Math.max(max[k], s[k].length);
    }
    const dense = max.dfs > 3 || max.wires > 3,
      most = dense ? 3 : 5,
      lanes = dense ? 4 : 6;
    let was = null;

    function reserve(asking) {
      // room for what comes, so that nothing jumps; none where the future is a question
      const rows = asking
        ? 3
        : Math.min(most + 1, Math.max(max.wires || max.dfs ? 2 : 6, max.calls, max.timers, max.socks, max.tasks));
      box.style.setProperty("--rows", rows);
      box.style.setProperty("--wires", asking ? 0 : Math.min(lanes, max.wires));
      box.style.setProperty(
        "--dfs",
        asking ? 0 : max.dfs > 3 ? Math.min(max.wires ? 4 : 6, Math.ceil(max.dfs / 2)) * 0.4 : max.dfs,
      );
    }
    const host = (h) => (run.ours(h) ? "" : run.hosts[h]);
    const far = (o) => {
      const h = run.born.get(run.peer.get(o))?.h;
      return o[0] === "l" ? "listens" : h === undefined ? "ours" : `to ${run.hosts[h]}`;
    };

    function draw(e, { asking, quick }) {
      const s = run.state(e.n),
        waits = run.waits(e);
      const now = asking ? e.t : run.until(e); // the picture of a wait is its end
      const stack = run.stack(e),
        move = !quick && !still.matches,
        rects = new Map();
      const chips = () => box.querySelectorAll(".chip[data-k]");
      if (move) for (const c of chips()) rects.set(c.dataset.k.replace("@", ""), c.getBoundingClientRect());
      reserve(asking);
      // The loop
      for (const li of stops.children)
        li.dataset.p === s.phase ? li.setAttribute("aria-current", "step") : li.removeAttribute("aria-current");
      turn.textContent = turnOf(e);
      const at = (p) => `${((used.indexOf(p) + 0.5) / used.length) * 100}%`,
        low = "100%";
      if (move && was?.w && e.w - was.w === 1 && s.phase)
        // a lap: on to the end, back over the top, down to the next phase
        dot.animate(
          [
            { left: at(was.phase), top: low },
            { left: "100%", top: low },
            { left: "100%", top: "0%" },
            { left: "0%", top: "0%" },
            { left: "0%", top: low },
            { left: at(s.phase), top: low },
          ].map((f) => ({ ...f, opacity: 1 })),
          { duration: 480, easing: "ease-in-out" },
        );
      ring.classList.toggle("idle", !e.w);
      const on = stack.map((c) => ({
        k: `@${c.o}`,
        kind: c.k === "cb.start" ? `now ${c.a.rail}` : "now",
        name: nameOf(c.o),
        more: c.k === "cb.start" ? run.stage(c.o, c.a.i, 26) : host(c.h) || "our code",
        theirs: !run.ours(c.h),
      }));
      fillAll(
        slot,
        on.length
          ? on
          : [
              {
                k: "none",
                kind: "none",
                name: waits ? (now > e.t || asking ? "asleep" : "stays awake") : e.w ? "" : "main runs",
                more: "",
              },
            ],
      );
      // What waits
      fillAll(
        lists.calls,
        few(s.calls, most, (c) => ({
          k: c.o,
          name: nameOf(c.o),
          more: c.name ? `“${c.name}”` : host(c.h),
          theirs: !run.ours(c.h),
        })),
      );
      fillAll(
        lists.timers,
        few(s.timers, most, (t) => ({
          k: t.o,
          kind: t.due <= now ? "due" : "",
          name: nameOf(t.o),
          more: `${t.due > 9e17 ? "put off" : ms(t.due)}${host(t.h) && ` · ${host(t.h)}`}`,
          part: t.due > 9e17 ? 1 : Math.max(0, (t.due - now) / (t.due - t.set || 1)),
          theirs: !run.ours(t.h),
        })),
      );
      fillAll(
        lists.ready,
        few(
          s.socks.length > most + 1 ? [...s.socks].sort((a, b) => !!b.what - !!a.what || run.ours(b.h) - run.ours(a.h)) : s.socks,
          most,
          (c) => ({
            k: c.o,
            kind: c.what ? "is-ready" : "",
            name: nameOf(c.o),
            more: `${host(c.h) || far(c.o)}${c.what && " · "}${c.what.replace("+closed", ", end").replace("read+write", "both")}`,
            theirs: !run.ours(c.h),
          }),
        ),
      );
      if (lists.tasks)
        fillAll(
          lists.tasks,
          few(s.tasks, most, (k) => ({
            k: k.o,
            kind: k.woken ? "woken" : "",
            name: nameOf(k.o),
            more: k.woken
              ? "woken"
              : stack.some((c) => c.o === k.o && c.k === "task.poll") && e.k !== "task.wait"
                ? "runs"
                : (k.at !== undefined && run.place(k.at)) || "awaits",
            theirs: !run.ours(k.h),
          })),
        );
      fillAll(
        jobs,
        s.jobs.map((j) => ({ k: j.o, name: nameOf(j.o), more: "another thread" })),
      );
      clock.textContent = ms(now);
      until.textContent = waits && now > e.t ? `+ ${ms(now - e.t)}` : "";
      // Locks: who is inside, who stands in line
      gate.hidden = !(asking ? s.locks.length : max.locks);
      const holder = (d) => ({ k: d ?? "own", name: d ? nameOf(d) : "our code", more: "" });
      sync(
        gate,
        s.locks.slice(0, 3).map((m) => ({ ...m, k: m.o })),
        () => {
          const cap = () => el("p", { className: "cap" });
          return el("div", { className: "lock" }, cap(), cap(), el("ul"), el("ul"));
        },
        (box, m) => {
          const [held, line, in_, out] = box.children;
          held.textContent = `${run.full(m.o)}: inside, ${m.inside.length} of ${m.size}`;
          line.textContent = "in line";
          fillAll(in_, m.inside.map((d) => ({ ...holder(d), kind: "woken" })));
          fillAll(out, few(m.line.map(holder), 4, (d) => d));
        },
      );
      // The wires: one lane a connection, hosts at the ends
      const rank = (w) =>
        (w.a === e.o || w.b === e.o ? 4 : 0) +
        (w.is === "asked" || w.ab.length || w.ba.length ? 2 : 0) +
        (w.is === "open" ? 1 : 0);
      const best = [...s.wires]
          .reverse()
          .sort((a, b) => rank(b) - rank(a))
          .slice(0, lanes),
        shown = s.wires.filter((w) => best.includes(w));
      sync(
        wires,
        shown.map((w) => ({ ...w, k: w.o })),
        () =>
          el(
            "div",
            { className: "wire" },
            el("b"),
            el("div", { className: "line" }, el("em"), el("div", { className: "bytes" })),
            el("b"),
          ),
        (c, w) => {
          const turned = !run.ours(w.ha) && run.ours(w.hb); // our end is always at the left
          const ends = [
              [w.a, w.ha, true],
              [w.b, w.hb, w.is !== "asked" && w.hb !== undefined],
            ],
            label = ([o, h, known]) =>
              !known ? (turned ? "our listener" : w.to.replace("127.0.0.1", "")) : host(h) || nameOf(o);
          if (turned) ends.reverse();
          c.dataset.is = w.is;
          c.children[0].textContent = label(ends[0]);
          c.children[2].textContent = label(ends[1]);
          const fly = (t) => Math.min(1, Math.max(0, (now - t) / run.latency)),
            all = [],
            put = (k, t, fromA, text, kind) => {
              const away = fromA !== turned;
              all.push({ k, at: away ? fly(t) : 1 - fly(t), text: away ? `${text} ›` : `‹ ${text}`, kind });
            };
          if (w.is === "asked") put("syn", w.t, true, "hello?", "sign");
          for (const p of w.ab) put(`p${p.n}`, p.t, true, `${p.bytes} B`);
          for (const p of w.ba) put(`p${p.n}`, p.t, false, `${p.bytes} B`);
          if (w.is === "half") put("fin", w.t, w.end === "a", "the end", "sign");
          const heaps = {};
          for (const p of all) (heaps[Math.round(p.at * 8)] ??= []).push(p); // side by side where they meet: who was sent first is ahead
          for (const heap of Object.values(heaps))
            heap.forEach((p, j) => {
              const left = p.text[0] === "‹",
                behind = heap.length - 1 - j;
              p.nth = p.at > 0.5 ? (left ? -behind : -j) : left ? j : behind;
            });
          sync(
            c.children[1].lastChild,
            all.slice(0, 6),
            () => el("span"),
            (b, p) => {
              b.className = p.kind ?? "";
              b.textContent = p.text;
              b.style.left = `${p.at * 100}%`;
              b.style.setProperty("--at", p.at);
              b.style.setProperty("--nth", p.nth);
            },
          );
          c.children[1].firstChild.textContent = w.is === "broken" ? w.why : w.got ? `${w.got} bytes read` : "";
        },
      );
      wires.classList.toggle("some", shown.length > 0);
      // The Deferreds
      const small = (asking ? s.dfs.length : max.dfs) > 3;
      dfs.classList.toggle("small", small);
      dfs.classList.toggle("some", s.dfs.length > 0);
      const order = [],
        add = (d, deep) => {
          if (!d || order.includes(d)) return;
          d.deep = deep;
          order.push(d);
          add(
            s.dfs.find((x) => x.o === d.waits),
            deep + 1,
          );
        };
      for (const d of s.dfs) if (!s.dfs.some((x) => x.waits === d.o)) add(d, 0);
      for (const d of s.dfs) add(d, 0);
      if (order.length > 8) order.sort((a, b) => !!b.rail - !!a.rail);
      sync(
        dfs,
        few(order, max.wires ? 7 : 11, (d) => ({ ...d, k: d.o, name: nameOf(d.o) })),
        () => el("div", { className: "df" }, el("p"), el("div", { className: "rails" })),
        (c, d) => {
          if (d.k === "more") {
            c.className = "df more";
            c.children[0].textContent = d.name;
            c.children[1].innerHTML = "";
            return;
          }
          const sig = JSON.stringify(d) + small + (e.o === d.o);
          if (c.sig === sig) return;
          c.sig = sig;
          const word = d.lost
            ? `lost: ${d.lost}`
            : d.waits
              ? `waits for ${small ? d.waits.slice(1) : nameOf(d.waits)}`
              : d.paused
                ? "paused"
                : !d.rail
                  ? d.cancelled
                    ? "cancelled"
                    : small
                      ? "empty"
                      : "nothing there yet"
                  : small
                    ? ""
                    : d.value
                      ? valueOf(d.value, 60)
                      : "";
          c.className = `df ${d.rail} ${e.o === d.o ? "here" : ""} ${d.waits ? "waits" : ""} ${d.deep ? "deep" : ""} ${d.lost ? "lost" : ""}`;
          c.children[0].replaceChildren(el("b", {}, d.name), " ", el("span", {}, word));
          const n = d.stages.length,
            at = (j) => (small ? (j + 0.6) / (n + 0.7) : (j + 0.5) / Math.max(n, 1)) * (small ? 100 : 92) + (small ? 0 : 8),
            rails = c.children[1];
          if (rails.n !== n || rails.small !== small) {
            rails.n = n;
            rails.small = small;
            rails.replaceChildren(
              el("u", { className: "ok" }),
              el("u", { className: "err" }),
              el("div", { className: "path" }),
              ...d.stages.map((kind, j) => {
                const b = el("span", { className: "st", title: run.stage(d.o, j, 80) }, small ? "" : run.stage(d.o, j, 40));
                b.style.left = `${at(j)}%`;
                b.style.width = `${(small ? 40 : 74) / Math.max(n, small ? 1 : 2)}%`;
                return b;
              }),
              el("i", { className: "token" }),
            );
          }
          d.stages.forEach((kind, j) => {
            rails.children[3 + j].className =
              `st ${kind === "callbacks" ? "both" : kind} ${d.ran[j] ?? (j < d.path.length ? "passed" : "")}`;
          });
          const path = rails.children[2],
            legs = d.path.map((r, j) => ({ k: String(j), r, from: j ? at(j - 1) : 0, to: at(j) }));
          const tail = d.left && !d.waits && d.rail ? Math.min(99, at(d.at) + (at(1) - at(0)) * 0.5 || 99) : null;
          if (tail !== null) legs.push({ k: "tail", r: d.rail, from: at(d.at), to: tail });
          legs.forEach((l, j) => {
            if (j && l.r !== legs[j - 1].r && l.r) legs.push({ k: `${l.k}x`, r: `${l.r} across`, from: l.from, to: l.from });
          });
          sync(
            path,
            legs,
            () => el("i"),
            (g, l) => {
              g.className = l.r;
              g.style.left = `${l.from}%`;
              g.style.width = l.to > l.from ? `${l.to - l.from}%` : "";
            },
          );
          const token = rails.lastChild;
          token.style.left =
            !d.rail || d.at < 0
              ? "0%"
              : tail !== null
                ? `${tail}%`
                : small
                  ? `${at(d.at)}%`
                  : `${at(d.at) - 37 / Math.max(n, 2)}%`;
          token.className = `token ${d.rail || "none"}`;
        },
      );
      // What moved, moves
      if (move)
        for (const c of chips()) {
          const key = c.dataset.k.replace("@", ""),
            from = rects.get(key),
            to = c.getBoundingClientRect();
          if (!from) {
            if (key !== "none" && key !== "more")
              c.animate([{ opacity: 0, transform: "scale(.8)" }, {}], { duration: 220, easing: "ease-out" });
          } else if (Math.abs(from.left - to.left) + Math.abs(from.top - to.top) > 2)
            c.animate([{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)`, zIndex: 2 }, { zIndex: 2 }], {
              duration: 380,
              easing: "cubic-bezier(.3,.1,.2,1)",
            });
        }
      was = { w: e.w, phase: s.phase };
    }
    return { box, draw };
  };
  Object.assign(root, { el, sync });
})((globalThis.untwisted ??= {}));
