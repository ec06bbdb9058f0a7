// Draws the diagrams of a page, when one comes near the screen and only then; in the page's colours.
(() => {
  "use strict";
  const sources = [...document.querySelectorAll("main pre.mermaid")];
  if (sources.length === 0) return;

  const figures = sources.map((source) => {
    const drawing = document.createElement("div");
    drawing.className = "flow-drawing";
    drawing.dataset.state = "waiting";
    source.after(drawing);
    // Without a picture the steps are what there is to read, so they are open until it is drawn.
    const figure = source.closest("figure") ?? source.parentElement;
    return { text: source.textContent, drawing, steps: figure.querySelector("details.steps") };
  });
  for (const one of figures) if (one.steps) one.steps.open = false;

  let loading = null;
  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${path_to_root}mermaid.min.js`;
      script.onload = () => resolve(window.mermaid);
      script.onerror = () => reject(new Error("mermaid.min.js could not be loaded"));
      document.head.append(script);
    });
    return loading;
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    const [fg, bg, card, line, accent, soft] = ["--fg", "--bg", "--card", "--line", "--accent", "--soft"].map(get);
    return {
      darkMode: get("--color-scheme") === "dark",
      background: bg,
      mainBkg: card,
      primaryColor: card,
      primaryTextColor: fg,
      primaryBorderColor: accent,
      secondaryColor: card,
      tertiaryColor: card,
      lineColor: soft,
      textColor: fg,
      nodeBorder: accent,
      clusterBkg: card,
      clusterBorder: line,
      edgeLabelBackground: bg,
      actorBkg: card,
      actorBorder: accent,
      actorTextColor: fg,
      actorLineColor: line,
      signalColor: fg,
      signalTextColor: fg,
      labelBoxBkgColor: card,
      labelBoxBorderColor: line,
      labelTextColor: fg,
      loopTextColor: fg,
      noteBkgColor: card,
      noteBorderColor: line,
      noteTextColor: fg,
      activationBkgColor: line,
      activationBorderColor: soft,
      sequenceNumberColor: bg,
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: "15px",
    };
  }

  let count = 0;
  async function draw(one) {
    const { drawing } = one;
    drawing.dataset.state = "drawing";
    try {
      const mermaid = await load();
      mermaid.initialize({
        startOnLoad: false,
        securityLevel: "strict",
        theme: "base",
        themeVariables: colours(),
        sequence: { useMaxWidth: false, mirrorActors: false, diagramMarginX: 10 },
        flowchart: { useMaxWidth: false, htmlLabels: false },
      });
      count += 1;
      const { svg } = await mermaid.render(`flow-${count}`, one.text);
      drawing.innerHTML = svg;
      drawing.dataset.state = "drawn";
      if (drawing.scrollWidth > drawing.clientWidth + 1) drawing.tabIndex = 0;
    } catch (error) {
      const note = document.createElement("p");
      note.className = "missing";
      note.textContent = `The picture could not be drawn (${error.message}). Its steps are below.`;
      drawing.replaceChildren(note);
      drawing.dataset.state = "failed";
      if (one.steps) one.steps.open = true;
    }
  }

  // One after the other: mermaid keeps one configuration for all.
  let queue = Promise.resolve();
  const drawSoon = (one) => {
    queue = queue.then(() => draw(one));
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        drawSoon(figures.find((one) => one.drawing === entry.target));
      }
    },
    { rootMargin: "800px" },
  );
  for (const one of figures) near.observe(one.drawing);

  // Another theme, other colours.
  let last = document.documentElement.className;
  new MutationObserver(() => {
    const now = document.documentElement.className;
    if (now === last) return;
    last = now;
    for (const one of figures) if (one.drawing.dataset.state !== "waiting") drawSoon(one);
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });

  document.addEventListener("keydown", (event) => {
    const inside = event.target instanceof Element && event.target.closest(".flow-drawing");
    if (inside && event.key.startsWith("Arrow")) event.stopImmediatePropagation();
  }, true);
})();
