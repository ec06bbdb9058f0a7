// A run in plain English: sentences and names. No DOM.
(function (root) {
  "use strict";
  const ms = (ns) => {
    const v = ns / 1e6;
    return v > 9e11 ? "never" : v >= 1000 ? `${+(v / 1000).toFixed(3)} s` : `${+v.toFixed(3)} ms`;
  };
  const KIND = { t: "timer", s: "call", c: "socket", l: "listener", p: "port", d: "Deferred", k: "task", j: "job", w: "source", m: "lock" };
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
  const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
  P.stage = function (o, i, most = 34) {
    return cut(this.names[this.added.get(`${o}.${i}`)?.s] ?? `stage ${i + 1}`, most);
  };
  // In a sentence, whose line is named.
  P.ran = function (o, i) {
    const code = this.stage(o, i);
    return code[0] === "|" ? "the closure" : code;
  };
  // What stands in the source for a timer, a task, a Deferred, a lock: “late”, or nothing.
  P.called = function (o) {
    const e = this.born.get(o);
    return e?.a?.name ?? this.names[o?.[0] === "m" ? o : e?.s] ?? "";
  };
  P.full = function (o) {
    const called = this.called(o);
    return name(o) + (called && ` “${cut(called, 24)}”`);
  };
  // Where a step stands: “line 12”.
  P.place = function (s) {
    const site = this.header.sites[s];
    return this.mine(site) ? `line ${site[1]}` : site?.[3] ? `${site[3]}()` : "";
  };
  // “ of server”, where the other end is known and is on another host.
  P.far = function (o, word = "to") {
    const h = this.born.get(this.peer.get(o))?.h;
    return h === undefined || h === this.born.get(o).h ? "" : ` ${word} ${this.ours(h) ? "our code" : this.hosts[h]}`;
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
              ready: "The loop calls sources that are ready",
              tasks: "The loop polls the tasks that were woken",
            }[a.phase] ?? a.phase
          );
        const w = this.woke(e);
        if (!w) return "There is work, so the loop only looks whether a socket is ready";
        if (hide) return "The loop waits: for a socket, or for the next timer";
        const { by, on } = w.a,
          until = {
            timer: `until ${this.full(on)} is due`,
            io: `until ${name(on)} ${this.hosts[this.born.get(on)?.h] && !this.ours(this.born.get(on).h) ? `of ${this.hosts[this.born.get(on).h]} ` : ""}is ready`,
            thread: "until another thread calls",
            limit: "as long as it may",
          }[by];
        return w.t > e.t ? `Nothing to do: the loop waits ${ms(w.t - e.t)}, ${until}` : `The loop need not wait: ${until.replace("until ", "")} already`;
      }
      case "timer.set":
        return a.delay > 9e17 ? `${who} puts ${o} off until told` : `${who} asks to be called in ${ms(a.delay)} (${this.full(e.o)})`;
      case "timer.fire":
        return `${this.full(e.o)} is due: the loop calls ${who}`;
      case "timer.cancel":
        return `${this.full(e.o)} is cancelled; nothing will be called`;
      case "call.queue":
        return `${a.name ? `“${a.name}”` : "a call"} joins the queue (${o})`;
      case "call.run":
        return `the loop takes ${o} from the queue and runs it`;
      case "io.watch":
        return `the loop will watch ${o} for ${who}`;
      case "io.forget":
        return `the loop watches ${o} no longer`;
      case "io.ready":
        return `${o} is ready to ${String(a.what ?? a.signal)
          .replace("+closed", ", and its end")
          .replaceAll("+", " and ")}: the loop calls ${who}`;
      case "conn.open":
        return a.to ? `${who} asks for a connection to ${a.to} (${o})` : `${who} listens at ${a.at} (${o})`;
      case "conn.made":
        return a.peer ? `${who} accepts the connection${this.far(e.o)} (${o})` : `${who} is connected${this.far(e.o)} (${o})`;
      case "conn.lost":
        return a.error
          ? `${who} loses ${o}: ${a.why}`
          : a.reset
            ? `${who} throws ${o} away, and what was not sent with it`
            : a.by === "us"
              ? `${who} closes ${o}`
              : `${who} closes its end of ${o}, too: the other side ended it first`;
      case "data.in":
        return a.bytes || a.from ? `${who} reads ${a.bytes} bytes${this.far(e.o, "from")}` : `${who} reads, and finds the end of the stream`;
      case "data.lost":
        return `${who} loses a datagram: ${a.why}`;
      case "data.out":
        return a.end
          ? `${who} says that nothing more comes`
          : `${who} sends ${a.bytes} bytes${this.far(e.o)}${a.text ? `: “${value(a.text, 30)}”` : ""}`;
      case "df.new":
        return `${this.full(e.o)} is made`;
      case "df.add":
        return `${o} gets ${{ callback: "a callback", errback: "an errback", both: "a stage for both rails", callbacks: "a stage for either rail" }[a.stage] ?? a.stage}: ${this.ran(e.o, a.i)}`;
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
        return `${o} is gone${a.unhandled ? `, and its failure is unhandled: ${a.unhandled}` : ""}`;
      case "cb.start":
        return `${o} carries a ${rail(a.rail)}: ${this.ran(e.o, a.i)} runs`;
      case "cb.end": {
        const s = this.at(e.p),
          from = s?.a?.rail;
        return `${s ? this.ran(e.o, s.a.i) : ""} ${a.panic ? "panics" : !a.rail ? "returns a Deferred, to be waited for" : from && from !== a.rail ? `switches to the ${rail(a.rail)} rail` : `ends; ${o} stays on the ${rail(a.rail)} rail`}${a.value ? `, with ${value(a.value)}` : ""}`;
      }
      case "task.spawn":
        return `${this.full(e.o)} is made, and will be polled`;
      case "task.poll":
        return `the loop polls ${this.full(e.o)}: it runs up to its next await`;
      case "task.wait":
        return `${o} awaits${e.s === undefined ? "" : ` at ${this.place(e.s)}`}: the poll is over`;
      case "task.wake":
        return `${o} is woken: it will be polled soon`;
      case "task.drop":
        return `${o} is ${{ done: "done", cancelled: "cancelled", panicked: "gone: it panicked" }[a.why] ?? "gone"}`;
      case "lock.join":
        return `${name(a.who)} stands in line for ${this.full(e.o)}`;
      case "lock.enter":
        return `${a.who ? name(a.who) : who} holds ${this.full(e.o)}${a.who && a.size > 1 ? `, one of ${a.size} who may` : ""}`;
      case "lock.leave":
        return `${a.who ? name(a.who) : who} lets go of ${this.full(e.o)}`;
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
  const big = (text) => text[0].toUpperCase() + text.slice(1);
  const turnOf = (e) => (e.w ? `turn ${e.w}` : "before the loop");
  Object.assign(root, { ms, nameOf: name, valueOf: value, big, turnOf });
})((globalThis.untwisted ??= {}));
