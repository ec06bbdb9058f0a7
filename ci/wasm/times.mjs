// How long readers wait for a run: node ci/wasm/times.mjs [runs]. Serves the book with target/debug/book, edits and runs as a page does, and prints medians.
//
// Knobs: from the order to output and trace, in a worker of Node.js, one listing of each chapter. Edit: from the request to the answer, over the wire,
// the second time and later, when the book's crates are compiled. Nothing is compared: times are the machine's. Sizes and counts are, in other parts of ci/test.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import vm from 'node:vm';

const root = join(dirname(new URL(import.meta.url).pathname), '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const times = Number(process.argv[2] ?? 7);
const median = (all) => all.toSorted((a, b) => a - b)[all.length >> 1];
const rows = [];
const row = (what, all, more = '') => rows.push([what, `${median(all) < 10 ? median(all).toFixed(1) : median(all).toFixed(0)} ms`, `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}`, more]);

// Knobs, with the page's own code.
vm.runInThisContext(readFileSync(join(root, 'theme/knobs/wasi.js'), 'utf8'));
const told = join(target, 'knobs/told.json');
if (!existsSync(told)) throw new Error('first: cargo book knobs --check');
for (const [chapter, { program, zipped, listings }] of Object.entries(JSON.parse(readFileSync(told, 'utf8')).chapters)) {
  const bytes = readFileSync(program), compile = [], run = [];
  const one = listings.find((one) => one.change.includes('latency')) ?? listings[0];
  for (let i = 0; i < times; i += 1) {
    let began = performance.now();
    const module = new WebAssembly.Module(bytes);
    compile.push(performance.now() - began);
    began = performance.now();
    globalThis.untwisted.wasi(module, { args: [one.path.split('/')[1], ...one.args], env: { UNTWISTED_WORLD: one.world, UNTWISTED_TRACE: '/trace', UNTWISTED_LISTING: one.path } });
    run.push(performance.now() - began);
  }
  row(`${chapter}: the program is compiled`, compile, `${Math.round(zipped / 1000)} KB zipped`);
  row(`${one.path} runs again`, run, `${listings.length} listings in it`);
}

// Edit and run, as a page asks for it.
const book = spawn(join(target, 'debug/book'), ['serve', '--port', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const address = await new Promise((done, failed) => {
    let text = '';
    book.stdout.on('data', (piece) => {
      text += piece;
      const found = /(http:\/\/[\d.:]+)\/#run=([0-9a-f]{64})/.exec(text);
      if (found) done(found);
    });
    book.on('exit', () => failed(new Error('cargo book does not serve')));
  });
  const [, origin, secret] = address;
  const ask = async (what, order) => {
    const began = performance.now();
    const answer = await fetch(`${origin}/__book/${what}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-untwisted-secret': secret, origin }, body: JSON.stringify(order) });
    if (!answer.ok) throw new Error(`${what}, ${order.path}: ${await answer.text()}`);
    return [await answer.json(), performance.now() - began];
  };
  for (const path of ['reactor/simplest', 'recital/poetry_client', 'deferreds/fetch_many', 'coroutines/using']) {
    const [code] = await ask('source', { path, code: '' });
    const [first] = await ask('run', { path, code });
    if (!first.compiled || first.ended) throw new Error(`${path}: ${JSON.stringify(first.messages)} ${first.ended}`);
    const good = [], bad = [];
    for (let i = 0; i < times; i += 1) {
      good.push((await ask('run', { path, code: `${code}// ${i}\n` }))[1]);
      const [answer, took] = await ask('run', { path, code: `${code}const WRONG: u8 = "${i}";\n` });
      if (answer.compiled || !answer.messages.some((one) => one.text.includes('E0308'))) throw new Error(`${path}: a type error is not told`);
      bad.push(took);
    }
    row(`${path}: edit to output`, good);
    row(`${path}: edit to type error`, bad);
  }
} finally {
  book.kill('SIGINT');
}
const wide = [0, 1, 2, 3].map((at) => Math.max(...rows.map((one) => one[at].length)));
console.log(rows.map((one) => one.map((text, at) => (at === 0 || at === 3 ? text.padEnd(wide[at]) : text.padStart(wide[at]))).join('  ').trimEnd()).join('\n'));
console.log(`medians of ${times}, then least to most`);
