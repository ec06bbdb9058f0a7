// A run in plain English: sentences, names, questions. No DOM.
(function (root) {
  "use strict";
  const ms = (ns) => {
    const v = ns / 1e6;
    return v > 9e11 ? "never" : v >= 1000 ? `${+(v / 1000).toFixed(3)} s` : `${+v.toFixed(3)} ms`;
  };
  const KIND = { t: "timer", s: "call", c: "socket", l: "listener", d: "Deferred", k: "task", j: "job", w: "source" };
  const name = (o) => (o ? `${KIND[o[0]] ?? o[0]} ${o.slice(1)}` : "it");
  const rail = (r) => (r === "ok" ? "result" : "failure");
  const value = (v, most = 46) => {
    let x = v;
    try {
      x = JSON.parse(v);
    } catch {
      x = String(v).replace(/^"|"$/g, "").replaceAll("\\n", "\n");
    }
    x = String(x).replace(/\s*\n\s*/g, " ⏎ ");
    return x.length > most ? `${x.slice(0, most - 1).trimEnd()}…` : x;
  };
  const P = root.Run.prototype;

  P.who = function (e) {
    return this.ours(e.h) ? "our code" : this.hosts[e.h];
  };
  P.stage = function (o, i, most = 34) {
    const add = this.added.get(`${o}.${i}`),
      site = this.site(add);
    if (!this.mine(site)) return site?.[3] ? `${site[3]}()` : `stage ${i + 1}`;
    const text = this.code(site[1]).slice(Math.max(0, site[2] - 1 - this.source[site[1] - 1].search(/\S/)));
    if (/^\.?await/.test(text)) return "the task that awaits it";
    const arg = (text.match(/^\.?(?:add_\w+|on_\w+|map|then|and_then)\((.*)$/)?.[1] ?? text.replace(/^\./, ""))
      .replace(/[;{]+\s*$/, "")
      .replace(/^move /, "")
      .trim();
    let deep = 0,
      cut = 0; // up to the bracket that closes the call
    while (cut < arg.length && (deep += arg[cut] === "(" ? 1 : arg[cut] === ")" ? -1 : 0) >= 0) cut++;
    const short = arg.slice(0, cut).trim();
    const full = /\|$/.test(short) ? `${short} ${this.code(site[1] + 1).replace(/[;{]+$/, "")}` : short;
    return full.length > most ? `${full.slice(0, most - 1).trimEnd()}…` : full.trim() || `stage ${i + 1}`;
  };
  P.say = function (e, hide) {
    const a = e.a ?? {},
      who = this.who(e),
      o = name(e.o);
    switch (e.k) {
      case "out":
        return `${this.ours(e.h) ? "The program" : who} prints “${value(a.text, 70)}”`;
      case "note":
        return a.text;
      case "turn.phase": {
        if (a.phase !== "wait")
          return (
            {
              calls: "The loop runs the calls that were queued",
              timers: "The loop runs the timers that are due",
              ready: "The loop calls whoever has a ready socket",
              tasks: "The loop polls the tasks that were woken",
            }[a.phase] ?? a.phase
          );
        const dt = this.after(e).t - e.t;
        return hide
          ? "The loop waits: for a socket, or for the next timer"
          : dt > 0
            ? `Nothing to do: the loop waits ${ms(dt)}`
            : "The loop looks whether a socket is ready, without waiting";
      }
      case "timer.set":
        return a.delay > 9e17 ? `${who} puts ${o} off until told` : `${who} asks to be called in ${ms(a.delay)} (${o})`;
      case "timer.fire":
        return `${o} is due: the loop calls ${who}`;
      case "timer.cancel":
        return `${o} is cancelled; nobody will be called`;
      case "call.queue":
        return `${a.name ? `“${a.name}”` : "a call"} joins the queue (${o})`;
      case "call.run":
        return `the loop takes ${o} from the queue and runs it`;
      case "io.watch":
        return `the loop will watch ${o} for ${who}`;
      case "io.ready":
        return `${o} is ready to ${String(a.what ?? a.signal)
          .replace("+closed", ", and its end")
          .replaceAll("+", " and ")}: the loop calls ${who}`;
      case "conn.open":
        return a.to ? `${who} asks for a connection to ${a.to} (${o})` : `${who} listens at ${a.at} (${o})`;
      case "conn.made":
        return `${who} accepts the connection (${o})`;
      case "conn.lost":
        return a.why === "closed by us" && !e.c
          ? `${who} closes ${o}`
          : a.why === "closed by us"
            ? `${who} closes its end, too (${o})`
            : `${o} of ${who} is gone: ${a.why}`;
      case "data.in":
        return a.bytes ? `${who} reads ${a.bytes} bytes` : `${who} reads, and finds the end of the stream`;
      case "data.out":
        return `${who} sends ${a.bytes} bytes${a.text ? `: “${value(a.text, 30)}”` : ""}`;
      case "df.new":
        return `${o} is made; it holds nothing yet`;
      case "df.add":
        return `${o} gets ${{ callback: "a callback", errback: "an errback", both: "a stage for both rails", callbacks: "a stage for either rail" }[a.stage] ?? a.stage}: ${this.stage(e.o, a.i)}`;
      case "df.fire":
        return `${o} fires with a ${rail(a.rail)}${a.value ? `: ${value(a.value)}` : ""}`;
      case "df.chain":
        return `${o} stops and waits for ${name(a.on)}`;
      case "df.pause":
        return `${o} is paused`;
      case "df.resume":
        return `${o} goes on`;
      case "df.cancel":
        return `${o} is cancelled`;
      case "df.drop":
        return `${o} is gone${a.unhandled ? `, and nobody handled its failure: ${a.unhandled}` : "; nothing is left to do"}`;
      case "cb.start":
        return `${o} carries a ${rail(a.rail)}: ${this.stage(e.o, a.i)} runs`;
      case "cb.end": {
        const s = this.at(e.p),
          from = s?.a?.rail;
        return `The stage ${s ? this.stage(e.o, s.a.i) : ""} ${a.panic ? "panics" : !a.rail ? "returns a Deferred, so the value is not there yet" : from && from !== a.rail ? `switches to the ${rail(a.rail)} rail` : `ends; ${o} stays on the ${rail(a.rail)} rail`}${a.value ? `, with ${value(a.value)}` : ""}`;
      }
      case "task.spawn":
        return `${o} is made, and will be polled`;
      case "task.poll":
        return `the loop polls ${o}: it runs up to its next await`;
      case "task.wake":
        return `${o} is woken: it will be polled soon`;
      case "task.drop":
        return `${o} is ${{ done: "done", cancelled: "cancelled", panicked: "gone: it panicked" }[a.why] ?? "gone"}`;
      case "job.queue":
        return `${o} is handed to another thread`;
      case "job.start":
        return `${o} ran in another thread; its result is back`;
      case "job.end":
        return `${o} is done`;
      default:
        return `${e.k} ${o}`;
    }
  };
  // What to ask before `e` is shown, from what stood there before it. The wrong answers were possible ones.
  P.question = function (e) {
    const s = this.state(e.n - 1);
    const pick = (ask, right, others, because) => {
      const wrong = [...new Set(others)].filter((x) => x && x !== right).slice(0, 3);
      return wrong.length
        ? { ask, answers: [right, ...wrong].sort((x, y) => hash(x + e.n) - hash(y + e.n)), right, because }
        : null;
    };
    const due = (t) => `${name(t.o)}, due at ${ms(t.due)}`;
    switch (e.k) {
      case "timer.fire": {
        const t = s.timers.find((x) => x.o === e.o);
        return (
          t &&
          pick(
            "Which timer comes next?",
            due(t),
            s.timers.map(due),
            `Its deadline, ${ms(t.due)}, is the earliest; equal ones keep their order.`,
          )
        );
      }
      case "call.run":
        return pick(
          "What runs next?",
          name(e.o),
          [...s.calls.map((c) => name(c.o)), ...s.timers.map(due)],
          "Queued calls run first in a turn, in the order in which they were queued.",
        );
      case "task.poll":
        return pick(
          "Which task is polled next?",
          name(e.o),
          s.tasks.map((k) => name(k.o)),
          "Tasks are polled in the order in which they were woken.",
        );
      case "cb.start": {
        const d = s.dfs.find((x) => x.o === e.o);
        return (
          d &&
          pick(
            `Which stage of ${name(e.o)} runs next?`,
            this.stage(e.o, e.a.i),
            d.stages
              .map((_, i) => i)
              .filter((i) => i > d.at)
              .map((i) => this.stage(e.o, i)),
            `The value is on the ${rail(e.a.rail)} rail; the stages of the other rail are passed by.`,
          )
        );
      }
      case "cb.end": {
        const d = s.dfs.find((x) => x.o === e.o),
          both = ["It goes on as a result", "It goes on as a failure", "It waits for another Deferred"];
        return (
          d &&
          e.a &&
          pick(
            "This stage ends. What then?",
            both[e.a.rail === "ok" ? 0 : e.a.rail ? 1 : 2],
            both,
            e.a.rail ? `It returned ${e.a.rail === "ok" ? "Ok" : "Err"}.` : "It returned a Deferred.",
          )
        );
      }
      default:
        return null;
    }
  };
  const hash = (text) => {
    let h = 2166136261;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
    return h >>> 0;
  };
  Object.assign(root, { ms, nameOf: name, valueOf: value });
})((globalThis.untwisted ??= {}));
