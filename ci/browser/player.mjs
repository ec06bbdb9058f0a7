// Opens the first recorded run of a page in the player, as a reader does, and says what is wrong with it: keys, width, what is announced.
import { tried } from './look.mjs';
import * as look from './look.mjs';

const BUTTON = 'main button[data-run]';

/** Opens it by keyboard and steps; `axe` looks at it. The page is left with the player closed. */
export async function step(page, axe) {
  const findings = [];
  const add = (rule, message) => findings.push({ rule: `player-${rule}`, selector: BUTTON, message });
  const button = page.locator(BUTTON).filter({ visible: true }).first();
  if (await button.count() === 0) return findings;
  tried['runs opened'] = (tried['runs opened'] ?? 0) + 1;
  await button.focus();
  await page.keyboard.press('Enter');
  const opened = await page.waitForSelector('.run-player .where', { timeout: 20_000 }).catch(() => null);
  if (!opened) {
    add('opens', `the run does not open: ${await button.evaluate((b) => b.nextElementSibling.textContent)}`);
    return findings;
  }
  const state = () => page.evaluate(() => {
    const box = document.querySelector('.run-player');
    return {
      inside: box.contains(document.activeElement), where: box.querySelector('.where').textContent, said: box.querySelector('.sentence').textContent,
      lit: box.querySelectorAll('.row.runs, .row.asked').length, why: !box.querySelector('.why').hidden,
    };
  });
  const start = await state();
  if (!start.inside) add('focus', 'after it opened, the focus is not in it');
  if (!start.where.startsWith('step 1 ')) add('start', `it opens at "${start.where}"`);
  const seen = [start.said];
  let lit = 0;
  let why = null;
  const count = Number(/of (\d+)/.exec(start.where)?.[1] ?? 0);
  for (let i = 1; i < Math.min(count, 25); i += 1) {
    await page.keyboard.press('ArrowRight');
    const now = await state();
    seen.push(now.said);
    lit += now.lit > 0;
    if (now.lit > 1) add('lines', `${now.lit} lines are lit at ${now.where}`);
    if (now.why) why = i;
    if (!now.where.startsWith(`step ${i + 1} `)) { add('keys', `the right arrow leads from step ${i} to "${now.where}"`); break; }
  }
  if (count > 10 && lit === 0) add('lines', 'no line of the program was ever lit');
  for (let i = seen.length - 2; i >= 0; i -= 1) {
    await page.keyboard.press('ArrowLeft');
    const { said } = await state();
    if (said !== seen[i]) { add('back', `step ${i + 1} said "${seen[i]}", and on the way back "${said}"`); break; }
  }
  await page.keyboard.press('End');
  if (!(await state()).where.startsWith(`step ${count} of ${count}`)) add('keys', `End leads to "${(await state()).where}"`);
  await page.keyboard.press('Home');
  if (why !== null) {
    for (let i = 0; i < why; i += 1) await page.keyboard.press('ArrowRight');
    await page.locator('.run-player .why').first().click();
    // Its script comes with the first press.
    const cause = await page.waitForSelector('.run-player .panel li', { timeout: 20_000 }).catch(() => null);
    if (!cause) add('why', 'Why? names no cause');
    if (axe) findings.push(...await axe(page, undefined, '.run-player'));
    await page.keyboard.press('Escape');
  } else if (axe) findings.push(...await axe(page, undefined, '.run-player'));
  await button.click();
  if (await page.locator('.run-player').count()) add('close', 'the button does not close it');
  findings.push(...await ways(page, button));
  return findings;
}

/** Each step beside a picture of the run is a way: to a line, or into the run. The last one is gone. */
async function ways(page, button) {
  const findings = [];
  const add = (message) => findings.push({ rule: 'player-ways', selector: BUTTON, message });
  const { all, lead, last } = await button.evaluate((b) => {
    const steps = [...b.closest('figure.listing').querySelectorAll('.flow .steps > ol > li')];
    const way = steps.at(-1)?.querySelector('.way');
    way?.click();
    return { all: steps.length, lead: steps.filter((step) => step.querySelector('a, .way')).length, last: way?.textContent };
  });
  tried['steps of pictures'] = (tried['steps of pictures'] ?? 0) + all;
  tried['steps that lead somewhere'] = (tried['steps that lead somewhere'] ?? 0) + lead;
  if (lead < all) add(`${all - lead} of ${all} steps lead nowhere`);
  if (!last) return findings;
  await page.waitForSelector('.run-player .where', { timeout: 20_000 });
  const [where, turn] = await page.evaluate(() => ['.where', '.turn'].map((part) => document.querySelector(`.run-player ${part}`).textContent));
  const wanted = /^Turn (\d+)/.exec(last)?.[1];
  if (wanted && turn !== `turn ${wanted}`) add(`"${last}" leads to ${turn}`);
  if (all > 1 && where.startsWith('step 1 ')) add(`"${last}" leads to the start`);
  await button.click();
  return findings;
}

/** Whether it fits the width that the page has now. */
export async function fits(page, where) {
  const button = page.locator(BUTTON).filter({ visible: true }).first();
  if (await button.count() === 0) return [];
  await button.click();
  await page.waitForSelector('.run-player .where', { state: 'attached', timeout: 20_000 });
  await page.keyboard.press('End');
  const findings = await look.fits(page, `player-${where}`);
  await button.click();
  return findings;
}
