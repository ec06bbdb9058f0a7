// Asks axe what is wrong with a page, for those who cannot see it, or not well.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { SIGNS, looks } from './colours.mjs';
import { tried } from './look.mjs';

/** A script for a tab that shows many pages: `__axe()` puts axe into the page. To send half a megabyte to each page would take longer than to run most rules. */
export const source = `window.__axe = () => { ${readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')}\n};`;

/** Rules about colours: another theme can break them, and they look at every word. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** What is the same on every page: `index.html` and `the side bar under the pointer` look at it. */
const SIDE_BAR = '#mdbook-sidebar';

/** Findings of axe about all but the colours; `all` looks at the side bar, too. */
export const structure = (page, all) => axe(page, { but: COLOURS }, all ? undefined : { exclude: [SIDE_BAR] });

/** Findings of axe about the player that is open, but for its colours. */
export const inPlayer = (page) => axe(page, { but: COLOURS }, '.run-player');

/** The looks of text that axe has passed, on whichever page. */
const passed = new Set();

/**
 * Findings of axe about the colours of the theme that is shown. Whether a text can be read depends on what is computed of it and
 * what lies behind it; so a page is passed whose texts all look as texts do that axe has passed, and of texts that look the
 * same one is shown to axe.
 */
export async function colours(page, all, known = passed) {
  const here = await page.evaluate(looks, all ? null : SIDE_BAR);
  const open = here.filter((look) => !known.has(look) && !known.has(look.replace(SIGNS, '')));
  const how = open.length === 0 ? 'themes of pages whose colours axe had passed' : 'themes of pages whose colours axe looked at';
  tried[how] = (tried[how] ?? 0) + 1;
  if (open.length === 0) return [];
  await page.evaluate((open) => window.__mark(open), open);
  // Over a picture axe says nothing of contrast, and the shades of what scrolls are pictures, of the ground's own colour.
  const plain = await page.addStyleTag({ content: 'main pre > code, main .table-wrapper { background-image: none !important; }' });
  const findings = await axe(page, COLOURS, '[data-new-colours]');
  await plain.evaluate((style) => style.remove());
  for (const look of await page.evaluate(() => window.__passed())) known.add(look);
  return findings;
}

/** Findings of axe that matter. `rules` limits it to some rules, or to all `but` some, `where` to a part of the page. */
export async function axe(page, rules, where) {
  const violations = await page.evaluate(async ([rules, where]) => {
    if (!('axe' in window)) __axe();
    // Nothing is fetched again: that is for sound and films, and of no finding that matters.
    const options = { resultTypes: ['violations'], preload: false };
    if (rules?.but) options.rules = Object.fromEntries(rules.but.map((rule) => [rule, { enabled: false }]));
    else if (rules) options.runOnly = { type: 'rule', values: rules };
    // What was passed is kept as it is, without the selectors that axe would make for each.
    window.__results = [];
    options.reporter = (results, ...rest) => {
      const why = ({ any: [check] }) => /^(bgGradient|bgImage|shortTextContent|nonBmp)$/.test(check?.data?.messageKey);
      const elements = (nodes) => nodes.map(({ node }) => node.element);
      window.__results = results.map(({ id, passes, incomplete }) => ({ id, passes: elements(passes), undecided: elements(incomplete.filter(why)) }));
      return window.axe.getReporter('v1')(results, ...rest);
    };
    const { violations } = await window.axe.run(where ?? document, options);
    return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.slice(0, 3).map((n) => ({ at: n.target.join(' '), why: (n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? '' })), more: nodes.length - 3 }));
  }, [rules, where]);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, impact, help, nodes, more }) =>
    nodes.map(({ at, why }, i) => ({ rule: `axe/${id}`, selector: at, message: `${impact}: ${help}. ${why}${i === 2 && more > 0 ? ` (and ${more} more)` : ''}` })));
}
