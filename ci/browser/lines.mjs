// Points at lines and at what they caused, and says where one does not show the other.
import { tried } from './look.mjs';

const CARDS = 2; // of a page; one script serves all of them

/** Findings about the cards of a page whose runs are drawn or told step by step. */
export async function lines(page) {
  const findings = [];
  const cards = page.locator('main figure.listing:has(.flow):has(.lines .told)');
  for (let at = 0; at < Math.min(await cards.count(), CARDS); at += 1) {
    const card = cards.nth(at);
    const place = card.locator('.lines .told:not(.boring)').filter({ visible: true }).first();
    if (await place.count() === 0) continue;
    const add = (message, selector) => findings.push({ rule: 'lines', selector, message });
    const name = await card.evaluate((e) => `#${e.id}`);
    tried['lines pointed at'] = (tried['lines pointed at'] ?? 0) + 1;
    await place.hover();
    if (!(await card.evaluate((e) => e.querySelector('.flow .lit')))) add('a line that is pointed at shows nothing that it caused', name);
    await page.mouse.move(0, 0);
    if (await card.locator('.lit').count() > 0) add('what was shown stays when the pointer has gone', name);
    const link = card.locator('.steps li a[href*="#L"]').first();
    if (await link.count() === 0) continue;
    // By keyboard: the steps are unfolded, and their lines are links.
    await card.locator('.steps').first().evaluate((e) => { e.open = true; });
    await link.focus();
    const [lit, wanted] = await link.evaluate((a) => [[...a.closest('figure.listing').querySelectorAll('.lines .lit')].map((one) => one.textContent), a.hash.slice(2)]);
    const there = await card.evaluate((e, n) => [...e.querySelector('.lines').children].some((one) => one.textContent === n), wanted);
    if (there && !lit.includes(wanted)) add(`the step that has the focus names line ${wanted}, and lit are: ${lit.join(', ') || 'none'}`, name);
    await link.evaluate((a) => a.blur());
    await card.locator('.steps').first().evaluate((e) => { e.open = false; });
  }
  return findings;
}
