// A line of a program and what it caused belong together: whoever points at one sees the other. In a card that has a picture of its
// run, a box of the picture and a step of the list light the line that they name, and a line lights its boxes and steps.
// The steps can be reached by keyboard: their lines are links.
(() => {
  "use strict";
  for (const card of document.querySelectorAll("main figure.listing")) {
    const flow = card.querySelector(".flow");
    // Of a program and its twin the first is the one that was recorded.
    const lines = card.querySelector(".lines");
    if (!flow || !lines) continue;
    const line = new Map([...lines.children].map((one) => [one.textContent, one]));
    const kin = new Map(); // of a line: what names it
    const tell = (one, number) => {
      if (!line.has(number)) return;
      if (!kin.has(number)) kin.set(number, new Set());
      kin.get(number).add(one);
      (one.untwistedLines ??= new Set()).add(number);
    };
    for (const text of flow.querySelectorAll("svg.rails text")) {
      const number = /\bline (\d+)/.exec(text.textContent)?.[1];
      if (!number) continue;
      // The box in which the words stand was drawn before them.
      let box = text.previousElementSibling;
      while (box && box.localName !== "rect") box = box.previousElementSibling;
      for (const one of [box, text]) if (one) tell(one, number);
    }
    for (const step of flow.querySelectorAll(".steps li")) {
      for (const link of step.querySelectorAll('a[href*="#L"]')) tell(step, link.hash.slice(2));
    }
    const light = (ones, on) => { for (const one of ones) one?.classList.toggle("lit", on); };
    const both = (ones, target, on, off) => {
      target.addEventListener(on, () => light(ones, true));
      target.addEventListener(off, () => light(ones, false));
    };
    for (const [number, ones] of kin) {
      const place = line.get(number);
      place.classList.add("told");
      both([place, ...ones], place, "pointerenter", "pointerleave");
    }
    for (const one of new Set([...kin.values()].flatMap((ones) => [...ones]))) {
      const mine = [one, ...[...one.untwistedLines].map((number) => line.get(number))];
      both(mine, one, "pointerenter", "pointerleave");
      if (one.localName === "li") both(mine, one, "focusin", "focusout");
      // A box is a way to its line; the list has the same as links.
      else one.addEventListener("click", () => line.get([...one.untwistedLines][0]).scrollIntoView({ block: "center" }));
    }
  }
})();
