// Runs one listing of each chapter in another world, in a page as a reader does, from disk and from a server: node browser.mjs target/site [pictures]
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { launch } from '../browser/chromium.mjs';
import { fileAddress, pagesOf, serve } from '../browser/site.mjs';

const [folder, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(new URL('../browser/', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');
const wrong = [];
const check = (good, what) => good || wrong.push(what);
const zipped = (file) => gzipSync(readFileSync(join(folder, file))).length;
// What a page loads for it: scripts and styles, apart from the programs themselves, which the part `wasm` weighs.
check(zipped('knobs.js') <= 7000, `knobs.js is ${zipped('knobs.js')} bytes zipped; the bar is 7000`);
check(zipped('picture.js') <= 5000, `picture.js is ${zipped('picture.js')} bytes zipped; the bar is 5000`);
check(zipped('knobs.css') <= 1500, `knobs.css is ${zipped('knobs.css')} bytes zipped; the bar is 1500`);

// The first page of each chapter that has a listing with a slider and an output.
const chosen = new Map();
for (const page of pagesOf(folder)) {
  if (page === 'print.html' || page.startsWith('listings/')) continue;
  for (const [, path, knobs] of readFileSync(join(folder, page), 'utf8').matchAll(/data-change="([^"]+)"[^>]*data-knobs="([^"]+)"/g)) {
    const chapter = path.split('/')[0];
    if (!chosen.has(chapter) && /latency|jitter|chunk/.test(knobs)) chosen.set(chapter, { page, path });
  }
}
check(chosen.size >= readdirSync(join(folder, 'wasm')).filter((one) => one !== 'pictures.js').length, `only ${[...chosen.keys()]} have a listing with a slider`);

let pictured = 0;
const { browser, close } = await launch();
const site = await serve(folder);

// Tries the listing of a chapter as a reader does.
async function tried(chapter, file, path, from) {
  const where = `${file}, from ${from}, ${path}`;
  const narrow = from === 'server';
  const context = await browser.newContext({ viewport: narrow ? { width: 390, height: 800 } : { width: 1200, height: 900 }, colorScheme: narrow ? 'dark' : 'light' });
  const page = await context.newPage();
  page.on('pageerror', (error) => wrong.push(`${where}: ${error.message}`));
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(from === 'disk' ? fileAddress(folder, file) : `${site.address}${file}`);
  check(!asked.some((url) => /knobs\.|\/wasm\//.test(url)), `${where}: the panel or a program is loaded before anybody asks for it`);
  const button = page.locator(`button[data-change="${path}"]`).first();
  // A question may cover it.
  await button.evaluate((one) => { for (let up = one.closest('details'); up; up = up.parentElement.closest('details')) up.open = true; });
  await button.focus();
  await page.keyboard.press('Enter');
  const panel = page.locator('.knobs').first();
  await panel.waitFor({ timeout: 20_000 });
  check(await page.evaluate(() => document.querySelector('.knobs').contains(document.activeElement)), `${where}: the focus is not in the panel`);
  const ended = () => page.evaluate(() => new Promise((done) => document.addEventListener('untwisted-run', ({ detail }) => done({ world: detail.world, code: detail.result?.code, out: detail.result?.out, events: detail.result?.trace.split('\n').length }), { once: true })));
  const drawn = () => page.evaluate(() => new Promise((done) => document.addEventListener('untwisted-drawn', ({ detail }) => done(detail.world), { once: true }))).catch(() => null);
  const turned = async (name, value) => {
    const end = ended();
    await panel.locator(`input[name="${name}"]`).evaluate((range, value) => { range.value = value; range.dispatchEvent(new Event('input', { bubbles: true })); }, value);
    return end;
  };
  const output = () => page.evaluate((path) => {
    const card = document.querySelector(`button[data-change="${path}"]`).closest('figure.listing, .prediction');
    return [...card.querySelectorAll('code.output')].map((one) => one.textContent).join('');
  }, path);
  const before = await output();
  const knob = await panel.locator('input[type=range]').evaluateAll((all) => all.map((one) => one.name).find((name) => ['latency', 'jitter', 'chunk'].includes(name)));
  const picture = drawn();
  const run = await turned(knob, knob === 'chunk' ? 5 : 137);
  check(run.world.includes(knob), `${where}: its world is ${run.world}`);
  check(run.events > 2 || run.out !== before, `${where}: nothing ran`);
  if (run.code === 0) check((await output()).includes(run.out.trim()), `${where}: the output does not follow`);
  // The picture and the steps are this run's.
  const flow = page.locator(`button[data-change="${path}"]`).first().locator('xpath=ancestor::*[self::figure or contains(@class,"prediction")][1]').locator('figure.flow').first();
  if ((await flow.count()) && run.events <= 1) {
    check(/broke off/.test(await flow.locator('.drawn').textContent()), `${where}: the picture is still the recorded one`);
  } else if (await flow.count()) {
    check((await Promise.race([picture, new Promise((done) => setTimeout(done, 30_000))])) === run.world, `${where}: no picture of the run in ${run.world}`);
    const seen = await flow.evaluate((flow) => ({
      whole: [...flow.querySelectorAll(':scope > .drawn svg')].length, steps: [...flow.querySelectorAll(':scope > .drawn > .steps li')].length,
      visible: [...flow.children].filter((one) => one.offsetParent).map((one) => one.className || one.localName).join(),
      without: flow.querySelector('.without')?.textContent,
    }));
    check(seen.whole > 0 && seen.steps > 0 && /^figcaption,drawn$/.test(seen.visible) && !seen.without, `${where}: its picture is ${JSON.stringify(seen)}`);
    pictured += 1;
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${where}: the page is ${wide} px too wide`);
  // By keyboard: an arrow key moves the slider and does not turn the page.
  const end = ended();
  await panel.locator(`input[name="${knob}"]`).focus();
  await page.keyboard.press('ArrowRight');
  check((await end).world !== run.world && page.url().endsWith(file), `${where}: the arrow key does not move the slider`);
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run('.knobs', { resultTypes: ['violations'] }).then(({ violations }) => violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`)));
  for (const one of found) wrong.push(`${where}: axe, ${one}`);
  if (pictures) await panel.locator('xpath=..').screenshot({ path: join(pictures, `knobs-${chapter}-${from}.png`) }).catch(() => {});
  // The player follows.
  const step = page.locator(`button[data-run="${path}"]`).first();
  if (await step.count()) {
    await step.click();
    await page.waitForSelector('.run-player .where', { state: 'attached', timeout: 20_000 });
    await page.keyboard.press('End'); // runs begin alike
    const steps = () => page.evaluate(() => [document.querySelector('.run-player .where').textContent, document.querySelector('.run-player .dock').textContent.length].join());
    const old = await steps();
    await turned(knob, knob === 'chunk' ? 2 : 11);
    await page.waitForFunction((old) => [document.querySelector('.run-player .where')?.textContent, document.querySelector('.run-player .dock')?.textContent.length].join() !== old, old, { timeout: 10_000 }).catch(() => wrong.push(`${where}: the player does not follow (${old})`));
  }
  // The settings as a command and as a link: on the clipboard, or, on a page from disk that may not write there, in a window.
  const copied = async (name) => {
    const button = panel.getByRole('button', { name });
    if (from === 'server') {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(site.address).origin });
      const it = await button.elementHandle();
      // What the page does later is done at once.
      await page.evaluate(() => { globalThis.soon = globalThis.setTimeout; globalThis.later = []; globalThis.setTimeout = (call) => later.push(call); });
      for (const due of [1, 2]) {
        await it.click();
        await page.waitForFunction((due) => later.length === due, due);
        check((await it.textContent()) === 'Copied', `${where}: the button ${name} does not say that it has copied`);
      }
      const text = await page.evaluate(() => { for (const call of later) call(); globalThis.setTimeout = soon; return navigator.clipboard.readText(); });
      check((await it.textContent()) === name, `${where}: pressed twice, the button ${name} says ${await it.textContent()} for good`);
      return text;
    }
    await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); });
    const asked = page.waitForEvent('dialog');
    const click = button.click();
    const dialog = await asked;
    const text = dialog.defaultValue();
    await dialog.dismiss();
    await click;
    return text;
  };
  const now = await page.evaluate(() => document.querySelector('.knobs').dataset.world);
  const command = await copied('Copy as a command');
  check(command.startsWith(`UNTWISTED_WORLD=${now} cargo run -p ${chapter} --example ${path.split('/')[1]}`), `${where}: the command is ${command}`);
  const address = new URL(await copied('Copy as a link'));
  check(address.searchParams.get('world') === now && address.searchParams.get('run') === path && address.pathname.endsWith(file), `${where}: the link is ${address}`);
  await panel.getByRole('button', { name: 'As recorded' }).click();
  await page.waitForFunction(() => /^As recorded/.test(document.querySelector('.knobs .said').textContent));
  check((await output()) === before, `${where}: it is not put back as recorded`);
  check(!(await page.locator('.drawn').count()), `${where}: the picture is not put back as recorded`);
  // A link leads to the same world.
  const link = `${page.url().split('#')[0]}?run=${encodeURIComponent(path)}&world=${encodeURIComponent(run.world)}`;
  await page.goto(link);
  await page.waitForSelector('.knobs', { state: 'attached', timeout: 20_000 });
  await page.waitForFunction(() => document.querySelector('.knobs').dataset.world !== undefined && /printed|error/.test(document.querySelector('.knobs .said').textContent), null, { timeout: 20_000 }).catch(() => wrong.push(`${where}: the link ${link} runs nothing`));
  await context.close();
}

// What is to be brought about, and the race of measured times.
async function goalAndRace() {
  const page = await browser.newPage({ viewport: { width: 390, height: 800 }, reducedMotion: 'reduce' });
  page.on('pageerror', (error) => wrong.push(`goal and race: ${error.message}`));
  const start = `${fileAddress(folder, 'reactor/poetry.html')}?run=recital%2Fpoetry_client`;
  await page.goto(`${start}&world=sim:1,jitter=1ms`);
  await page.waitForFunction(() => /printed/.test(document.querySelector('.knobs .said')?.textContent), null, { timeout: 20_000 });
  check(await page.locator('.knobs .goal').count() === 1 && !(await page.locator('.goal.reached').count()), 'a goal is reached too early');
  await page.goto(`${start}&world=sim:1,jitter=20ms`);
  await page.waitForSelector('.knobs .goal.reached', { timeout: 20_000 }).catch(() => wrong.push('the goal of recital/poetry_client is not reached'));
  await page.goto(fileAddress(folder, 'models/measured.html'));
  const race = page.locator('button[data-race]');
  await race.focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.race');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /readiness: [\d.]+ s/.test(document.querySelector('.race .said').textContent), null, { timeout: 20_000 }).catch(() => wrong.push('the race does not end'));
  const widths = await page.locator('.race .lane i').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  check(widths.length === 3 && Math.max(...widths) === widths[0] && widths[2] > 0, `the bars are ${widths} wide`);
  check(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), 'the race is too wide');
  if (pictures) await page.locator('.race').screenshot({ path: join(pictures, 'race.png') });
  await page.close();
}

// A browser without WebAssembly is given the command.
async function withoutWebAssembly() {
  const page = await browser.newPage();
  page.on('pageerror', (error) => wrong.push(`without WebAssembly: ${error.message}`));
  await page.addInitScript(() => { delete globalThis.WebAssembly; });
  await page.goto(`${fileAddress(folder, 'reactor/poetry.html')}?run=recital%2Fpoetry_client&world=sim:1,jitter=20ms`);
  const told = await page.waitForFunction(() => /no WebAssembly.*UNTWISTED_WORLD=sim:1,jitter=20ms cargo run/.test(document.querySelector('.knobs .said')?.textContent), null, { timeout: 20_000 }).catch(() => null);
  check(told, 'a browser without WebAssembly is not told the command');
  await page.close();
}

// A program that never ends is stopped, and costs no more.
async function endless() {
  const page = await browser.newPage();
  const { page: file } = chosen.values().next().value;
  await page.goto(fileAddress(folder, file));
  const stopped = await page.evaluate(async () => {
    await Promise.all([untwisted.load.sheet('knobs.css'), untwisted.load.script('knobs.js')]);
    // (module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 19, 2, 6, 109, 101, 109, 111, 114, 121, 2, 0, 6, 95, 115, 116, 97, 114, 116, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]);
    const runner = untwisted.runner(await WebAssembly.compile(bytes));
    return [await runner.run({}), await runner.run({})];
  });
  check(stopped.every((one) => one === undefined || one === null), `an endless loop gives ${JSON.stringify(stopped)}`);
}

try {
  // Side by side, for a page waits more than it works. There is one clipboard, which only pages from the server use.
  const all = async (from) => { for (const [chapter, { page: file, path }] of chosen) await tried(chapter, file, path, from); };
  await Promise.all([all('server'), all('disk').then(goalAndRace).then(withoutWebAssembly).then(endless)]);
} finally {
  await site.close?.();
  await close();
}
for (const one of wrong) console.error(one);
console.log(`${chosen.size} chapters, from disk and from a server: ${[...chosen.values()].map((one) => one.path).join(', ')}; ${pictured} pictures followed; ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
