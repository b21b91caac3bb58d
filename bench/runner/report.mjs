/** The summary as one HTML file that needs nothing else: a plot and a table per load, light and dark. */
import { peers } from '../peers.mjs';
import { columnLabels } from '../scenarios.mjs';
import { css } from './report-style.mjs';
import { number } from './table.mjs';

const WIRES = { sse: 'SSE', ws: 'WebSocket' };
const PLOT = { width: 544, label: 196, value: 104, row: 28, bar: 13 };

export function report(summary, facts) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fanfare bench, ${escaped(facts.startedAt.slice(0, 10))}</title>
<style>${css}</style>
</head>
<body>
<header>
<p class="brand">Fanfare bench</p>
<h1>Delivery, measured side by side</h1>
<p class="lead">Every server met every load on this machine, in turns. Bars are medians of the rounds, lines reach from the
lowest to the highest. <b>Shorter is better</b> everywhere. Ratios are taken within a round, against bare Node sockets with no hub behind them.</p>
<dl class="facts">${factList(facts)}</dl>
</header>
<nav aria-label="Loads">${summary.map(({ name }) => `<a href="#${name}">${escaped(name)}</a>`).join('')}</nav>
<main>${summary.map(section).join('\n')}</main>
<footer><h2>Servers</h2><dl>${serverList(summary)}</dl>
<p>Figures belong to this machine at this moment; other work on it moves the times, and hardly the CPU. Compare ratios, and only within one report.
The method is in <code>bench/README.md</code>.</p></footer>
</body>
</html>
`;
}

function factList(facts) {
  const shown = {
    Machine: `${facts.cpu}, ${facts.memoryGb} GB`,
    System: facts.system,
    Node: facts.node,
    Measured: `${facts.startedAt.slice(0, 16).replace('T', ' ')} to ${facts.finishedAt.slice(11, 16)} UTC`,
    'Load before and after': `${facts.load.toFixed(1)}, ${facts.loadAfter.toFixed(1)}`,
  };
  return Object.entries(shown)
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escaped(value)}</dd></div>`)
    .join('');
}

function serverList(summary) {
  const names = new Set(summary.flatMap(({ rows }) => rows.map(({ peer }) => peer)));
  return [...names]
    .map(
      (name) =>
        `<div><dt>${escaped(peers[name].label)}</dt><dd>${escaped(peers[name].about ?? 'as its documentation shows it')}</dd></div>`,
    )
    .join('');
}

function section({ name, scenario, rows }) {
  const { figure, title, columns, job } = scenario;
  // Without subscribers there is no wire to speak of.
  const wires = job.subscribers !== 0 && job.mode !== 'in-process';
  const measured = rows.filter(({ rounds }) => rounds > 0);
  const failed = rows.filter(({ errors }) => errors.length > 0);
  const head = [
    'Server',
    `${figure.label}, ${figure.unit}`,
    'x bare',
    ...columns.map((key) => columnLabels[key] ?? key),
    'rounds',
  ];
  const cells = measured.map((row) => [
    escaped(labelOf(row, wires)),
    number(row.median),
    number(row.ratio),
    ...row.columns.map(([, value]) => number(value)),
    row.rounds,
  ]);
  return `<section id="${name}">
<h2>${escaped(title)}</h2>
<p class="figure">${escaped(figure.label)}, ${escaped(figure.unit)}</p>
${plot(measured, { name: `${title}: ${figure.label}`, wires })}
<details><summary>All figures</summary><div class="scroll"><table><thead><tr>${head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead>
<tbody>${cells.map(([first, ...rest]) => `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</tbody></table></div></details>
${failed.map((row) => `<p class="failed">${escaped(labelOf(row, wires))}: ${row.errors.length} failed (${escaped(row.errors[0])})</p>`).join('')}
</section>`;
}

function plot(rows, { name, wires }) {
  const { width, label, value, row, bar } = PLOT;
  const room = width - label - value;
  const most = Math.max(...rows.map(({ high }) => high));
  const x = (figure) => label + (Math.max(0, figure) / most) * room;
  const height = rows.length * row;
  const bars = rows.map((one, index) => {
    const top = index * row + (row - bar) / 2;
    const middle = index * row + row / 2;
    const ratio =
      Number.isFinite(one.ratio) && one.peer !== 'bare' ? ` <tspan class="ratio">${number(one.ratio)}x</tspan>` : '';
    return `<g class="${classOf(one.peer)}">
<text class="name" x="${label - 12}" y="${middle}" text-anchor="end">${escaped(peers[one.peer].label)}${wires ? ` <tspan class="wire">${WIRES[one.wire]}</tspan>` : ''}</text>
<rect x="${label}" y="${top}" width="${Math.max(2, x(one.median) - label).toFixed(1)}" height="${bar}" rx="3"/>
<path class="range" d="M${x(one.low).toFixed(1)} ${middle}H${x(one.high).toFixed(1)}M${x(one.low).toFixed(1)} ${middle - 4}v8M${x(one.high).toFixed(1)} ${middle - 4}v8"/>
<text class="value" x="${x(one.high) + 12}" y="${middle}">${number(one.median)}${ratio}</text></g>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(name)}">
<path class="axis" d="M${label} 0V${height}"/>${bars.join('')}</svg>`;
}

function classOf(peer) {
  if (peer === 'bare') return 'base';
  return peer.startsWith('fanfare') ? 'ours' : 'peer';
}

function labelOf({ peer, wire }, wires) {
  return wires ? `${peers[peer].label} ${WIRES[wire]}` : peers[peer].label;
}

function escaped(text) {
  return String(text).replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char]);
}
