/** Figures as people read them, in columns. */

export function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return all.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}

export function bytes(count) {
  return count >= 100_000 ? `${Math.round(count / 1000)} kB` : `${(count / 1000).toFixed(1)} kB`;
}

export function milliseconds(ms) {
  return ms >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

export function percent(part) {
  return `${(part * 100).toFixed(part < 0.1 ? 2 : 0)} %`;
}
