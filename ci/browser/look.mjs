// What a page must look like: its head, its headings, its diagrams, at phone width, zoomed, on paper, without JavaScript.
//
// Each function takes a loaded page of playwright and gives findings `{rule, selector, message}`.

/** What was tried, over all pages: a test that finds nothing has to show that it looked. */
export const tried = { diagrams: 0, 'figures of rails': 0, 'concept figures': 0, 'tab strips': 0, 'Copy buttons': 0, 'stops of the Tab key': 0 };

/** Put into every page before its own scripts: a name for an element that a person can find again, and no print dialog. */
export function helpers() {
  window.print = () => {};
  window.__name = (element) => {
    const parts = [];
    for (let e = element; e && e !== document.documentElement && parts.length < 4; e = e.parentElement) {
      if (e.id) { parts.unshift(`#${e.id}`); break; }
      const classes = [...e.classList].slice(0, 2).map((c) => `.${c}`).join('');
      const same = e.parentElement ? [...e.parentElement.children].filter((s) => s.localName === e.localName) : [];
      parts.unshift(e.localName + classes + (same.length > 1 ? `:nth-of-type(${same.indexOf(e) + 1})` : ''));
    }
    return parts.join(' > ');
  };
  // On the screen at all: laid out, not invisible, nor squeezed into one pixel for screen readers only.
  window.__shown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false }) && box.width > 1 && box.height > 1;
  };
}

const within = (page, look, argument) => page.evaluate(look, argument);

/** Title, language, one first heading, and no level of heading left out. */
export const head = (page) => within(page, () => {
  const found = [];
  const add = (rule, selector, message) => found.push({ rule, selector, message });
  if (!document.documentElement.lang) add('lang', 'html', 'the page does not say its language');
  if (!document.title.trim()) add('title', 'title', 'the page has no title');
  const main = document.querySelector('main');
  if (!main) { add('heading', 'main', 'the page has no main part'); return found; }
  const headings = [...main.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  const isPrint = location.pathname.endsWith('/print.html');
  const isFile = location.pathname.includes('/listings/'); // headed by its path, titled by its name
  const firsts = headings.filter((h) => h.localName === 'h1');
  if (firsts.length !== 1 && !isPrint) add('heading', 'main h1', `${firsts.length} first-level headings; a page has one`);
  const plain = (text) => text.trim().replace(/[‘’]/g, "'"); // mdBook curls quotes in headings, and not in titles
  if (firsts[0] && !isPrint && !isFile && !plain(document.title).startsWith(plain(firsts[0].textContent))) {
    add('title', 'title', `the title "${document.title}" does not begin with the heading "${firsts[0].textContent.trim()}"`);
  }
  let before = 0;
  for (const heading of headings) {
    const level = Number(heading.localName[1]);
    if (level > before + 1) add('heading-order', __name(heading), `"${heading.textContent.trim()}" is of level ${level}, after one of level ${before}`);
    before = level;
  }
  const ids = new Set();
  for (const { id } of document.querySelectorAll('[id]')) {
    if (ids.has(id)) add('duplicate-id', `#${id}`, 'two elements have this id');
    ids.add(id);
  }
  for (const image of main.querySelectorAll('img')) {
    if (!image.complete || image.naturalWidth === 0) add('image', __name(image), `the picture ${image.getAttribute('src')} did not load`);
  }
  return found;
});

/** Scrolls to every diagram and waits until it is drawn, at most `patience` ms. */
export async function diagrams(page, requested, patience) {
  // The drawing stands in the same figure as its source. The browser finds them itself: playwright's own `:has()` takes minutes on the page of all pages.
  const list = await page.evaluateHandle(() => [...new Set([...document.querySelectorAll('main .mermaid')].map((source) => source.parentElement))]);
  const places = [...(await list.getProperties()).values()].map((one) => one.asElement());
  const findings = [];
  for (const place of places) {
    const selector = await place.evaluate((e) => __name(e));
    // One that a reader has to unfold first is drawn when it is unfolded.
    const shown = await place.evaluate((e) => {
      for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
      e.scrollIntoView({ block: 'center' });
      return __shown(e);
    });
    if (!shown && await place.evaluate((e) => e.closest('[role=tabpanel], .tab') !== null)) continue; // seen when its tab is chosen
    const drawn = await page.waitForFunction((e) => e.querySelector('svg'), place, { timeout: patience }).catch(() => null);
    if (!drawn) {
      const told = await place.evaluate((e) => e.querySelector('.missing')?.textContent ?? '');
      findings.push({ rule: 'diagram', selector, message: `the diagram was not drawn. ${told}` });
      continue;
    }
    const wrong = await place.evaluate((e) => {
      const svg = e.querySelector('svg');
      if (/Syntax error/i.test(svg.textContent) || svg.getAttribute('aria-roledescription') === 'error') return 'mermaid says: syntax error';
      if (svg.getBoundingClientRect().height < 20) return 'the drawing has no height';
      if (!svg.querySelector('title')?.textContent.trim()) return 'the drawing has no title (accTitle)';
      if (!svg.querySelector('desc')?.textContent.trim()) return 'the drawing has no description (accDescr)';
      return null;
    });
    if (wrong) findings.push({ rule: 'diagram', selector, message: wrong });
    tried.diagrams += 1;
  }
  const loaded = [...requested].some((address) => /mermaid[^/]*\.js/.test(address) && /\.min\.|mermaid\.js/.test(address.split('/').pop()));
  if (places.length === 0 && loaded) findings.push({ rule: 'mermaid-unused', selector: '', message: 'there is no diagram here, and yet mermaid is loaded' });
  return findings;
}

/** The figures of Deferreds on their rails: named, described, both rails there, no text over another or out of its box, and one Deferred fits a phone. */
export async function rails(page, where) {
  const { count, found } = await page.evaluate(() => {
    const found = [];
    const figures = [...document.querySelectorAll('main svg.rails')].filter((svg) => __shown(svg));
    for (const svg of figures) {
      const add = (message) => found.push({ rule: 'rails', selector: __name(svg), message });
      if (svg.getAttribute('role') !== 'img') add('its role is not "img"');
      for (const part of ['title', 'desc']) if (!svg.querySelector(`:scope > ${part}`)?.textContent.trim()) add(`it has no ${part}`);
      const figure = svg.closest('figure');
      if (!figure?.querySelector('figcaption')) add('it has no caption');
      if (!figure?.querySelector('ol, ul')) add('its steps do not stand below it as a list');
      const frames = svg.querySelectorAll('.frame').length;
      const chain = !svg.classList.contains('tasks');
      for (const rail of chain ? ['result', 'failure'] : []) if (svg.querySelectorAll(`path.${rail}`).length < frames) add(`a Deferred is without its ${rail} rail`);
      // Of a drawing that is cut into parts the first shows a part; the texts of all of it are there.
      const [width, height] = (svg.dataset.whole ?? `${svg.viewBox.baseVal.width} ${svg.viewBox.baseVal.height}`).split(' ').map(Number);
      const texts = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBBox() }));
      const boxes = [...svg.querySelectorAll('rect')].map((rect) => rect.getBBox());
      const inside = (a, b) => a.x >= b.x - 0.5 && a.y >= b.y - 0.5 && a.x + a.width <= b.x + b.width + 0.5 && a.y + a.height <= b.y + b.height + 0.5;
      texts.forEach(({ text, box }, at) => {
        if (!inside(box, { x: 0, y: 0, width, height })) add(`"${text}" sticks out of the figure`);
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const around = boxes.filter((b) => x >= b.x && x <= b.x + b.width && y >= b.y && y <= b.y + b.height).sort((a, b) => a.width * a.height - b.width * b.height)[0];
        if (around && !inside(box, around)) add(`"${text}" sticks out of its box`);
        for (const other of texts.slice(at + 1)) {
          const wide = Math.min(box.x + box.width, other.box.x + other.box.width) - Math.max(box.x, other.box.x);
          const high = Math.min(box.y + box.height, other.box.y + other.box.height) - Math.max(box.y, other.box.y);
          if (wide > 1 && high > 3) add(`"${text}" lies over "${other.text}"`);
        }
      });
    }
    // No picture is larger than a screen shows at once, and none scrolls sideways; the parts that are folded away neither.
    const folded = [...document.querySelectorAll('main details.panels:not([open])')];
    for (const details of folded) details.open = true;
    for (const svg of document.querySelectorAll('main .flow-drawing > :is(svg.rails, svg.part)')) {
      if (!__shown(svg)) continue;
      const add = (message) => found.push({ rule: 'picture', selector: __name(svg), message });
      const { width, height } = svg.getBoundingClientRect();
      if (height > 800) add(`it is ${Math.round(height)} px tall; 800 are the limit`);
      if (width > 808) add(`it is ${Math.round(width)} px wide; 808 are the limit`);
      const scale = width / svg.viewBox.baseVal.width;
      if (scale < 0.6) add(`it is made smaller to ${Math.round(100 * scale)} %, and its words with it`);
      const drawing = svg.parentElement;
      if (drawing.scrollWidth > drawing.clientWidth + 1) add(`one has to scroll sideways to see it: ${drawing.scrollWidth} px in ${drawing.clientWidth}`);
      const used = svg.querySelector('use')?.getAttribute('href');
      if (used && !document.querySelector(used)) add(`it shows a part of ${used}, which is not there`);
    }
    for (const details of folded) details.open = false;
    return { count: figures.length, found };
  });
  if (where === 'counted') tried['figures of rails'] += count;
  return found;
}

/** The pictures of sequences: named, none taller or wider than a screen shows at once, none that scrolls sideways. `where` is the width it is looked at. */
export async function sequences(page, where) {
  const { count, found } = await page.evaluate((where) => {
    const found = [];
    for (const details of document.querySelectorAll('main details.panels')) details.open = true;
    const all = [...document.querySelectorAll('main svg.sequence')].filter((svg) => __shown(svg));
    for (const svg of all) {
      const add = (message) => found.push({ rule: `picture-${where}`, selector: __name(svg), message });
      const { width, height } = svg.getBoundingClientRect();
      if (height > 800) add(`it is ${Math.round(height)} px tall; 800 are the limit`);
      if (width > 808) add(`it is ${Math.round(width)} px wide; 808 are the limit`);
      if (svg.parentElement.scrollWidth > svg.parentElement.clientWidth + 1) add('one has to scroll sideways to see it');
      if (!svg.querySelector(':scope > title')?.textContent.trim()) add('it has no title');
      const figure = svg.closest('figure');
      if (!figure?.querySelector('figcaption')) add('it has no caption');
      if (!figure?.querySelector('.steps ol, .steps ul')) add('its steps do not stand below it as a list');
      const view = svg.viewBox.baseVal;
      for (const text of svg.querySelectorAll('text')) {
        const box = text.getBBox();
        if (box.x < view.x - 1 || box.x + box.width > view.x + view.width + 1) add(`"${text.textContent}" sticks out of it`);
      }
    }
    for (const details of document.querySelectorAll('main details.panels')) details.open = false;
    return { count: all.length, found };
  }, where);
  if (where === 'desk') tried['panels of sequences'] = (tried['panels of sequences'] ?? 0) + count;
  return found;
}

/** The drawn figures on a narrow phone: whole, without scrolling sideways, and their words can be read. */
export async function concepts(page) {
  const { count, found } = await page.evaluate(() => {
    const found = [];
    const figures = [...document.querySelectorAll('main figure.concept svg')];
    const folded = new Set();
    for (const svg of figures) {
      for (let d = svg.closest('details:not([open])'); d; d = d.parentElement.closest('details:not([open])')) { d.open = true; folded.add(d); }
      const add = (message) => found.push({ rule: 'concept', selector: __name(svg.closest('figure')), message });
      if (!__shown(svg)) { add('this figure is not to be seen'); continue; }
      const column = svg.parentElement;
      const { width } = svg.getBoundingClientRect();
      if (width > column.clientWidth + 0.5) add(`it is ${Math.round(width)} px wide in a column of ${column.clientWidth}`);
      if (column.scrollWidth > column.clientWidth + 1) add(`one has to scroll sideways to see it: ${column.scrollWidth} px in ${column.clientWidth}`);
      const scale = svg.getScreenCTM().a;
      const view = svg.viewBox.baseVal;
      const words = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, size: parseFloat(getComputedStyle(text).fontSize) * scale, box: text.getBBox() }));
      for (const { text, size, box } of words) {
        if (size < 11) add(`"${text}" is ${size.toFixed(1)} px tall; 11 are the least that can be read`);
        if (box.x < view.x || box.x + box.width > view.x + view.width || box.y < view.y || box.y + box.height > view.y + view.height) add(`"${text}" sticks out of the figure`);
      }
      words.forEach((one, at) => {
        for (const other of words.slice(at + 1)) {
          const wide = Math.min(one.box.x + one.box.width, other.box.x + other.box.width) - Math.max(one.box.x, other.box.x);
          const high = Math.min(one.box.y + one.box.height, other.box.y + other.box.height) - Math.max(one.box.y, other.box.y);
          if (wide > 1 && high > 4) add(`"${one.text}" lies over "${other.text}"`);
        }
      });
    }
    for (const details of folded) details.open = false;
    return { count: figures.length, found };
  });
  tried['concept figures'] += count;
  return found;
}

/** Nothing sticks out to the side, nothing is cut off, at the width the page has now. `where` names it. */
export const fits = (page, where) => within(page, (where) => {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    found.push({ rule: `overflow-${where}`, selector: 'html', message: `the page is ${document.documentElement.scrollWidth} px wide on a screen of ${width}` });
  }
  // The element or one around it scrolls sideways by itself: then nothing is lost.
  const scrolls = (e) => { for (; e && e !== document.body; e = e.parentElement) if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true; return false; };
  let told = 0;
  // The words of a program and the parts of a drawing go where the box goes that holds them.
  for (const e of document.querySelectorAll(':is(main, #mdbook-menu-bar) :not(code *, .lines *, svg *)')) {
    if (told >= 5) break;
    if (!__shown(e)) continue;
    const box = e.getBoundingClientRect();
    if (box.right > width + 1.5 && box.left < width && !scrolls(e)) {
      const inner = [...e.children].some((c) => __shown(c) && c.getBoundingClientRect().right > width + 1.5);
      if (!inner) { told += 1; found.push({ rule: `clipped-${where}`, selector: __name(e), message: `it ends at ${Math.round(box.right)} px of ${width}, and nothing there scrolls` }); }
    }
    const style = getComputedStyle(e);
    if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 1 && style.textOverflow !== 'ellipsis' && e.textContent.trim() && !e.classList.contains('menu-title')) {
      told += 1;
      found.push({ rule: `clipped-${where}`, selector: __name(e), message: `${e.scrollWidth - e.clientWidth} px of its text are cut off` });
    }
  }
  return found;
}, where);

/** All of a listing and all that folds is there: for a page on paper (`print`), or one whose scripts did not run (`no-js`). */
export const everything = (page, where) => within(page, (where) => {
  const found = [];
  const add = (selector, message) => found.push({ rule: where, selector, message });
  const main = document.querySelector('main');
  if (!main || main.innerText.trim().length < 40) { add('main', 'the text of the page is not there'); return found; }
  const foldedAway = (e) => where === 'no-js' && e.closest('details:not([open])'); // works without scripts, too
  for (const panel of main.querySelectorAll('[role=tabpanel], .tabs > .tab')) {
    if (!foldedAway(panel) && !__shown(panel)) add(__name(panel), 'the code of this tab is not to be seen');
  }
  for (const code of main.querySelectorAll('pre > code')) {
    if (!foldedAway(code) && !__shown(code)) add(__name(code), 'this code is not to be seen');
  }
  for (const hidden of main.querySelectorAll('.boring')) {
    if (hidden.getClientRects().length > 0 && hidden.textContent.trim()) { add(__name(hidden), 'a hidden line is shown'); break; }
  }
  for (const drawing of main.querySelectorAll('svg.rails, svg.sequence')) {
    if (!foldedAway(drawing) && !__shown(drawing)) add(__name(drawing), 'this figure is not to be seen');
  }
  for (const drawing of main.querySelectorAll('.mermaid')) {
    const figure = drawing.closest('figure');
    const steps = figure?.querySelector('ol, ul');
    if (where === 'print' && figure?.querySelector('svg')) continue; // paper shows the picture in their stead
    if (!steps) add(__name(drawing), 'a diagram without its steps as a list');
    else if (!__shown(steps)) add(__name(steps), 'the steps of the diagram are not to be seen');
    if (where === 'no-js' && __shown(drawing)) add(__name(drawing), 'the source of a diagram is shown, which nothing will draw');
  }
  if (where === 'print') {
    for (const details of main.querySelectorAll('details:not(.on-phone)')) {
      const inside = [...details.children].find((c) => c.localName !== 'summary');
      const picture = details.matches('.steps') && details.parentElement.querySelector(':scope > .flow-drawing svg');
      if (picture) { if (!__shown(picture)) add(__name(details), 'neither the picture nor its steps are on paper'); continue; }
      if (inside && !__shown(inside)) add(__name(details), 'what folds is folded on paper');
    }
  }
  return found;
}, where);
