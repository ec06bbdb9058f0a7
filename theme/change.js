// The button "Change the world": loads the panel when it is pressed, or when the page's address names a listing and a world.
(() => {
  "use strict";
  const root = (globalThis.untwisted ??= {});
  let parts; // of the panel: loaded once

  async function open(button, start) {
    const said = button.parentElement.querySelector("[role=status]");
    try {
      await (parts ??= Promise.all([root.load.sheet("knobs.css"), root.load.script("knobs.js")]));
    } catch {
      parts = undefined;
      said.textContent = "It could not be loaded. Are you online? A site made by stock mdbook has no knobs: build it with cargo book build.";
      return;
    }
    said.textContent = "";
    const { change, world, knobs, args, command, goal } = button.dataset;
    const card = button.closest("figure.listing, .prediction") ?? button.closest("figure") ?? document.body;
    const opened = root.knobs({ card, path: change, world, change: knobs.split(" "), args: JSON.parse(args ?? "[]"), goal: goal && JSON.parse(goal), command, start });
    button.parentElement.after(opened.panel);
    button.setAttribute("aria-expanded", "true");
    button.textContent = "Put the world back";
    button.close = () => {
      opened.close();
      button.close = undefined;
      button.setAttribute("aria-expanded", "false");
      button.textContent = "Change the world";
    };
    if (!start) opened.panel.querySelector("input, select").focus({ preventScroll: true });
  }

  // Measured times as bars: the table is the listing's output on the same page.
  for (const button of document.querySelectorAll("button[data-race]")) {
    button.addEventListener("click", async () => {
      try {
        await Promise.all([root.load.sheet("knobs.css"), root.load.script("race.js")]);
      } catch {
        button.nextElementSibling.textContent = "It could not be loaded. Are you online? A site made by stock mdbook has no race: build it with cargo book build.";
        return;
      }
      const figure = root.race(document.querySelector(`[data-listing="${button.dataset.race}"] code.output`).textContent, button.dataset.models.split(", "));
      button.parentElement.replaceWith(figure);
      figure.querySelector("button").focus();
    });
  }

  const buttons = [...document.querySelectorAll("button[data-change]")];
  for (const button of buttons) button.addEventListener("click", () => (button.close ? button.close() : open(button)));
  const wish = new URLSearchParams(location.search), world = wish.get("world");
  const asked = buttons.find((button) => button.dataset.change === wish.get("run"));
  // What an address says goes to the program as its environment and to the page as text, nowhere else.
  if (asked && /^sim:[\w.,=@-]{1,200}$/.test(world ?? "")) open(asked, world);
})();
