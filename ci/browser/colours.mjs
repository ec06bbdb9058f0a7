// Tells texts apart by all that decides whether they can be read: two that look the same here get the same answer from axe.

/** At the end of the look of a text without words: axe decides nothing of it at times, and it is read where words are that look the same. */
export const SIGNS = '|signs';

/**
 * In the page: how the texts look that are shown, but for those within `but` and in drawings, of which axe decides nothing; each look once. Leaves
 * `__mark(looks)`, which puts `data-new-colours` at the first text of each of these looks, and at the link that it is in, and `__passed()`, which
 * gives the looks of those that axe has since passed, or left undecided for a reason that is part of the look.
 */
export function looks(but) {
  const behind = new Map();
  const kind = (e) => `${e.localName}#${e.id.replace(/\d+/g, '')}.${e.className}`;
  const clear = /^(transparent|rgba\(0, 0, 0, 0\))$/;

  // What the boxes around a text put behind it or do to its colours, from the outside in.
  const around = (e) => {
    if (!e) return '';
    if (!behind.has(e)) {
      const s = getComputedStyle(e);
      const own = [];
      if (!clear.test(s.backgroundColor)) own.push(s.backgroundColor);
      if (s.backgroundImage !== 'none') own.push(s.backgroundImage);
      if (s.opacity !== '1') own.push(`opacity ${s.opacity}`);
      if (s.filter !== 'none') own.push(s.filter);
      if (s.mixBlendMode !== 'normal') own.push(s.mixBlendMode);
      // A box that is moved lies over something else than the box it is in: what that is follows from which kind of box it is.
      if (/absolute|fixed|sticky/.test(s.position) || s.transform !== 'none' || s.float !== 'none' || /^-/.test(s.marginTop) || /^-/.test(s.marginLeft)) own.push(`moved ${kind(e.parentElement)} ${kind(e)}`);
      if (e.matches(':disabled, [aria-disabled="true"]')) own.push('disabled');
      behind.set(e, `${around(e.parentElement)} ${own.join(' ')}`.trim());
    }
    return behind.get(e);
  };
  const block = (e) => { let b = e.parentElement; while (b && getComputedStyle(b).display === 'inline') b = b.parentElement; return b; };
  const said = (node) => node.nodeType === 3 && node.data.trim() !== '';
  // Words beside a link that are no link: axe compares their colours, too.
  const beside = (e) => {
    const words = document.createTreeWalker(block(e) ?? e, NodeFilter.SHOW_TEXT);
    for (let node = words.nextNode(); node; node = words.nextNode()) if (said(node) && !node.parentElement.closest('a, button')) return node.parentElement;
    return null;
  };
  const look = (e) => {
    const s = getComputedStyle(e);
    const parts = [s.color, s.fontSize, s.fontWeight, s.textShadow, around(e)];
    const link = e.closest('a[href], [role=link]');
    // An underlined link differs from the words around it, whatever its colour.
    const words = link && !getComputedStyle(link).textDecorationLine.includes('underline') && beside(link);
    if (words) {
      const l = getComputedStyle(link), w = getComputedStyle(words);
      parts.push('link', l.color, l.borderBottomWidth, l.borderBottomStyle, l.fontWeight, l.fontStyle, l.fontSize, w.color, w.fontWeight, w.fontStyle, w.fontSize, around(words));
    }
    return parts.join('|') + (/[\p{L}\p{N}]{2}/u.test(e.textContent) ? '' : '|signs');
  };

  const texts = new Map(); // elements with words of their own
  for (const e of document.body.querySelectorAll('*')) {
    if (but && e.closest(but) || e.closest('svg') || !([...e.childNodes].some(said) || e.matches('select, textarea, input:not([type=radio], [type=checkbox], [type=range])'))) continue;
    if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.getBoundingClientRect().bottom + scrollY <= 0) continue;
    texts.set(e, look(e));
  }
  window.__mark = (looks) => {
    for (const e of document.querySelectorAll('[data-new-colours]')) e.removeAttribute('data-new-colours');
    const open = new Set(looks);
    for (const [e, one] of texts) {
      if (!open.delete(one)) continue;
      for (const shown of [e, e.closest('a[href], [role=link]')]) shown?.setAttribute('data-new-colours', '');
    }
  };
  window.__passed = () => {
    const answers = (rule) => window.__results.find(({ id }) => id === rule) ?? { passes: [], undecided: [] };
    const contrast = new Set([...answers('color-contrast').passes, ...answers('color-contrast').undecided]), links = new Set(answers('link-in-text-block').passes);
    return [...new Set([...texts].filter(([e, one]) => contrast.has(e) && (!one.includes('|link|') || links.has(e.closest('a[href], [role=link]')))).map(([, one]) => one))];
  };
  return [...new Set(texts.values())];
}
