// Asks axe what is wrong with a page, for those who cannot see it, or not well.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Rules about colours: another theme can break them, and they look at every word. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What is the same on every page: `index.html` and `the side bar under the pointer` look at it. */
const SIDE_BAR = '#mdbook-sidebar';

/** Findings of axe about all but the colours; `all` looks at the side bar, too. */
export const structure = (page, all) => axe(page, { but: COLOURS }, all ? undefined : { exclude: [SIDE_BAR] });

/** Findings of axe about the colours of the theme that is shown. Of blocks of code that have the same classes in the same place, one is looked at. */
export async function colours(page, all) {
  await page.evaluate(() => {
    const seen = new Set();
    for (const code of document.querySelectorAll('main pre > code')) {
      let place = '';
      for (let e = code; e && e.localName !== 'main'; e = e.parentElement) place += `${e.localName}.${e.className} `;
      const parts = [...code.querySelectorAll('*')].map((e) => place + (e.parentElement === code ? '' : e.parentElement.className) + '>' + e.getAttribute('class') + (e.getAttribute('style') ?? ''));
      parts.push(place);
      code.toggleAttribute('data-same-colours', parts.every((part) => seen.has(part)));
      for (const part of parts) seen.add(part);
    }
  });
  return axe(page, COLOURS, { exclude: ['[data-same-colours]', ...(all ? [] : [SIDE_BAR])] });
}

/** Findings of axe that matter. `rules` limits it to some rules, or to all `but` some, `where` to a part of the page. */
export async function axe(page, rules, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
  const violations = await page.evaluate(async ([rules, where]) => {
    const options = { resultTypes: ['violations'] };
    if (rules?.but) options.rules = Object.fromEntries(rules.but.map((rule) => [rule, { enabled: false }]));
    else if (rules) options.runOnly = { type: 'rule', values: rules };
    const { violations } = await window.axe.run(where ?? document, options);
    return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.slice(0, 3).map((n) => ({ at: n.target.join(' '), why: (n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? '' })), more: nodes.length - 3 }));
  }, [rules, where]);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, impact, help, nodes, more }) =>
    nodes.map(({ at, why }, i) => ({ rule: `axe/${id}`, selector: at, message: `${impact}: ${help}. ${why}${i === 2 && more > 0 ? ` (and ${more} more)` : ''}` })));
}
