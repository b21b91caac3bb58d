/** `npm run bench`: measures Fanfare and its peers on this machine, prints tables of medians and ratios, writes a report. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { peers } from './peers.mjs';
import { comparison } from './runner/compare.mjs';
import { machine } from './runner/machine.mjs';
import { endAll, goFirst } from './runner/processes.mjs';
import { report } from './runner/report.mjs';
import { runRounds } from './runner/rounds.mjs';
import { summarise, valueAt } from './runner/summary.mjs';
import { number, tables } from './runner/table.mjs';
import { quick, scenarios, usual } from './scenarios.mjs';

const HELP = `npm run bench -- [flags] [server[:wire] ...]

  --quick             few scenarios, short: a quarter of an hour for all servers
  --rounds N          default 5, quick 3
  --scenarios A,B     ${Object.keys(scenarios).join(' ')}
  --duration MS       how long each load is measured; default 2000, quick 1500
  --out FOLDER        where the results go; default bench-results
  --compare A B       measures nothing: shows the ratios of two runs.jsonl beside each other, and what differs by more than 15 %
  --help

Servers: ${Object.keys(peers).join(' ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    scenarios: { type: 'string' },
    duration: { type: 'string' },
    out: { type: 'string', default: 'bench-results' },
    compare: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.compare) console.log(comparison(...twoRuns(positionals)));
else await main();

async function main() {
  const rounds = positive('--rounds', values.rounds ?? (values.quick ? '3' : '5'));
  const durationMs = positive('--duration', values.duration ?? (values.quick ? '1500' : '2000'));
  const names = known('scenario', values.scenarios?.split(',') ?? (values.quick ? quick : usual), scenarios);
  const entries = chosenEntries(positionals);
  const runs = [];
  const stopped = interruptible();
  const before = machine();
  goFirst();
  const onRun = (run) => {
    runs.push(run);
    console.error(progress(run));
  };
  await Promise.race([runRounds({ rounds, names, entries, times: { warmupMs: 800, durationMs }, onRun }), stopped]);
  finish({ runs, before });
  // After Ctrl-C the rounds would go on.
  process.exit(0);
}

function finish({ runs, before }) {
  const facts = { ...before, finishedAt: new Date().toISOString(), loadAfter: machine().load };
  const summary = summarise(runs);
  console.log(tables(summary));
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'runs.jsonl'), runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
  writeFileSync(join(values.out, 'report.html'), report(summary, facts));
  console.log(`Report: ${join(values.out, 'report.html')}`);
}

function progress({ round, scenario, peer, wire, result }) {
  const { figure } = scenarios[scenario];
  const told = result.error ?? `${number(valueAt(result, figure.key))} ${figure.unit}`;
  return `round ${round + 1}  ${scenario.padEnd(18)} ${`${peer}:${wire}`.padEnd(20)} ${told}`;
}

function twoRuns(files) {
  if (files.length !== 2) refuse(`--compare takes two files, such as a/runs.jsonl b/runs.jsonl, not ${files.length}`);
  return files.map(readRuns);
}

function readRuns(file) {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  } catch (error) {
    return refuse(`${file} is no runs.jsonl of a bench: ${error.message}`);
  }
}

/** Ctrl-C, or a request to end, ends what was started, and reports what was measured so far. */
function interruptible() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void endAll().then(resolve));
  });
}

function chosenEntries(asked) {
  const wanted = asked.length > 0 ? asked : Object.keys(peers);
  known(
    'server',
    wanted.map((one) => one.split(':')[0]),
    peers,
  );
  return wanted.flatMap((one) => {
    const [peer, wire] = one.split(':');
    const missing = peers[peer].missing?.();
    if (missing !== undefined) console.error(`${peer} is left out: ${missing}`);
    const wires = Object.keys(peers[peer].wires).filter((name) => wire === undefined || wire === name);
    return missing === undefined ? wires.map((name) => ({ peer, wire: name })) : [];
  });
}

function known(what, names, all) {
  for (const name of names) if (!(name in all)) refuse(`unknown ${what} ${name}; known: ${Object.keys(all).join(' ')}`);
  return names;
}

function positive(flag, text) {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : refuse(`${flag} takes a whole number above 0, not ${text}`);
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
