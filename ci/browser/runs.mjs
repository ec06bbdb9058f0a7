// Checks the player's model over every recorded run: its states against a fold made in another way, its sentences, its causes, its lines, its weight.
//
//   node ci/browser/runs.mjs SITE
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import vm from 'node:vm';

const site = resolve(process.argv[2] ?? 'target/site');
const theme = resolve('theme/player');
const found = [];
const wrong = (where, what) => { if (found.length < 40) found.push(`${where}: ${what}`); };

// The parts without a page: they must not touch one.
const world = vm.createContext({ structuredClone });
for (const name of ['model.js', 'say.js', 'ask.js']) vm.runInContext(readFileSync(join(theme, name), 'utf8'), world, { filename: name });
const { Run } = world.untwisted;

// What is served is made of the same files, with other names: it has to say the same. The stage asks once whether things may move.
const served = vm.createContext({ structuredClone, matchMedia: () => ({}) });
for (const name of ['player.js', 'player-ask.js', 'player-why.js']) vm.runInContext(readFileSync(join(site, name), 'utf8'), served, { filename: name });

/** What is there after each event: names of objects by kind, from their first and their last event, in one pass and without the model. */
function* simple(events) {
  const live = { timers: [], calls: [], socks: [], tasks: [], jobs: [] };
  const out = [];
  const ends = []; // of connections that are open, on our side or another
  const tickets = []; // of locks: who, and how far
  const stand = {};
  const into = { 'timer.set': 'timers', 'call.queue': 'calls', 'io.watch': 'socks', 'task.spawn': 'tasks', 'job.queue': 'jobs' };
  const away = { 'timer.fire': 'timers', 'timer.cancel': 'timers', 'call.run': 'calls', 'conn.lost': 'socks', 'io.forget': 'socks', 'task.drop': 'tasks', 'job.end': 'jobs' };
  for (const e of events) {
    const [to, from] = [into[e.k], away[e.k]];
    if (to && !live[to].includes(e.o)) live[to].push(e.o);
    if (from) live[from] = live[from].filter((o) => o !== e.o);
    if (e.k === 'out') out.push(e.a.text);
    if (e.k === 'conn.open' && e.a.to) ends.push(e.o);
    if (e.k.startsWith('lock.')) {
      const mine = tickets.findIndex((t) => t.lock === e.o && t.who === e.a.who);
      if (mine >= 0) tickets.splice(mine, 1);
      if (e.k !== 'lock.leave') tickets.push({ lock: e.o, who: e.a.who, how: e.k });
    }
    if (e.k === 'task.wait') stand[e.o] = e.s;
    if (e.k === 'task.poll' || e.k === 'task.drop') delete stand[e.o];
    yield { asked: [...ends].sort().join(), stands: Object.keys(stand).filter((o) => stand[o] !== undefined).sort().map((o) => `${o}@${stand[o]}`).join(), locks: tickets.map((t) => `${t.lock} ${t.how === 'lock.join' ? 'line' : 'in'} ${t.who}`).sort().join(), ...Object.fromEntries(Object.entries(live).map(([kind, list]) => [kind, [...list].sort().join()])), out: out.length, last: out.at(-1) };
  }
}

const LONG = 350; // events of a run that is played through
const without = {}; // kinds of steps that lead to no line, and where
let runs = 0, steps = 0, ours = 0, lined = 0, own = 0, questions = 0, waits = 0, reasons = 0, locks = 0, heaviest = ['', 0];
for (const entry of readdirSync(join(site, 'runs'), { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath ?? entry.path, entry.name);
  const text = readFileSync(file, 'utf8');
  const box = vm.createContext({});
  vm.runInContext(text, box, { filename: file });
  const [[name, { trace, source, names, stops }]] = Object.entries(box.untwisted.runs);
  const size = gzipSync(text, { level: 9 }).length;
  if (size > heaviest[1]) heaviest = [name, size];
  runs += 1;

  const run = new Run(trace, source, names);
  if (run.events.length > LONG && !stops) wrong(name, `it has ${run.events.length} events: its listing has to say in \`stops\` where the player stops`);
  for (const stop of stops ?? []) if (!run.steps.some((e) => e.k === stop)) wrong(name, `it stops at ${stop}, which does not happen`);
  const expected = [...simple(run.events)];
  const told = (s) => ({ asked: s.wires.map((w) => w.o).sort().join(), stands: s.tasks.filter((k) => k.at !== undefined).map((k) => `${k.o}@${k.at}`).sort().join(), locks: s.locks.flatMap((m) => [...m.inside.map((d) => `${m.o} in ${d}`), ...m.line.map((d) => `${m.o} line ${d}`)]).sort().join(), ...Object.fromEntries(['timers', 'calls', 'socks', 'tasks', 'jobs'].map((kind) => [kind, s[kind].map((x) => x.o).sort().join()])), out: s.out.length, last: s.out.at(-1) });
  const same = (n, way) => {
    const [a, b] = [JSON.stringify(told(run.state(n))), JSON.stringify(expected[n - 1])];
    if (a !== b) wrong(name, `after event ${n}, ${way}: the model says ${a}, the events say ${b}`);
    return a;
  };
  for (let n = 1; n <= run.events.length; n += 1) same(n, 'forward');
  const dense = new served.untwisted.Run(trace, source, names);
  const tells = (model, e) => JSON.stringify([model.state(e.n), model.say(e), model.line(e), model.why(e).map((c) => c.n), model.question(e)]);
  for (const e of run.steps) if (tells(dense, dense.at(e.n)) !== tells(run, e)) wrong(name, `event ${e.n}: the served script says something else than theme/player`);
  const whole = (n) => JSON.stringify(run.state(n));
  const forward = run.steps.map((e) => whole(e.n));
  const back = new Run(trace, source, names); // nothing of it is remembered
  for (const e of [...back.steps].reverse()) {
    if (JSON.stringify(back.state(e.n)) !== forward[e.step]) wrong(name, `after event ${e.n}: going back shows something else than going on`);
  }
  // What holds a lock, or leaves it, asked for it where it joined the line or was let in at once.
  const came = new Map();
  for (const e of run.events.filter((e) => e.k.startsWith('lock.'))) {
    const key = `${e.o} ${e.a.who}`;
    const site = came.get(key) ?? run.header.sites[e.s];
    came.set(key, site);
    locks += 1;
    if (!site?.[0].includes('/examples/')) continue; // a library asked
    if (run.line(e)?.line !== site[1]) wrong(name, `event ${e.n} (${e.k}) is on line ${run.line(e)?.line}; its holder asked on line ${site[1]}`);
    if (!names[e.o]) wrong(name, `${e.o} has no name`);
  }
  for (const e of run.steps) {
    steps += 1;
    for (const hide of [false, true]) {
      const said = run.say(e, hide);
      if (!said || /undefined|NaN|\[object/.test(said)) wrong(name, `event ${e.n} (${e.k}) is told as "${said}"`);
    }
    for (const cause of run.why(e)) if (cause.n >= e.n && e.k !== 'turn.phase') wrong(name, `event ${e.n} has a cause that comes later, ${cause.n}`);
    const line = run.line(e);
    if (line && (line.line < 1 || line.line > run.source.length)) wrong(name, `event ${e.n} is said to be on line ${line.line} of ${run.source.length}`);
    if (e.h !== undefined && run.ours(e.h)) {
      ours += 1;
      if (line) lined += 1;
      if (line?.how === 'runs') own += 1;
      if (!line) (without[e.k] ??= new Set()).add(name);
    }
    if (e.k === 'turn.phase' && e.a.phase === 'wait') {
      waits += 1;
      if (run.woke(e)) reasons += 1;
      else if (run.after(e).t > e.t) wrong(name, `event ${e.n} waits, and nothing says why it ended`);
    }
    const question = run.question(e);
    if (question) {
      questions += 1;
      if (!question.answers.includes(question.right)) wrong(name, `the question at event ${e.n} has no right answer`);
      if (new Set(question.answers).size !== question.answers.length) wrong(name, `the question at event ${e.n} has an answer twice`);
    }
  }
}

const percent = (part, all) => `${((100 * part) / all).toFixed(1)} %`;
const gz = (name) => gzipSync(readFileSync(join(site, name)), { level: 9 }).length;
const [scripts, styles] = [gz('player.js'), gz('player.css')];
if (locks === 0) wrong('locks', 'no run has one');
if (runs < 50) wrong('runs', `only ${runs} are there: build the book first (cargo book build)`);
if (own / ours < 0.5) wrong('lines', `only ${percent(own, ours)} of the steps of the listing's own host have a line of their own`);
if (lined / ours < 0.9) wrong('lines', `only ${percent(lined, ours)} of the steps of the listing's own host lead to a line`);
for (const [what, is, most] of [['scripts', scripts, 13_000], ['styles', styles, 4_500], [`run ${heaviest[0]}`, heaviest[1], 15_360]]) {
  if (is > most) wrong('weight', `${what}: ${is} bytes gz, at most ${most}`);
}
found.forEach((line) => console.log(line));
console.log(`${runs} runs, ${steps} steps, ${questions} questions; of ${ours} steps of the listing's own host ${percent(lined, ours)} lead to a line, ${percent(own, ours)} to one of their own; of ${waits} waits ${reasons} say why they ended`);
if (process.argv.includes('--without')) for (const [kind, where] of Object.entries(without)) console.log(`no line: ${kind}, in ${where.size} runs: ${[...where].slice(0, 6).join(' ')}`);
console.log(`gz: scripts ${scripts}, styles ${styles}, heaviest run ${heaviest[1]} (${heaviest[0]})`);
process.exit(found.length ? 1 : 0);
