/** Two runs side by side: did the second measure what the first did? Ratios are compared, because times are the machine's. */
import { summarise } from './summary.mjs';
import { number } from './table.mjs';

/** Two ratios further apart than this are not the same figure. */
const MOST_APART = 0.15;

/** Per load and server that both measured: `{ load, server, wire, what, first, second, apart, differs }`. `apart`: 0.1 is a tenth more in the second. */
export function compare(first, second) {
  const others = new Map(rowsOf(second).map((row) => [row.key, row]));
  return rowsOf(first).flatMap((row) => {
    const other = others.get(row.key);
    // A ratio where there is a base in both; without one, the figures themselves are all there is.
    const key = Number.isFinite(row.ratio) && Number.isFinite(other?.ratio) ? 'ratio' : 'median';
    if (!Number.isFinite(row[key]) || !Number.isFinite(other?.[key])) return [];
    const apart = other[key] / row[key] - 1;
    const { load, server, wire } = row;
    const what = key === 'ratio' ? 'x bare' : row.unit;
    return [{ load, server, wire, what, first: row[key], second: other[key], apart, differs: isFar(apart) }];
  });
}

/** As Markdown, with a mark at what differs, and how many do. Says also what only one of the two has. */
export function comparison(first, second) {
  const rows = compare(first, second);
  const differ = rows.filter(({ differs }) => differs).length;
  const head = ['load', 'server', 'first', 'second', '', 'apart', ''];
  const lines = rows.map((row) => [
    ...[row.load, `${row.server} ${row.wire}`, number(row.first), number(row.second), row.what],
    ...[percent(row.apart), row.differs ? '<-' : ''],
  ]);
  const widths = head.map((cell, index) => Math.max(cell.length, ...lines.map((line) => line[index].length)));
  const line = (cells) => `| ${cells.map((cell, index) => padded(cell, widths[index], index)).join(' | ')} |`;
  const rule = `|${widths.map((width, index) => (index < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const told = `${rows.length} figures, ${differ} more than ${MOST_APART * 100} % apart`;
  return [line(head), rule, ...lines.map(line), '', `${told}${alone(first, second)}.`].join('\n');
}

function alone(first, second) {
  const [ours, theirs] = [first, second].map((runs) => new Set(rowsOf(runs).map(({ key }) => key)));
  const only = [...ours].filter((key) => !theirs.has(key)).length + [...theirs].filter((key) => !ours.has(key)).length;
  return only === 0 ? '' : `; ${only} are in one of the two alone`;
}

function rowsOf(runs) {
  return summarise(runs).flatMap(({ name, scenario, rows }) =>
    rows.map(({ peer, wire, label, median, ratio }) => {
      const { unit } = scenario.figure;
      return { key: `${name} ${peer}:${wire}`, load: name, server: label, wire, median, ratio, unit };
    }),
  );
}

function isFar(apart) {
  return apart > MOST_APART || 1 / (1 + apart) - 1 > MOST_APART;
}

function percent(share) {
  return `${share < 0 ? '-' : '+'}${Math.abs(share * 100).toFixed(0)} %`;
}

function padded(cell, width, index) {
  return index < 2 ? cell.padEnd(width) : cell.padStart(width);
}
