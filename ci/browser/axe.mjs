// Asks axe what is wrong with a page, for those who cannot see it, or not well.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Findings of axe that matter. `rules` limits it to some rules, `where` to a part of the page. */
export async function axe(page, rules, where) {
  await page.evaluate(source);
  const violations = await page.evaluate(async ([rules, where]) => {
    const options = { resultTypes: ['violations'] };
    if (rules) options.runOnly = { type: 'rule', values: rules };
    const { violations } = await window.axe.run(where ?? document, options);
    return violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.slice(0, 3).map((n) => ({ at: n.target.join(' '), why: (n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? '' })), more: nodes.length - 3 }));
  }, [rules, where]);
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, impact, help, nodes, more }) =>
    nodes.map(({ at, why }, i) => ({ rule: `axe/${id}`, selector: at, message: `${impact}: ${help}. ${why}${i === 2 && more > 0 ? ` (and ${more} more)` : ''}` })));
}
