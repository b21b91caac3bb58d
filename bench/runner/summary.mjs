/** From runs to medians and ratios. A ratio is taken within a round, then the median of the rounds. */
import { peers } from '../peers.mjs';
import { scenarios } from '../scenarios.mjs';

/** Compared with in the same round and on the same wire, where it ran; otherwise with this one's other wire. */
const BASE = 'bare';

/** Per scenario `{ name, scenario, rows }`; a row: `{ peer, wire, label, median, low, high, ratio, columns, rounds, errors }`. */
export function summarise(runs) {
  return Object.entries(scenarios)
    .map(([name, scenario]) => ({
      name,
      scenario,
      rows: rowsOf(
        scenario,
        runs.filter((run) => run.scenario === name),
      ),
    }))
    .filter(({ rows }) => rows.length > 0);
}

export function valueAt(result, key) {
  return key.split('.').reduce((value, part) => value?.[part], result);
}

function rowsOf(scenario, runs) {
  const { figure, columns } = scenario;
  const groups = Map.groupBy ? Map.groupBy(runs, rowKey) : grouped(runs);
  const rows = [...groups.values()].map((group) => {
    const [{ peer, wire }] = group;
    const good = group.filter(({ result }) => result.error === undefined);
    const values = numbers(good.map(({ result }) => valueAt(result, figure.key)));
    return {
      peer,
      wire,
      label: peers[peer].label,
      median: median(values),
      low: Math.min(...values),
      high: Math.max(...values),
      ratio: median(numbers(good.map((run) => ratioOf(run, runs, figure)))),
      columns: columns.map((key) => [key, median(numbers(good.map(({ result }) => valueAt(result, key))))]),
      rounds: good.length,
      errors: group.flatMap(({ result }) => result.error ?? []),
    };
  });
  return rows.sort((a, b) => (figure.lower ? a.median - b.median : b.median - a.median));
}

/** Above 1: worse than the base. */
function ratioOf(run, runs, { key, lower }) {
  const bases = runs.filter(({ peer, round, result }) => peer === BASE && round === run.round && !result.error);
  const base = bases.find(({ wire }) => wire === run.wire) ?? bases[0];
  if (base === undefined) return Number.NaN;
  const [mine, theirs] = [valueAt(run.result, key), valueAt(base.result, key)];
  return lower ? mine / theirs : theirs / mine;
}

export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function numbers(values) {
  return values.filter(Number.isFinite);
}

function rowKey({ peer, wire }) {
  return `${peer}:${wire}`;
}

function grouped(runs) {
  const groups = new Map();
  for (const run of runs) groups.set(rowKey(run), [...(groups.get(rowKey(run)) ?? []), run]);
  return groups;
}
