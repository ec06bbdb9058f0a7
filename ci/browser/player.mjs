// Opens the first recorded run of a page in the player, as a reader does, and says what is wrong with it: keys, width, what is announced.
import { pressed } from './keys.mjs';
import { tried } from './look.mjs';
import * as look from './look.mjs';

const BUTTON = 'main button[data-run]';

/** What the player shows, asked in the page. */
const STATE = () => {
  const box = document.querySelector('.run-player');
  return {
    inside: box.contains(document.activeElement), where: box.querySelector('.where').textContent, said: box.querySelector('.sentence').textContent,
    lit: box.querySelectorAll('.row.runs, .row.asked').length, why: !box.querySelector('.why').hidden,
  };
};

/**
 * Rules that ask what an element around the player holds, and style others by the answer (`main:has(.x) > p`): the browser has to restyle all of
 * that element at each step, which took four fifths of the time of a step.
 */
const ASKING = () => {
  const around = document.querySelector('.run-player').parentElement;
  const found = [];
  const look = (rules) => {
    for (const rule of rules) {
      for (const one of rule.selectorText?.split(/,(?![^()]*\))/) ?? []) {
        const [, asked, others] = /^(.*?):has\((?:[^()]|\([^()]*\))*\)[^\s>+~]*(.*)$/s.exec(one.trim()) ?? [];
        if (others?.trim() && around.closest(asked || '*')) found.push(one.trim());
      }
      look(rule.cssRules ?? []);
    }
  };
  for (const sheet of document.styleSheets) look(sheet.cssRules);
  return found;
};

/** Opens it by keyboard and steps; `axe` looks at it, and gives findings. The page is left with the player closed. */
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
  for (const rule of await page.evaluate(ASKING)) add('has', `each step restyles all of the page, because of "${rule}"`);
  const start = await page.evaluate(STATE);
  if (!start.inside) add('focus', 'after it opened, the focus is not in it');
  if (!start.where.startsWith('step 1 ')) add('start', `it opens at "${start.where}"`);
  const count = Number(/of (\d+)/.exec(start.where)?.[1] ?? 0);
  const steps = Math.max(Math.min(count, 25), 1);
  const on = [start, ...await pressed(page, Array(steps - 1).fill('ArrowRight'), STATE)];
  const back = await pressed(page, Array(steps - 1).fill('ArrowLeft'), STATE);
  let why = null;
  for (const [i, now] of on.entries()) {
    if (now.lit > 1) add('lines', `${now.lit} lines are lit at ${now.where}`);
    if (now.why && i > 0) why ??= i;
    if (i > 0 && !now.where.startsWith(`step ${i + 1} `)) { add('keys', `the right arrow leads from step ${i} to "${now.where}"`); break; }
  }
  if (on.length < steps || back.length < steps - 1) add('keys', `of ${steps - 1} steps on and back, ${on.length - 1} and ${back.length} are told`);
  if (count > 10 && !on.slice(1).some(({ lit }) => lit > 0)) add('lines', 'no line of the program was ever lit');
  for (const [at, { said }] of back.entries()) {
    const i = steps - 2 - at;
    if (said !== on[i]?.said) { add('back', `step ${i + 1} said "${on[i]?.said}", and on the way back "${said}"`); break; }
  }
  const [end, home] = await pressed(page, ['End', 'Home'], STATE);
  if (!end?.where.startsWith(`step ${count} of ${count}`)) add('keys', `End leads to "${end?.where}"`);
  if (!home?.where.startsWith('step 1 ')) add('keys', `Home leads to "${home?.where}"`);
  if (why !== null) {
    await pressed(page, Array(why).fill('ArrowRight'), STATE);
    await page.locator('.run-player .why').first().click();
    // Its script comes with the first press.
    const cause = await page.waitForSelector('.run-player .panel li', { timeout: 20_000 }).catch(() => null);
    if (!cause) add('why', 'Why? names no cause');
    findings.push(...await axe(page));
    await page.keyboard.press('Escape');
  } else findings.push(...await axe(page));
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
