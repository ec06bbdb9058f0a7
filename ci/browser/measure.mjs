// Measures the built book as its readers meet it, and writes the table that ci/MEASURED.md holds: medians with their spread.
//
//   node ci/browser/measure.mjs [SITE]          prints the table; SITE is target/site when left out
//   node ci/browser/measure.mjs [SITE] --write  writes it into ci/MEASURED.md, too
//
// Times are of the machine it runs on, and of all else that it does meanwhile; nothing is decided by them. Bytes are held to their bars by
// the browser test (weigh.mjs, search.mjs).
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './chromium.mjs';
import { isWholeFile } from './examine.mjs';
import { pagesOf, serve } from './site.mjs';
import { BARS, bytes, weight } from './weigh.mjs';

const TIMES = 9; // each page is opened this often, in a browser that has nothing of it
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const args = process.argv.slice(2);
const write = args.includes('--write');
const site = resolve(args.find((arg) => !arg.startsWith('--')) ?? join(root, 'target/site'));

const PAGES = [['the title page', 'index.html'], ['a page with pictures', 'reactor/turn.html'], ['a page with many listings', 'deferreds/rails.html'],
  ['a whole file', 'listings/reactor/simplest.html'], ['the glossary', 'glossary.html'], ['all pages, to print', 'print.html']];
const QUESTIONS = ['reactor', 'deferred', 'timer', 'call_later', 'what is a waker', 'cancel', 'backpressure', 'error', 'spawn', 'the', 'a', 'async await', 'lock', 'tls', 'xyzzy'];

/** `12.3 (11.9 to 14.0)`: the median, and what a quarter of the values lie below and above. */
function spread(values, digits = 0) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(digits);
  return `${at(0.5)} (${at(0.25)} to ${at(0.75)})`;
}

const server = await serve(site);
const chrome = await launch();
const lines = [];
const kinds = { 'title page': [], pages: [], 'whole files': [] };
try {
  // What a page weighs is what it names, so one visit tells; it is the same every time.
  const context = await chrome.browser.newContext({ viewport: { width: 1280, height: 800 } });
  const tab = await context.newPage();
  const visit = async (page) => {
    const asked = new Set();
    const listen = (request) => asked.add(request.url());
    tab.on('request', listen);
    await tab.goto(server.address + page, { waitUntil: 'load' });
    tab.off('request', listen);
    return weight(site, server.address, asked) / 1024;
  };
  const pages = pagesOf(site).filter((page) => page !== 'print.html');
  const files = pages.filter(isWholeFile);
  for (const page of pages.filter((page) => !isWholeFile(page))) kinds[page === 'index.html' ? 'title page' : 'pages'].push([await visit(page), page]);
  for (const page of files.filter((_, at) => at % 8 === 0)) kinds['whole files'].push([await visit(page), page]);
  await context.close();
  lines.push('| a first visit loads, in KiB compressed | median (a quarter to three quarters) | heaviest | bar |', '|---|--:|---|--:|');
  for (const [kind, all] of Object.entries(kinds)) {
    const [most, page] = [...all].sort((a, b) => b[0] - a[0])[0];
    lines.push(`| ${kind}: ${all.length} looked at | ${spread(all.map(([kib]) => kib))} | ${most.toFixed(0)}, \`${page}\` | ${kind === 'title page' ? BARS.title : BARS.page} |`);
  }
  lines.push(`| the index of the search, when somebody searches | ${(bytes(join(site, 'searchindex.js')) / 1024).toFixed(0)} | | ${BARS.index} |`);
  lines.push(`| all pages, to print | ${(bytes(join(site, 'print.html')) / 1024).toFixed(0)} | | |`);
  const runs = readdirSync(join(site, 'runs'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  lines.push(`| a recorded run, when somebody steps: ${runs.length} | ${spread(runs.map((one) => bytes(join(one.parentPath ?? one.path, one.name)) / 1024), 1)} | | 15 |`);

  lines.push('', `| in ms, ${TIMES} times each | text is there | all is loaded |`, '|---|--:|--:|');
  for (const [name, page] of PAGES) {
    const [text, load] = [[], []];
    for (let time = 0; time < TIMES; time += 1) {
      const fresh = await chrome.browser.newContext({ viewport: { width: 1280, height: 800 } });
      const one = await fresh.newPage();
      await one.addInitScript(() => { window.print = () => {}; });
      await one.goto(server.address + page, { waitUntil: 'load' });
      const took = await one.evaluate(() => { const [n] = performance.getEntriesByType('navigation'); return [n.domContentLoadedEventEnd, n.loadEventEnd || performance.now()]; });
      text.push(took[0]);
      load.push(took[1]);
      await fresh.close();
    }
    lines.push(`| ${name} | ${spread(text)} | ${spread(load)} |`);
  }

  const fresh = await chrome.browser.newPage();
  await fresh.goto(`${server.address}index.html`, { waitUntil: 'load' });
  const [loaded, asked] = await fresh.evaluate(async (questions) => {
    const before = performance.now();
    await untwisted.loadSearch();
    const loaded = performance.now() - before;
    const asked = [];
    for (let round = 0; round < 5; round += 1) {
      for (const question of questions) {
        const from = performance.now();
        untwisted.find(question);
        asked.push(performance.now() - from);
      }
    }
    return [loaded, asked];
  }, QUESTIONS);
  lines.push('', '| the search, in ms | |', '|---|--:|', `| its index is loaded, once | ${loaded.toFixed(0)} |`, `| an answer is found: ${QUESTIONS.length} questions, 5 times each | ${spread(asked, 1)}, at most ${Math.max(...asked).toFixed(1)} |`);
} finally {
  await chrome.close();
  server.close();
}
const table = `${lines.join('\n')}\n`;
console.log(table);
if (write) {
  const where = `${cpus().length} processors (${cpus()[0].model.trim()})`;
  writeFileSync(join(root, 'ci/MEASURED.md'), `<!-- What the pages weigh and how long they take; written by node ci/browser/measure.mjs --write. -->\n# Measured\n\nWritten by \`node ci/browser/measure.mjs --write\`, on a machine with ${where}. A value is a median; in brackets, what a quarter of the values lie below and above.\nBytes are held to their bars by \`ci/test browser\`. Times depend on the machine and decide nothing.\n\n${table}`);
}
