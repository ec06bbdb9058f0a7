// What of a simulated world can be changed, and how it is written: `sim:3,latency=40ms`. It knows no page.
(function (root) {
  "use strict";
  // A knob: what it is called, its least and greatest position, where it stands when a world does not say, what stands behind the number.
  const sliders = {
    seed: { label: "Seed", least: 1, most: 99, usual: 1, unit: "" },
    latency: { label: "Latency", least: 0, most: 500, usual: 1, unit: "ms" },
    jitter: { label: "Jitter", least: 0, most: 200, usual: 0, unit: "ms" },
    loss: { label: "Loss", least: 0, most: 50, usual: 0, unit: "%" },
    chunk: { label: "Pieces of", least: 0, most: 200, usual: 0, unit: "bytes", none: "as sent" },
    buffer: { label: "Buffer", least: 100, most: 65_536, usual: 65_536, unit: "bytes", step: 100 },
    job: { label: "A job takes", least: 0, most: 500, usual: 10, unit: "ms" },
  };
  // A fault has numbers of its own: label, least, most, usual.
  const faults = {
    refuse: { label: "A connection is refused", numbers: [["Which", 1, 9, 1]] },
    reset: { label: "A connection is reset", numbers: [["Which", 1, 9, 1], ["After so many bytes", 0, 2000, 100]] },
    partition: { label: "The network is parted", numbers: [["From, in ms", 0, 10_000, 5], ["To, in ms", 0, 60_000, 2000]] },
  };
  const names = [...Object.keys(sliders), ...Object.keys(faults)];

  // `sim:3,latency=40ms` as [["seed", "3"], ["latency", "40ms"]].
  function read(world) {
    const [seed, ...knobs] = world.replace(/^sim:/, "").split(",");
    return [["seed", seed.trim()], ...knobs.filter((knob) => knob.includes("=")).map((knob) => knob.split("=").map((part) => part.trim()))];
  }
  const write = (parts) => `sim:${parts.find(([name]) => name === "seed")?.[1] ?? 1}${parts.filter(([name]) => name !== "seed").map(([name, value]) => `,${name}=${value}`).join("")}`;

  // Where a slider stands in a world: a number in the slider's unit.
  function position(world, name) {
    const found = read(world).find(([known]) => known === name)?.[1];
    if (found === undefined) return sliders[name].usual;
    if (name === "loss") return Math.round(parseFloat(found) * 100);
    const times = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000 }[found.replace(/^[\d.]+/, "")] ?? 1;
    return parseFloat(found) * (sliders[name].unit === "ms" ? times : 1);
  }

  // The world with one slider at another place. What is as usual is not written.
  function at(world, name, number) {
    const { unit, usual, none } = sliders[name];
    const value = name === "loss" ? String(number / 100) : `${number}${unit === "ms" ? "ms" : ""}`;
    const rest = read(world).filter(([known]) => known !== name);
    const left = name !== "seed" && (number === usual || (none && number === 0));
    return write(left ? rest : [...rest, [name, value]]);
  }

  // The world with one fault, or with none when `name` is empty; faults of the listing's own world stay with the others.
  function fault(world, own, name, numbers = []) {
    const kept = read(world).filter(([known, value]) => !faults[known] || read(own).some(([a, b]) => a === known && b === value));
    if (!name) return write(kept);
    const value = { refuse: () => numbers[0], reset: () => numbers.join("@"), partition: () => `${numbers[0]}ms-${Math.max(numbers[1], numbers[0] + 1)}ms` }[name]();
    return write([...kept, [name, value]]);
  }

  // Which fault a world has that the listing's own has not: [name, numbers], or nothing.
  function faulty(world, own) {
    const found = read(world).find(([name, value]) => faults[name] && !read(own).some(([a, b]) => a === name && b === value));
    return found && [found[0], found[1].match(/\d+/g).map(Number)];
  }

  // Worlds that differ from one in one knob, for tests.
  function samples(world, name) {
    if (sliders[name]) {
      const { least, most } = sliders[name], now = position(world, name);
      const places = name === "seed" ? [2, 3, 4, 5, 7, 11, 13, 42] : [least, 1, 5, 20, 64, 100, Math.round(most / 2), most];
      return [...new Set(places)].filter((place) => place >= least && place <= most && place !== now).map((place) => at(world, name, place));
    }
    const numbers = { refuse: [[1], [2], [3]], reset: [[1, 0], [1, 30], [1, 100], [2, 100]], partition: [[0, 50], [5, 2000], [100, 5000]] }[name];
    return numbers.map((some) => fault(world, world, name, some));
  }

  // Whether lines with these words in them are printed, in this order.
  function reached(words, text) {
    let next = 0;
    for (const line of text.split("\n")) if (next < words.length && line.includes(words[next])) next += 1;
    return next === words.length;
  }

  root.worlds = { reached, sliders, faults, names, read, write, position, at, fault, faulty, samples };
})((globalThis.untwisted ??= {}));
