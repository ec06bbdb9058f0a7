// A recorded run as something one can stand in: parse, state after an event, lines, causes. No DOM, so node can test it.
(function (root) {
  "use strict";
  const QUIET = new Set(["run.start", "run.end", "turn.start", "turn.end", "turn.woke"]);
  const OPENS = new Set(["timer.fire", "call.run", "io.ready", "task.poll", "cb.start", "job.start"]);
  // Where the objects of a letter stand in a state; the others are sockets.
  const STORES = { t: "timers", s: "calls", d: "dfs", k: "tasks", j: "jobs", m: "locks" };
  const KEEP = 64;

  class Run {
    constructor(text, source = "", names = {}) {
      const [head, ...rest] = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      this.header = head;
      this.events = rest;
      this.hosts = head.hosts ?? ["program"];
      this.source = source.split("\n");
      this.names = names; // what stands in the source at a site: of a stage, a timer, a task; or of a lock
      this.steps = rest.filter((e) => !QUIET.has(e.k)); // where the player stops
      this.steps.forEach((e, i) => (e.step = i));
      this.latency = head.knobs?.latency_ns || 1e6;
      this.added = new Map();
      this.stood = new Map(); // a poll, and where the task stood before it; of a lock, where its holder asked for it
      const stands = {};
      this.born = new Map();
      this.peer = new Map();
      this.count = {};
      for (const e of rest) {
        if (e.o && !this.born.has(e.o)) (this.born.set(e.o, e), (this.count[e.o[0]] = (this.count[e.o[0]] ?? 0) + 1));
        if (e.k === "df.add") this.added.set(`${e.o}.${e.a.i}`, e);
        if (e.k[0] === "l") {
          // What holds a lock, or leaves it, asked for it where it joined the line. A holder that was let in by `try_acquire` has no name.
          const key = `${e.o} ${e.a.who}`,
            was = stands[key];
          this.stood.set(e, (stands[key] = e.a.who ? (was ?? e.s) : (e.s ?? was)));
        }
        if (e.k === "task.wait") stands[e.o] = e.s;
        if (e.k === "task.poll") this.stood.set(e, stands[e.o]);
        if (e.a?.other) (this.peer.set(e.o, e.a.other), this.peer.set(e.a.other, e.o));
      }
      this.states = new Map();
      this.lines = new Map(); // line of the listing -> steps that are about it
      for (const e of this.steps) {
        const l = this.line(e)?.line;
        if (l) this.lines.set(l, [...(this.lines.get(l) ?? []), e.step]);
      }
    }
    at(n) {
      return this.events[n - 1];
    }
    after(e) {
      return this.at(e.n + 1) ?? e;
    }
    // Whether the loop waits here; until when, of any event; and why that ended: `turn.woke`, or nothing where there was work.
    waits(e) {
      return e.k === "turn.phase" && e.a.phase === "wait";
    }
    until(e) {
      return this.waits(e) ? this.after(e).t : e.t;
    }
    woke(e) {
      const next = this.after(e);
      return this.waits(e) && next.k === "turn.woke" ? next : null;
    }
    ours(h) {
      return h === undefined || this.hosts[h] === "program";
    }
    state(n) {
      let from = Math.floor(n / KEEP) * KEEP;
      while (from > 0 && !this.states.has(from)) from -= KEEP;
      const s =
        from > 0
          ? structuredClone(this.states.get(from))
          : { t: 0, turn: 0, phase: "", timers: [], calls: [], socks: [], dfs: [], tasks: [], jobs: [], locks: [], wires: [], out: [] };
      for (let i = from; i < n; i++) {
        this.fold(s, this.events[i]);
        if ((i + 1) % KEEP === 0 && !this.states.has(i + 1)) this.states.set(i + 1, structuredClone(s));
      }
      return s;
    }
    // What `e` makes of the state `s`.
    fold(s, e) {
      const a = e.a ?? {},
        { o, h } = e,
        store = STORES[o?.[0]] ?? "socks",
        found = s[store].find((x) => x.o === o),
        x = found ?? {}; // what is not there is told in vain
      const gone = () => (s[store] = s[store].filter((y) => y.o !== o));
      const put = (more) => s[store].push({ o, h, ...more });
      const w = s.wires.find((y) => y.a === o || y.b === o) ?? {};
      s.t = e.t;
      s.turn = e.w;
      switch (e.k) {
        case "turn.start":
          s.phase = "";
          for (const y of s.socks) y.what = "";
          break;
        case "turn.phase":
          s.phase = a.phase;
          break;
        case "timer.set":
          gone();
          put({ set: e.t, due: e.t + a.delay, n: e.n });
          s.timers.sort((y, z) => y.due - z.due || y.n - z.n);
          break;
        case "timer.fire":
        case "timer.cancel":
        case "call.run":
        case "io.forget":
        case "task.drop":
        case "job.end":
          gone();
          break;
        case "call.queue":
          put({ name: a.name });
          break;
        case "io.watch":
          gone();
          put({ what: "" });
          break;
        case "io.ready":
          x.what = a.what ?? a.signal;
          break;
        case "conn.open":
          if (a.to) {
            const b = this.peer.get(o);
            s.wires.push({ o, a: o, b, ha: h, to: a.to, hb: this.born.get(b)?.h, is: "asked", t: e.t, ab: [], ba: [], got: 0 });
          }
          break;
        case "conn.made":
          w.is = "open";
          w.t = e.t;
          break;
        case "conn.lost":
          gone();
          w.is = a.error || a.reset ? "broken" : w.is === "open" ? "half" : "closed";
          w.why = a.why;
          w.end = w.a === o ? "a" : "b";
          w.t = e.t;
          if (w.is !== "half") w.ab = w.ba = [];
          break;
        case "data.out":
          w[w.a === o ? "ab" : "ba"]?.push({ n: e.n, bytes: a.bytes, t: e.t });
          break;
        case "data.in": {
          let left = a.bytes;
          const q = w[w.a === o ? "ba" : "ab"] ?? [];
          if (this.ours(h)) w.got += left;
          while (left > 0 && q.length) {
            const take = Math.min(left, q[0].bytes);
            left -= take;
            if (!(q[0].bytes -= take)) q.shift();
          }
          break;
        }
        case "df.new":
          put({ stages: [], ran: [], at: -1, rail: "", path: [] });
          break;
        case "df.add":
          x.stages?.push(a.stage);
          break;
        case "df.fire":
          x.rail = a.rail;
          x.value = a.value;
          break;
        case "df.chain":
          x.waits = a.on;
          break;
        case "df.pause":
          x.paused = true;
          break;
        case "df.resume":
          x.paused = false;
          break;
        case "df.cancel":
          x.cancelled = true;
          break;
        case "df.drop":
          if (a.unhandled) x.lost = a.unhandled;
          else gone();
          break;
        case "cb.start":
          if (!found) break;
          x.rail = a.rail;
          x.waits = null;
          for (let i = x.path.length; i <= a.i; i++) x.path[i] = a.rail;
          x.at = a.i;
          x.ran[a.i] = "now";
          x.left = false;
          break;
        case "cb.end":
          if (!found) break;
          x.ran[x.at] = "done";
          x.left = true;
          if (a.rail) x.rail = a.rail;
          if (a.value !== undefined || a.rail) x.value = a.value;
          break;
        case "task.spawn":
          put({ woken: true });
          break;
        case "task.wait":
          x.at = e.s;
          break;
        case "task.wake":
          x.woken = true;
          break;
        case "task.poll":
          x.woken = false;
          x.at = undefined;
          break;
        case "lock.join":
        case "lock.enter":
        case "lock.leave": {
          if (!found) put({ size: a.size, inside: [], line: [] });
          const m = found ?? s.locks.at(-1);
          for (const list of [m.inside, m.line]) if (list.includes(a.who)) list.splice(list.indexOf(a.who), 1);
          if (e.k !== "lock.leave") m[e.k === "lock.join" ? "line" : "inside"].push(a.who);
          break;
        }
        case "job.queue":
          put();
          break;
        case "out":
          s.out.push(a.text);
      }
    }
    // What runs at `e`: who the loop called, whom that called, and so on.
    stack(e) {
      const all = [];
      for (let x = e; x; x = this.at(x.p ?? 0)) if (OPENS.has(x.k)) all.unshift(x);
      return all;
    }
    site(e) {
      return e?.s === undefined ? null : this.header.sites[e.s];
    }
    mine(site) {
      return !!site && site[0].includes("/examples/");
    }
    // The place of an event: of a poll, where the task stood; of a lock, where it was asked for; its own; of what is called, where that was handed over.
    own(e) {
      const add = (x) => this.added.get(`${x.o}.${x.a.i}`),
        given = {
          "cb.start": () => add(e),
          "cb.end": () => add(this.at(e.p)),
          "timer.fire": () => this.at(e.c?.[0] ?? 0),
          "call.run": () => this.at(e.c?.[0] ?? 0),
        }[e.k];
      return this.header.sites[this.stood.get(e)] ?? this.site(e) ?? this.site(given?.());
    }
    // The line this event is about. `how`: it runs now, or it asked for what happens now.
    line(e) {
      const at = this.own(e),
        seen = new Set();
      if (this.mine(at)) return { line: at[1], how: "runs" };
      for (let x = e, up = 0; x && up < 6 && !seen.has(x.n); up++) {
        seen.add(x.n);
        const site = this.own(x);
        if (this.mine(site)) return { line: site[1], how: "asked" };
        const to = x.c ? this.at(x.c[0]) : this.at(x.p ?? 0);
        if (to?.h !== undefined && e.h !== undefined && to.h !== e.h) break; // another host's doing
        x = to;
      }
      for (let x = e; x; x = this.at(x.p ?? 0)) {
        const site = x.h === e.h && this.site(this.born.get(x.o));
        if (this.mine(site)) return { line: site[1], how: "asked" };
      }
      return null;
    }
    code(line) {
      return (this.source[line - 1] ?? "").trim();
    }
    // The chain of causes, nearest first: what this answers, or what whoever called it answers.
    why(e, hide) {
      const all = [],
        seen = new Set([e.n]);
      for (let x = e.k === "turn.phase" && !hide && this.after(e).c ? this.after(e) : e; x;) {
        // a phase answers what its first call answers
        const next = this.at(x.c ? x.c[0] : (x.p ?? 0));
        if (!next || seen.has(next.n)) break;
        seen.add(next.n);
        if (!QUIET.has(next.k)) all.push(next);
        x = next;
      }
      return all;
    }
  }
  root.Run = Run;
})((globalThis.untwisted ??= {}));
