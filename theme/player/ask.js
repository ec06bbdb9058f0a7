// "Ask me first": what a reader is asked before an event is shown, and how the answer is told. Loaded with its button.
(function (root) {
  "use strict";
  const { el, ms, nameOf: name } = root;
  const P = root.Run.prototype;
  const rail = (r) => (r === "ok" ? "result" : "failure");
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
  // Shows a question in `box`. `on` goes on.
  root.quiz = function (q, box, on) {
    const told = el("p", { className: "told", role: "status" });
    const picks = q.answers.map((a) =>
      el(
        "button",
        {
          type: "button",
          onclick: (ev) => {
            for (const b of picks) {
              b.disabled = true;
              if (b.value === q.right) b.dataset.is = "right";
            }
            const ok = a === q.right;
            if (!ok) ev.currentTarget.dataset.is = "wrong";
            told.textContent = `${ok ? "Yes." : `No: ${q.right}.`} ${q.because}`;
            const more = el(
              "button",
              {
                type: "button",
                className: "on",
                onclick: on,
              },
              "Go on",
            );
            told.after(more);
            more.focus();
          },
          value: a,
        },
        a,
      ),
    );
    box.replaceChildren(el("p", {}, q.ask), el("div", { className: "picks" }, ...picks), told);
    box.hidden = false;
    picks[0].focus({ preventScroll: true });
  };
})((globalThis.untwisted ??= {}));
