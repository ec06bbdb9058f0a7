// Sequence pictures: mermaid lays one out; here it becomes panels that fit a page, coloured by the page's style. `cargo book record` draws recorded runs
// with it, and a page a run that no recording has.
(function (root) {
  "use strict";
  const TALLEST = 700; // px of a panel without its heads

  /** Lays the diagram out and takes it apart, in the page. */
  async function parts(mermaid, text) {
    mermaid.initialize({
      startOnLoad: false, securityLevel: 'strict', theme: 'base', themeVariables: { fontFamily: '"DejaVu Sans", sans-serif' }, htmlLabels: false,
      sequence: { useMaxWidth: false, messageFontSize: 14, noteFontSize: 14, actorFontSize: 14 },
    });
    const { svg } = await mermaid.render('flow-layout', text);
    const box = document.createElement('div');
    box.style = 'position: absolute; visibility: hidden; inline-size: max-content; font: 14px "DejaVu Sans", sans-serif';
    box.innerHTML = svg;
    document.body.append(box);
    const root = box.querySelector('svg');
    const number = (e, name) => Number(e.getAttribute(name));
    const span = (e) => { const b = e.getBBox(); return [b.y, b.y + b.height]; };
    const words = (e) => [...e.querySelectorAll('tspan')].map((t) => t.textContent).join(' ') || e.textContent;
    const known = new Set();
    const take = (selector, make) => [...root.querySelectorAll(selector)].map((e) => { known.add(e); return make(e); });
    const line = (e) => ({
      class: `${e.classList.contains('messageLine1') ? 'dashed ' : ''}arrow`,
      head: /url\("?#(?:.*-)?(arrowhead|filled-head|crosshead|sequencenumber)"?\)/.exec(e.getAttribute('marker-end') ?? '')?.[1] ?? '',
      path: e.localName === 'path' ? e.getAttribute('d') : `M${number(e, 'x1')} ${number(e, 'y1')}L${number(e, 'x2')} ${number(e, 'y2')}`,
      span: span(e),
    });
    const write = (e) => ({ text: words(e), x: number(e, 'x'), span: span(e), middle: (span(e)[0] + span(e)[1]) / 2 });
    const rect = (e) => ({ x: number(e, 'x'), y: number(e, 'y'), width: number(e, 'width'), height: number(e, 'height') });
    const result = {
      title: root.querySelector('title')?.textContent ?? '',
      view: root.viewBox.baseVal && [root.viewBox.baseVal.x, root.viewBox.baseVal.width],
      heads: take('rect.actor-top', (e) => ({ ...rect(e), text: words(e.parentElement.querySelector('text')) })),
      lines: take('line.actor-line', (e) => number(e, 'x1')),
      bands: take('rect.rect', rect),
      notes: take('rect.note', rect),
      notewords: take('text.noteText', write),
      messages: take('text.messageText', write),
      arrows: take('.messageLine0, .messageLine1', line),
      strange: [],
    };
    for (const e of root.querySelectorAll('rect, line, path, text, circle, polygon')) {
      if (known.has(e) || e.closest('defs, marker, symbol') || e.matches('.actor-bottom, .actor-box, text.actor')) continue;
      result.strange.push(`${e.localName}.${e.getAttribute('class')}`);
    }
    box.remove();
    return result;
  }

  /** What belongs together and must not be cut: a note with its words, an arrow with what it says. */
  function groups({ notes, notewords, messages, arrows }) {
    const all = notes.map((note) => {
      const inside = notewords.filter((w) => w.middle > note.y && w.middle < note.y + note.height && w.x > note.x && w.x < note.x + note.width);
      return { from: note.y, to: note.y + note.height, note, words: inside };
    });
    const left = [...messages];
    for (const arrow of [...arrows].sort((a, b) => a.span[0] - b.span[0])) {
      const words = left.filter((w) => w.middle < arrow.span[1] + 1);
      for (const w of words) left.splice(left.indexOf(w), 1);
      all.push({ from: Math.min(arrow.span[0], ...words.map((w) => w.span[0])) - 2, to: arrow.span[1] + 8, arrow, words });
    }
    if (left.length) throw new Error(`no arrow for "${left[0].text}"`);
    return all.sort((a, b) => a.from - b.from);
  }

  /** Cuts the picture between groups, between two turns where that leaves panels that are not too small. */
  function cut(all, bands) {
    const panels = [];
    let from = 0;
    while (from < all.length) {
      const top = all[from].from;
      let best = 0;
      let last = from + 1;
      for (let at = from + 1; at <= all.length; at += 1) {
        const bottom = Math.max(...all.slice(from, at).map((g) => g.to));
        if (bottom - top > TALLEST) break;
        last = at;
        const middle = at < all.length ? (bottom + all[at].from) / 2 : Infinity;
        // The note over all columns that names a turn stands in its band: the cut is before what belongs to the next turn.
        if (at === all.length || (!bands.some((b) => middle > b.y + 14 && middle < b.y + b.height - 14) && bottom - top > TALLEST * 0.3)) best = at;
      }
      const to = best || last;
      panels.push(all.slice(from, to));
      from = to;
    }
    return panels;
  }

  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
  const round = (x) => String(Math.round(x * 10) / 10);

  function label(turns, before) {
    const [first, last] = [turns[0], turns.at(-1)];
    if (first === undefined) return before ? 'before the first turn' : 'the end';
    const names = first === last ? `turn ${first}` : `turns ${first} to ${last}`;
    return before ? `before the first turn, ${names}` : names;
  }

  /** The panels as lines of SVG. */
  function draw(found, name) {
    if (found.strange.length) throw new Error(`shapes that this does not know: ${[...new Set(found.strange)].join(', ')}`);
    const all = groups(found);
    const head = Math.max(...found.heads.map((h) => h.y + h.height));
    const [left, width] = found.view;
    let turn;
    return cut(all, found.bands).map((panel, at) => {
      const [top, bottom] = [panel[0].from, Math.max(...panel.map((g) => g.to))];
      const turns = panel.flatMap((g) => g.words.map((w) => /^Turn (\d+)/.exec(w.text)?.[1])).filter(Boolean).map(Number);
      const middle = (panel[0].from + panel[0].to) / 2;
      const begins = panel[0].words.some((w) => /^(Turn|After turn|Before)/.test(w.text));
      if (turn !== undefined && !begins && found.bands.some((b) => b.y < top - 14 && b.y + b.height > middle)) turns.unshift(turn);
      turn = turns.at(-1) ?? turn;
      const said = label(turns, panel.some((g) => g.words.some((w) => w.text.startsWith('Before the first turn'))));
      const shift = head + 14 - top;
      const height = bottom + shift + 12;
      const id = `flow-${name}-${at + 1}`;
      const heads = new Set(panel.map((g) => g.arrow?.head).filter(Boolean));
      const out = [`<svg class="sequence" role="img" aria-labelledby="${id}-title" viewBox="${round(left)} -4 ${round(width)} ${round(height + 6)}" width="${round(width)}" height="${round(height + 6)}" data-label="${said}">`];
      out.push(`<title id="${id}-title">${escape(`${found.title}: ${said}`)}</title>`);
      for (const kind of heads) {
        const [box, path] = { arrowhead: ['-1 -1 12 12', 'M-1 0L10 5L0 10z'], 'filled-head': ['0 0 20 14', 'M18 7L9 13L14 7L9 1Z'], crosshead: ['0 0 12 12', 'M1 2L8 9M8 2L1 9'] }[kind];
        out.push(`<marker id="${id}-${kind}" viewBox="${box}" refX="${kind === 'filled-head' ? 16 : 8}" refY="${kind === 'filled-head' ? 7 : 5}" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto"><path d="${path}"/></marker>`);
      }
      for (const b of found.bands) {
        const [y, end] = [Math.max(b.y, top - 8), Math.min(b.y + b.height, bottom + 6)];
        if (end - y > 12) out.push(`<rect class="band" x="${round(b.x)}" y="${round(y + shift)}" width="${round(b.width)}" height="${round(end - y)}"/>`);
      }
      for (const x of found.lines) out.push(`<path class="life" d="M${round(x)} ${round(head)}V${round(height)}"/>`);
      for (const h of found.heads) {
        out.push(`<rect class="who" x="${round(h.x)}" y="${round(h.y)}" width="${round(h.width)}" height="${round(h.height)}" rx="4"/><text class="strong" x="${round(h.x + h.width / 2)}" y="${round(h.y + h.height / 2)}">${escape(h.text)}</text>`);
      }
      for (const g of panel) {
        if (g.note) out.push(`<rect class="${found.heads.length > 1 && g.note.width > width * 0.6 ? 'note wide' : 'note'}" x="${round(g.note.x)}" y="${round(g.note.y + shift)}" width="${round(g.note.width)}" height="${round(g.note.height)}" rx="3"/>`);
        if (g.arrow) out.push(`<path class="${g.arrow.class}" transform="translate(0 ${round(shift)})" d="${g.arrow.path}"${g.arrow.head ? ` marker-end="url(#${id}-${g.arrow.head})"` : ''}/>`);
        for (const w of g.words) out.push(`<text x="${round(w.x)}" y="${round(w.middle + shift)}">${escape(w.text)}</text>`);
      }
      return `${out.join('')}</svg>`;
    });
  }

  /** The panels of a sequence picture, an SVG each. `name` begins their ids. */
  root.sequence = async (mermaid, text, name) => draw(await parts(mermaid, text), name);
})((globalThis.untwisted ??= {}));
