// "Why?": the causes of an event as a list, nearest first, each a way to its step. Loaded with its button.
(function (root) {
  "use strict";
  const { el, ms, big, turnOf } = root;
  const MOST = 7;
  // Marks the lines of these events, and no others.
  root.hint = function (run, { pane, rows }, list) {
    for (const r of pane.querySelectorAll(".hint")) r.classList.remove("hint");
    for (const c of list) rows.get(run.line(c)?.line)?.classList.add("hint");
  };
  // Shows in `panel` why `e` happened. `code` lights the line of the cause that is pointed at; `to` goes to its step.
  root.causes = function (run, e, hide, panel, code, to) {
    const all = run.why(e, hide).slice(0, MOST);
    const item = (c) => {
      const l = run.line(c);
      return el(
        "li",
        {},
        el(
          "button",
          {
            type: "button",
            onclick: () => to(c.step),
            onmouseenter: () => code.light(l),
            onmouseleave: () => code.light(run.line(e)),
          },
          big(run.say(c, hide)),
        ),
        el("small", {}, `${turnOf(c)} · ${ms(c.t)}${l ? ` · line ${l.line}` : ""}`),
      );
    };
    panel.replaceChildren(el("p", {}, "Because"), el("ol", {}, ...all.map(item)));
    panel.ariaLabel = "The causes, nearest first";
    root.hint(run, code, all);
  };
})((globalThis.untwisted ??= {}));
