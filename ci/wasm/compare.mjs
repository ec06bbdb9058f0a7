// Runs every listing that pages can run, as a page does, and compares it with its recording byte for byte: node compare.mjs target/knobs/told.json
//
// It also looks at sizes, at listings that no page runs and could, and at knobs that change nothing.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import vm from "node:vm";
import { Worker } from "node:worker_threads";
import { performance } from "node:perf_hooks";

const here = path.dirname(new URL(import.meta.url).pathname);
const root = path.join(here, "../..");
// The page's own file, not a second one.
vm.runInThisContext(fs.readFileSync(path.join(root, "theme/knobs/world.js"), "utf8"));
const { worlds } = globalThis.untwisted;
const self = `${fs.readFileSync(path.join(root, "theme/knobs/wasi.js"), "utf8")}
  const { parentPort, workerData } = require("node:worker_threads");
  parentPort.on("message", (order) => {
    const began = performance.now();
    const result = globalThis.untwisted.wasi(workerData, order);
    parentPort.postMessage({ ...result, took: performance.now() - began });
  });`;

// Runs a program in a worker, as a page does; nothing when it takes longer than `patience` ms.
class Runner {
  constructor(module) {
    this.module = module;
  }
  run(order, patience) {
    this.worker ??= new Worker(self, { eval: true, workerData: this.module });
    const { worker } = this;
    return new Promise((done, failed) => {
      const end = (result) => {
        clearTimeout(late);
        worker.off("message", end).off("error", failed);
        if (!result) this.stop();
        done(result);
      };
      const late = setTimeout(end, patience);
      worker.on("message", end);
      worker.on("error", failed);
      worker.postMessage(order);
    });
  }
  stop() {
    this.worker?.terminate();
    this.worker = undefined;
  }
}

const { drawer, chapters: told } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const MOST = 350_000; // bytes, zipped
// Chapters whose programs are larger for a reason, and how large they may be.
const LARGER = {
  applications: 400_000, // rustls, for what TLS says of an endpoint
  web: 1_000_000, // hyper and rustls
};

const wrong = [];
let listings = 0, traces = 0, knobs = 0, goals = 0, pictures = 0;
const rest = (text) => text.slice(text.indexOf("\n") + 1);
function first(a, b) {
  const one = a.split("\n"), two = b.split("\n");
  const at = one.findIndex((line, i) => line !== two[i]);
  const i = at < 0 ? one.length : at;
  return `line ${i + 1} is\n    ${two[i] ?? "(missing)"}\n  instead of\n    ${one[i] ?? "(nothing)"}`;
}

// Two traces are the same when all events are, byte for byte, and the header is: apart from the digest that the recorder adds, and
// from the lines of the book's own crates, which it takes out.
function trace(recorded, run) {
  if (rest(recorded) !== rest(run)) return `its trace: ${first(rest(recorded), rest(run))}`;
  const header = (text) => {
    const { src_sha256, sites = [], ...others } = JSON.parse(text.slice(0, text.indexOf("\n")));
    return JSON.stringify([others, sites.map(([file, line, column]) => (file.includes("/examples/") ? [file, line, column] : file))]);
  };
  return header(recorded) === header(run) ? null : `the header of its trace is\n    ${header(run)}\n  instead of\n    ${header(recorded)}`;
}

// What draws runs in a page has to make of each recorded run what the book shows of it.
if (drawer.zipped > MOST) wrong.push(`what draws runs is ${drawer.zipped} bytes zipped; the bar is ${MOST}`);
const pens = new WebAssembly.Module(fs.readFileSync(drawer.program));
const drew = [];
const plain = (text) => text.replace(/^1\. /gm, "").replace(/\\([\\`*_{}[\]<>#|~$&])/g, "$1");
async function drawing(pen, { file, source, shown, figures, steps }, trace) {
  const order = { trace, file, source: fs.readFileSync(source, "utf8"), shown, id: "drawing" };
  const result = await pen.run({ args: ["pictures", JSON.stringify(order)] }, 60_000);
  if (!result || result.code) return [`it cannot be drawn: ${result?.err ?? "that hangs"}`];
  drew.push(result.took);
  const drawn = JSON.parse(result.out);
  const differs = figures.flatMap((file, i) => {
    const recorded = fs.readFileSync(file, "utf8"), now = drawn.pictures[i]?.text ?? "";
    pictures += recorded === now;
    return recorded === now ? [] : [`its picture ${path.basename(file)}: ${first(recorded, now)}`];
  });
  const recorded = figures.length ? plain(fs.readFileSync(steps, "utf8")) : null, now = drawn.steps.map((step) => `${step}\n`).join("");
  if (recorded !== null && recorded !== now) differs.push(`its steps: ${first(recorded, now)}`);
  return differs;
}

// Looks at all listings of a chapter, and says how long they took.
async function looked(chapter, { program, zipped, listings: all }) {
  const most = LARGER[chapter] ?? MOST;
  if (zipped > most) wrong.push(`${chapter}: its program is ${zipped} bytes zipped; the bar is ${most}`);
  const began = performance.now();
  const module = new WebAssembly.Module(fs.readFileSync(program));
  const compiled = performance.now() - began;
  const own = [], runner = new Runner(module), pen = new Runner(pens);
  for (const one of all) {
    const [, name] = one.path.split("/");
    const start = async (world, patience) => {
      const result = await runner.run({ args: [name, ...one.args], env: { UNTWISTED_WORLD: world, UNTWISTED_TRACE: "/trace", UNTWISTED_LISTING: one.path, RUST_BACKTRACE: "0" } }, patience);
      if (result) own.push(result.took);
      return result;
    };
    // A minute guards against a run that hangs; it decides nothing.
    const run = (await start(one.world, 60_000)) ?? { out: "", err: "it hangs", trace: "", code: -1 };
    const differs = [];
    const output = fs.existsSync(one.output) ? rest(fs.readFileSync(one.output, "utf8")) : null;
    if (output !== null && output !== run.out) differs.push(`what it prints: ${first(output, run.out)}`);
    if (run.code !== 0) differs.push(`it ends with ${run.code}: ${run.err.split("\n").slice(0, 4).join("\n    ")}`);
    if (one.trace) {
      const what = trace(fs.readFileSync(one.trace, "utf8"), run.trace);
      if (!what) traces += 1;
      if (what) differs.push(what.replace(/^(.{400}).*/gm, "$1…"));
      else for (const wrong of await drawing(pen, one, run.trace)) differs.push(wrong.replace(/^(.{400}).*/gm, "$1…"));
    }
    if (one.without) {
      if (!differs.length) wrong.push(`${one.path}: a page can run it, so it need not stand in ci/wasm/without.toml any more`);
      continue;
    }
    for (const what of differs) wrong.push(`${one.path}: ${what}`);
    if (differs.length) continue;
    listings += 1;
    if (one.goal) {
      const found = await start(one.goal.answer, 2000);
      const offered = worlds.read(one.goal.answer).map(([name]) => name).filter((name) => !worlds.read(one.world).some(([own]) => own === name));
      if (worlds.reached(one.goal.lines, run.out)) wrong.push(`${one.path}: its goal is reached before anything is changed`);
      else if (!found || !worlds.reached(one.goal.lines, found.out)) wrong.push(`${one.path}: its goal is not reached in ${one.goal.answer}, where it prints\n${found?.out}`);
      else if (offered.some((name) => !one.change.includes(name))) wrong.push(`${one.path}: its goal needs ${offered}, and \`change\` offers ${one.change}`);
      else goals += 1;
    }
    // A knob that is shown has to change something, at some of its positions. A run that a page would stop is none.
    const same = (a, b) => a.out === b.out && a.code === b.code && rest(a.trace) === rest(b.trace);
    // One that offers none must print the same with each of them.
    const none = one.change.length === 0;
    for (const knob of none ? worlds.names : one.change) {
      if (!worlds.names.includes(knob)) {
        wrong.push(`${one.path}: \`change\` names \`${knob}\`; known are ${worlds.names.join(", ")}`);
        continue;
      }
      let changes = 0, outputs = 0, stopped = 0;
      // A seed decides where there is chance, and in a quiet world there is none.
      const base = knob === "seed" ? worlds.at(worlds.at(one.world, "jitter", 20), "loss", 10) : one.world;
      const run = await start(base, 2000);
      for (const world of run ? worlds.samples(base, knob) : []) {
        const other = await start(world, 2000);
        stopped += !other;
        changes += !!other && !same(other, run);
        outputs += !!other && other.out !== run.out;
        if ((none ? outputs : changes) || stopped > 1) break;
      }
      if (none && outputs) wrong.push(`${one.path}: it prints something else with another ${knob}; let readers see that: name the knob in \`change\``);
      else if (!none && !changes) wrong.push(`${one.path}: \`change\` offers ${knob}, and nothing changes with it`);
      else if (!none) knobs += 1;
    }
  }
  runner.stop();
  pen.stop();
  own.sort((a, b) => a - b);
  return `${chapter}: ${Math.round(zipped / 1000)} KB zipped, compiled in ${compiled.toFixed(0)} ms, a run takes ${own[own.length >> 1].toFixed(1)} ms (at most ${own.at(-1).toFixed(0)})`;
}

// As many chapters at once as there are processors: a run that would never end keeps one busy until it is stopped.
const chapters = Object.entries(told), queue = chapters.map((_, at) => at), times = [];
const worker = async () => {
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) times[at] = await looked(...chapters[at]);
};
await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
drew.sort((a, b) => a - b);
times.push(`what draws runs: ${Math.round(drawer.zipped / 1000)} KB zipped, a run takes ${drew[drew.length >> 1].toFixed(1)} ms (at most ${drew.at(-1).toFixed(0)})`);
console.log(times.join("\n"));
console.log(`${listings} listings print what is recorded, ${traces} traces and ${pictures} pictures are the same byte for byte, ${knobs} knobs change something, ${goals} goals can be reached`);
if (wrong.length) {
  console.error(`\n${wrong.sort().join("\n\n")}\n\n${wrong.length} wrong`);
  process.exit(1);
}
