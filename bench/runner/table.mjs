/** The summary as text: Markdown that reads in a terminal. */
import { columnLabels } from '../scenarios.mjs';

export function tables(summary) {
  return summary.map(table).join('\n');
}

function table({ name, scenario, rows }) {
  const { figure, columns, title } = scenario;
  const head = [
    'server',
    `${figure.label}, ${figure.unit}`,
    'x bare',
    ...columns.map((key) => columnLabels[key] ?? key),
    'rounds',
  ];
  const lines = rows.map((row) => [
    `${row.label} ${row.wire}`,
    number(row.median),
    number(row.ratio),
    ...row.columns.map(([, value]) => number(value)),
    `${row.rounds}${row.errors.length > 0 ? ` (${row.errors.length} failed: ${row.errors[0]})` : ''}`,
  ]);
  const widths = head.map((cell, index) => Math.max(cell.length, ...lines.map((line) => line[index].length)));
  const line = (cells) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join(' | ')} |`;
  const rule = `|${widths.map((width, index) => (index === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return `\n${name}: ${title}\n\n${[line(head), rule, ...lines.map(line)].join('\n')}\n`;
}

/** Three significant digits; thousands in groups. */
export function number(value) {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1000)
    return Math.round(value)
      .toString()
      .replace(/\B(?=(\d{3})+$)/g, ' ');
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}
