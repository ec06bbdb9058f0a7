// A recorded run as something one can stand in: parse, state after an event, lines, causes. No DOM, so node can test it.
(function (root) {
  "use strict";
  const QUIET = new Set(["run.start", "run.end", "turn.start", "turn.end", "turn.woke"]);
  const OPENS = new Set(["timer.fire", "call.run", "io.ready", "task.poll", "cb.start", "job.start"]);
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
      this.names = names; // what stands in the source at a site: of a stage, a timer, a task
      this.steps = rest.filter((e) => !QUIET.has(e.k)); // where the player stops
      this.steps.forEach((e, i) => (e.step = i));
      this.latency = head.knobs?.latency_ns || 1e6;
      this.added = new Map();
      this.stood = new Map(); // a poll, and where the task stood before it
      const stands = {};
      this.born = new Map();
      this.peer = new Map();
      this.count = {};
      for (const e of rest) {
        if (e.o && !this.born.has(e.o)) (this.born.set(e.o, e), (this.count[e.o[0]] = (this.count[e.o[0]] ?? 0) + 1));
        if (e.k === "df.add") this.added.set(`${e.o}.${e.a.i}`, e);
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
    // Whether the loop waits here, and why that ended: `turn.woke`, or nothing where there was work.
    woke(e) {
      return e.k === "turn.phase" && e.a.phase === "wait" && this.after(e).k === "turn.woke" ? this.after(e) : null;
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
    fold(s, e) {
      const a = e.a ?? {},
        { o, h } = e,
        is = (x) => x.o === o,
        not = (list) => list.filter((x) => x.o !== o);
      const df = e.k[1] === "f" || e.k[1] === "b" ? s.dfs.find(is) : null;
      const wire = (of) => s.wires.find((w) => w.a === of || w.b === of);
      s.t = e.t;
      s.turn = e.w;
      switch (e.k) {
        case "turn.start":
          s.phase = "";
          for (const x of s.socks) x.what = "";
          break;
        case "turn.phase":
          s.phase = a.phase;
          break;
        case "timer.set":
          s.timers = not(s.timers);
          s.timers.push({ o, h, set: e.t, due: e.t + a.delay, n: e.n });
          s.timers.sort((x, y) => x.due - y.due || x.n - y.n);
          break;
        case "timer.fire":
        case "timer.cancel":
          s.timers = not(s.timers);
          break;
        case "call.queue":
          s.calls.push({ o, h, name: a.name });
          break;
        case "call.run":
          s.calls = not(s.calls);
          break;
        case "io.watch":
          s.socks = not(s.socks);
          s.socks.push({ o, h, what: "" });
          break;
        case "io.forget":
          s.socks = not(s.socks);
          break;
        case "io.ready": {
          const x = s.socks.find(is);
          if (x) x.what = a.what ?? a.signal;
          break;
        }
        case "conn.open":
          if (a.to)
            s.wires.push({
              o,
              a: o,
              b: this.peer.get(o),
              ha: h,
              to: a.to,
              hb: this.born.get(this.peer.get(o))?.h,
              is: "asked",
              t: e.t,
              ab: [],
              ba: [],
              got: 0,
            });
          break;
        case "conn.made": {
          const w = wire(o);
          if (w) ((w.is = "open"), (w.t = e.t));
          break;
        }
        case "conn.lost": {
          const w = wire(o);
          s.socks = not(s.socks);
          if (w) {
            w.is = a.error || a.reset ? "broken" : w.is === "open" ? "half" : "closed";
            w.why = a.why;
            w.end = w.a === o ? "a" : "b";
            w.t = e.t;
            if (w.is !== "half") w.ab = w.ba = [];
          }
          break;
        }
        case "data.out": {
          const w = wire(o);
          w?.[w.a === o ? "ab" : "ba"].push({ n: e.n, bytes: a.bytes, t: e.t });
          break;
        }
        case "data.in": {
          const w = wire(o);
          if (!w) break;
          let left = a.bytes;
          const q = w[w.a === o ? "ba" : "ab"];
          if (this.ours(h)) w.got += left;
          while (left > 0 && q.length) {
            const take = Math.min(left, q[0].bytes);
            left -= take;
            if (!(q[0].bytes -= take)) q.shift();
          }
          break;
        }
        case "df.new":
          s.dfs.push({ o, h, stages: [], ran: [], at: -1, rail: "", path: [] });
          break;
        case "df.add":
          df?.stages.push(a.stage);
          break;
        case "df.fire":
          if (df) ((df.rail = a.rail), (df.value = a.value));
          break;
        case "df.chain":
          if (df) df.waits = a.on;
          break;
        case "df.pause":
          if (df) df.paused = true;
          break;
        case "df.resume":
          if (df) df.paused = false;
          break;
        case "df.cancel":
          if (df) df.cancelled = true;
          break;
        case "df.drop":
          if (a.unhandled && df) df.lost = a.unhandled;
          else s.dfs = not(s.dfs);
          break;
        case "cb.start":
          if (df) {
            df.rail = a.rail;
            df.waits = null;
            for (let i = df.path.length; i <= a.i; i++) df.path[i] = a.rail;
            df.at = a.i;
            df.ran[a.i] = "now";
          }
          break;
        case "cb.end":
          if (df) {
            df.ran[df.at] = "done";
            df.left = true;
            if (a.rail) df.rail = a.rail;
            if (a.value !== undefined || a.rail) df.value = a.value;
          }
          break;
        case "task.spawn":
          s.tasks.push({ o, h, woken: true });
          break;
        case "task.wait": {
          const k = s.tasks.find(is);
          if (k) k.at = e.s;
          break;
        }
        case "task.wake": {
          const k = s.tasks.find(is);
          if (k) k.woken = true;
          break;
        }
        case "task.poll": {
          const k = s.tasks.find(is);
          if (k) ((k.woken = false), (k.at = undefined));
          break;
        }
        case "task.drop":
          s.tasks = not(s.tasks);
          break;
        case "lock.join":
        case "lock.enter":
        case "lock.leave": {
          let m = s.locks.find(is);
          if (!m) s.locks.push((m = { o, size: a.size, inside: [], line: [] }));
          for (const list of [m.inside, m.line]) if (list.includes(a.who)) list.splice(list.indexOf(a.who), 1);
          if (e.k !== "lock.leave") m[e.k === "lock.join" ? "line" : "inside"].push(a.who);
          break;
        }
        case "job.queue":
          s.jobs.push({ o, h });
          break;
        case "job.end":
          s.jobs = not(s.jobs);
          break;
        case "out":
          s.out.push(a.text);
          break;
      }
      if (e.k === "cb.start" && df) df.left = false;
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
    // The place of an event: its own; of what is called, where that was handed over; of a task, where it stood.
    own(e) {
      const add = (x) => this.added.get(`${x.o}.${x.a.i}`),
        given = {
          "cb.start": () => add(e),
          "cb.end": () => add(this.at(e.p)),
          "timer.fire": () => this.at(e.c?.[0] ?? 0),
          "call.run": () => this.at(e.c?.[0] ?? 0),
        }[e.k];
      return this.site(e) ?? this.site(given?.()) ?? this.header.sites[this.stood.get(e)];
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
