// The picture of a run that no recording has, and what happens in it, step by step. Loaded when the first such run is shown.
(function (root) {
  "use strict";
  const make = (name, properties = {}, ...children) => {
    const one = Object.assign(document.createElement(name), properties);
    one.append(...children);
    return one;
  };
  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  let mermaid; // loaded once
  const layout = () => (mermaid ??= (globalThis.mermaid ? Promise.resolve() : root.load.script("mermaid.min.js")).then(() => globalThis.mermaid));

  // Panels as a page of the book has them: the first, and the others folded away.
  async function sequence(text, name) {
    let drawn;
    try {
      drawn = await root.sequence(await layout(), text, name);
    } catch (error) {
      mermaid = undefined; // so that it can be tried again
      return `<p class="missing">The picture could not be drawn (${escape(error.message)}). Its steps are below.</p>`;
    }
    const [first, ...rest] = drawn.map((svg) => `<div class="flow-drawing">${svg}</div>`);
    const turns = drawn.slice(1).flatMap((svg) => /data-label="([^"]*)"/.exec(svg)[1].match(/\d+/g) ?? []).map(Number);
    const [least, most] = [Math.min(...turns), Math.max(...turns)];
    const label = !turns.length ? "the end" : least === most ? `turn ${least}` : `turns ${least} to ${most}`;
    return first + (rest.length ? `<details class="panels"><summary>The picture goes on: ${label}</summary>${rest.join("")}</details>` : "");
  }

  // picture(drawn, id): what the drawing program made of a run, as an element. `drawn` is {pictures, steps, without}.
  root.picture = async function ({ pictures, steps, without }, id) {
    const box = make("div", { className: "drawn" });
    let html = "";
    for (const { html: whole, text } of pictures) html += whole ?? (await sequence(text, id));
    box.innerHTML = html;
    box.append(
      ...without.map((why) => make("p", { className: "without", textContent: why })),
      make("details", { className: "steps" }, make("summary", { textContent: "The same, step by step" }), make("ol", {}, ...steps.map((step) => make("li", { textContent: step })))),
    );
    return box;
  };

  // The program that draws, for runs in the page. Of a served book's Edit the server draws.
  let drawer = null;
  root.drawn = async function (path, { file, source, shown }, trace) {
    drawer ??= root.runner(await root.program("pictures"));
    const id = `world-${path.replace(/\W/g, "-")}`;
    const result = await drawer.run({ args: ["pictures", JSON.stringify({ trace, file, source, shown, id })] });
    if (!result || result.code) throw new Error(result?.err ?? "it takes too long");
    return JSON.parse(result.out);
  };
})((globalThis.untwisted ??= {}));
