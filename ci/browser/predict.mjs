// Answers the predictions of a page wrongly, then rightly, as a reader does, and says what does not follow from it.
import { tried } from './look.mjs';

/** In the page: each of `answers` is entered and checked by the form's own controls; returns what is told of it. */
function answered(form, answers) {
  const plain = (lines) => lines.map((line) => line.trim()).join('\n');
  const text = (html) => new DOMParser().parseFromString(html, 'text/html').body.textContent;
  const enter = {
    type(lines) {
      const area = form.querySelector('textarea');
      area.value = lines.join('\n');
      area.dispatchEvent(new Event('input', { bubbles: true }));
    },
    choose(lines) {
      const label = [...form.querySelectorAll('label')].find((one) => plain(one.querySelector('code').innerHTML.split('<br>').map(text)) === plain(lines));
      label.querySelector('input').click();
    },
    order(lines) {
      const items = () => [...form.querySelectorAll('.order li')];
      lines.forEach((line, at) => {
        for (let tries = 0; tries < 20; tries += 1) {
          const from = items().findIndex((item) => item.querySelector('code').textContent === line);
          if (from <= at) break;
          items()[from].querySelector('button').click();
        }
      });
    },
  };
  return answers.map((lines) => {
    enter[form.dataset.kind](lines);
    form.querySelector('.check').click();
    const verdict = form.querySelector('.verdict');
    return [verdict.className, verdict.textContent];
  });
}

/** The page is left as a reader leaves it: answered, with the answers kept in this browser. */
export async function predict(page) {
  const findings = [];
  for (const form of await page.locator('main form.predict').all()) {
    const about = await form.getAttribute('data-about');
    const add = (message) => findings.push({ rule: 'predict', selector: `form[data-about="${about}"]`, message });
    tried.predictions = (tried.predictions ?? 0) + 1;
    const { kind, right, wrong } = await form.evaluate((f) => ({ kind: f.dataset.kind, right: JSON.parse(f.dataset.right), wrong: JSON.parse(f.dataset.wrong) }));
    const open = () => form.evaluate((f) => f.nextElementSibling.open);
    const whyCovered = () => form.evaluate((f) => { const why = f.parentElement.nextElementSibling; return why?.matches('.why') ? !why.open : null; });
    if (await open()) add('the answer lies open before it is asked for');
    if ((await whyCovered()) === false) add('the reason lies open before the answer');
    const give = async (lines) => {
      if (kind === 'type') return form.locator('textarea').fill(lines.join('\n'));
      if (kind === 'choose') {
        const texts = await form.locator('label code').evaluateAll((all) => all.map((code) => code.innerHTML.split('<br>').map((part) => new DOMParser().parseFromString(part, 'text/html').body.textContent.trim()).join('\n')));
        return form.locator('label input').nth(texts.indexOf(lines.map((line) => line.trim()).join('\n'))).check();
      }
      // By its own buttons: each line is moved up to its place.
      for (let at = 0; at < lines.length; at += 1) {
        for (let tries = 0; tries < 20; tries += 1) {
          const now = await form.locator('.order code').allTextContents();
          const from = now.indexOf(lines[at]);
          if (from <= at) break;
          await form.locator('.order li').nth(from).locator('button').first().press('Enter');
        }
      }
    };
    const judge = (answer, because, [look, text]) => {
      if (!look.includes('wrong') || !text.includes(because)) add(`a wrong answer (${answer.join(' / ')}) is told "${text}" (${look})`);
    };
    // The first by keyboard, the others by what the keyboard reaches: that Enter presses a button is the browser's doing.
    const [[first, because], ...others] = wrong;
    await give(first);
    await form.locator('.check').press('Enter');
    judge(first, because, await form.locator('.verdict').evaluate((v) => [v.className, v.textContent]));
    const told = await form.evaluate(answered, others.map(([answer]) => answer));
    others.forEach(([answer, because], at) => judge(answer, because, told[at]));
    if (!(await open())) add('after an answer what is printed stays covered');
    // The reason follows in an event of its own.
    const covered = await form.evaluate(async (f) => {
      const why = () => f.parentElement.nextElementSibling?.matches('.why:not([open])');
      for (let i = 0; i < 200 && why(); i += 1) await new Promise((done) => setTimeout(done, 5));
      return why();
    });
    if (covered) add('after an answer the reason stays covered');
    const [[look, text]] = await form.evaluate(answered, [right]);
    if (!look.includes('right')) add(`the right answer is told "${text}" (${look})`);
    const kept = await page.evaluate((key) => localStorage.getItem(key), `untwisted-predict-${about}`);
    if (kept === null || JSON.parse(kept).length !== right.length) add(`the answer is kept as ${kept}`);
  }
  return findings;
}
