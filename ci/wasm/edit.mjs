// Edits and runs a listing and an exercise as a reader does, in a page that `cargo book` serves: node edit.mjs target/debug/book [pictures]
//
// At 1,200 px in the light and at 390 px in the dark; with the mouse, and with the keyboard alone. A published page must offer none of it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { launch } from '../browser/chromium.mjs';

const [program, pictures] = process.argv.slice(2);
const root = resolve(new URL('../..', import.meta.url).pathname);
const axe = readFileSync(createRequire(new URL('../browser/', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');
const wrong = [];
const check = (good, what) => good || wrong.push(what);
const LONG = { timeout: 240_000 }; // the book's crates may have to be compiled first
const LISTING = ['reactor/poetry.html', 'recital/poetry_client'];
const EXERCISE = ['reactor/calls.html'];

const book = spawn(resolve(program), ['serve', '--port', '0'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
const [, origin, fragment] = await new Promise((done, failed) => {
  let text = '';
  book.stdout.on('data', (piece) => {
    text += piece;
    const found = /(http:\/\/[\d.:]+)\/(#run=[0-9a-f]{64})/.exec(text);
    if (found) done(found);
  });
  book.on('exit', () => failed(new Error('cargo book does not serve')));
});
const { browser, close } = await launch();
try {
  for (const [width, colorScheme] of [[1200, 'light'], [390, 'dark']]) {
    const where = `${width} px`;
    const narrow = width < 500;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const asked = [];
    page.on('pageerror', (error) => wrong.push(`${where}: ${error.message}`));
    page.on('request', (request) => asked.push(request.url()));
    const shot = async (name) => pictures && page.screenshot({ path: join(pictures, `edit-${name}-${width}.png`) });
    await page.goto(`${origin}/${LISTING[0]}${fragment}`);
    check(!page.url().includes('run='), `${where}: the secret stays in the address`);
    const card = page.locator(`figure.listing[data-listing="${LISTING[1]}"]`).first();
    const open = card.locator('.edit-open');
    await open.evaluate((one) => { for (let up = one.closest('details'); up; up = up.parentElement.closest('details')) up.open = true; });
    const said = card.locator('.edit-said'), area = card.locator('.edit textarea');
    const ended = async (words) => {
      await page.waitForFunction((path) => /ended|compile:|stopped|refused|error/i.test(document.querySelector(`[data-listing="${path}"] .edit-said`)?.textContent), LISTING[1], LONG);
      check(RegExp(words).test(await said.textContent()), `${where}: it says ${await said.textContent()}`);
    };
    const button = (name) => card.locator('.edit').getByRole('button', { name, exact: true });
    // By keyboard alone: Enter opens it, the focus is in the text, Ctrl+Enter runs, Tab goes on.
    await open.focus();
    await page.keyboard.press('Enter');
    await area.waitFor();
    check(await area.evaluate((one) => one === document.activeElement), `${where}: the focus is not in the text`);
    check(!asked.some((url) => /\/ace\/|\/(picture|mermaid|player|knobs)\b/.test(url)), `${where}: more is loaded than a text area needs`);
    await page.keyboard.press('Control+Enter');
    await ended('It ended well');
    const original = await area.inputValue();
    const printed = await card.locator('.edit-result code.output').first().textContent();
    check(/120 bytes/.test(printed), `${where}: it prints ${printed}`);
    const recorded = await card.locator('code.output').first().textContent();
    check(recorded === printed, `${where}: unchanged, it prints\n${printed}\nand not what the book says`);
    // Its picture and its steps.
    await card.locator('.edit-result .drawn svg').first().waitFor(LONG).catch(() => wrong.push(`${where}: there is no picture of the run`));
    check((await card.locator('.edit-result .drawn .steps li').count()) > 3, `${where}: there are no steps of the run`);
    await page.keyboard.press('Tab');
    check(await button('Run').evaluate((one) => one === document.activeElement), `${where}: Tab does not lead to Run`);
    await card.locator('.edit').scrollIntoViewIfNeeded();
    await button('Run').evaluate((one) => one.scrollIntoView({ block: 'start' }));
    await shot('ran');
    // Change it: output and difference follow, and what was typed survives a reload.
    const changed = original.replace('is complete', 'has all its bytes');
    check(changed !== original, 'the test has to change something else by now');
    await area.fill(changed);
    await area.press('Control+Enter');
    await ended('It ended well');
    check((await card.locator('.edit-result code.output').first().textContent()) !== printed, `${where}: changed, it prints the same`);
    await button('Difference').click();
    check((await card.locator('.edit-difference ins').count()) > 0 && (await card.locator('.edit-difference del').count()) > 0, `${where}: there is no difference`);
    await page.reload();
    await open.evaluate((one) => { for (let up = one.closest('details'); up; up = up.parentElement.closest('details')) up.open = true; });
    await open.click();
    check((await area.inputValue()) === changed, `${where}: what was typed is gone after a reload`);
    // Break it: the message stands at its line, in words and in the margin.
    const lines = original.split('\n');
    const at = lines.findIndex((line) => line.startsWith('fn main()'));
    lines.splice(at + 1, 0, '    let wrong: u8 = "a";');
    await area.fill(lines.join('\n'));
    await area.press('Control+Enter');
    await ended('It does not compile: one error');
    const told = card.locator('.edit-messages button').first();
    check((await told.textContent()) === `Line ${at + 2}`, `${where}: the error is told at ${await told.textContent()} and not at ${at + 2}`);
    const mark = card.locator('.edit-mark.error');
    check((await mark.count()) === 1 && (await mark.textContent()).trim() === `✗ ${at + 2}` && /mismatched types/.test(await mark.getAttribute('title')), `${where}: no mark in the margin of line ${at + 2}`);
    await shot('broken');
    await told.click();
    check((await area.evaluate((one) => one.value.slice(one.selectionStart, one.selectionEnd))) === lines[at + 1], `${where}: the message does not lead to its line`);
    // Put it back: as in the book, and it runs.
    await button('Put back').click();
    check((await area.inputValue()) === original && !(await card.locator('.edit-mark').count()), `${where}: it is not put back`);
    await area.press('Control+Enter');
    await ended('It ended well');
    await card.getByRole('button', { name: 'Step through this run' }).last().click();
    await page.waitForSelector('.edit-player .play', LONG);
    check(/step 1 of/.test(await card.locator('.edit-player .where').textContent()), `${where}: the player does not show the run`);
    await card.locator('.edit-player').evaluate((one) => one.scrollIntoView({ block: 'start' }));
    await shot('player');
    // A real editor, when asked for.
    check(!asked.some((url) => /\/ace\//.test(url)), `${where}: Ace is loaded before anybody asks for it`);
    await button('Colours').click();
    await card.locator('.ace_editor .ace_keyword, .ace_editor .ace_comment').first().waitFor(LONG).catch(() => wrong.push(`${where}: Ace shows no colours`));
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('let x: u8 = "a";');
    await page.keyboard.press('Control+Enter');
    await ended('It does not compile');
    check((await card.locator('.ace_gutter-cell.ace_error').count()) > 0, `${where}: Ace marks no line`);
    await shot('ace');
    await card.locator('.ace_text-input').focus();
    await page.keyboard.press('Escape');
    check(await button('Run').evaluate((one) => one === document.activeElement), `${where}: Escape does not leave Ace`);
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run('.edit', { resultTypes: ['violations'] }).then(({ violations }) => violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`)));
    for (const one of found) wrong.push(`${where}: axe, ${one}`);
    await button('Put back').click();
    check(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${where}: the page is too wide`);
    await button('Close').click();
    check(await open.evaluate((one) => one === document.activeElement), `${where}: the focus is lost when it is closed`);
    // An exercise: the tests' messages, a hint, and the reader's file as it was.
    await page.goto(`${origin}/${EXERCISE[0]}`);
    const box = page.locator('.exercise[data-exercise]').first();
    const path = await box.getAttribute('data-exercise');
    const file = join(root, 'exercises', path, 'src/lib.rs'), before = readFileSync(file, 'utf8');
    await box.locator('.edit-open').click();
    await box.locator('.edit textarea').waitFor();
    await box.getByRole('button', { name: 'Check' }).click();
    await page.waitForFunction(() => /Not solved yet/.test(document.querySelector('.exercise .edit-said').textContent), null, LONG);
    const tests = await box.locator('.edit-tests').textContent();
    check(tests.trim().length > 20, `${where}: the tests say ${tests}`);
    await box.locator('.edit-bar').evaluate((one) => one.scrollIntoView({ block: 'start' }));
    await shot('exercise');
    await box.getByRole('button', { name: /^Show hint/ }).click();
    check(await box.locator('details.hint').first().evaluate((one) => one.open), `${where}: no hint is shown`);
    if (!narrow) {
      // What does not compile is marked in the margin, too; then the book's own solution.
      await box.locator('.edit textarea').fill(`${before}\nconst WRONG: u8 = "a";\n`);
      await box.getByRole('button', { name: 'Check' }).click();
      await box.locator('.edit-mark.error').first().waitFor(LONG).catch(async () => wrong.push(`${where}: an exercise that does not compile has no mark: ${await box.locator('.edit-result').textContent()}`));
      await box.locator('.edit textarea').fill(readFileSync(join(root, 'exercises', path, 'solution/lib.rs'), 'utf8'));
      await box.locator('.edit textarea').press('Control+Enter');
      await page.waitForFunction(() => /Solved/.test(document.querySelector('.exercise .edit-said').textContent), null, LONG).catch(async () => wrong.push(`${where}: the solution is not taken: ${await box.locator('.edit-result').textContent()}`));
    }
    check(readFileSync(file, 'utf8') === before, `${where}: the reader's file is changed unasked`);
    await context.close();
  }
} finally {
  await close();
  book.kill('SIGINT');
}
for (const one of wrong) console.error(one);
console.log(`${LISTING[1]} and an exercise of ${EXERCISE[0]}, in the light and the dark, edited and run; ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
