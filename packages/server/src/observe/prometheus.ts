/** The numbers of a hub in the text format of Prometheus. They are counted without the library, which only writes them down. */
import type { HubStats } from '../core/index.ts';
import type { CloseCount } from './close-counts.ts';

export interface PrometheusText {
  readonly contentType: string;
  readonly text: string;
}

/** Names and help of what there is one number of. */
const GAUGES = {
  connections: ['fanfare_connections', 'Connections that are open now.'],
  subscriptions: ['fanfare_subscriptions', 'Subscriptions that stand now.'],
  channels: ['fanfare_channels', 'Channels with at least one subscriber.'],
} as const satisfies Partial<Record<keyof HubStats, readonly [string, string]>>;

const COUNTERS = {
  published: ['fanfare_published_total', 'Publishes taken, repeats with the same idempotency key included.'],
  delivered: ['fanfare_delivered_total', 'Events handed to connections.'],
  conflated: ['fanfare_conflated_total', 'State values that gave way to newer ones before a reader got them.'],
  droppedSignals: ['fanfare_dropped_signals_total', 'Signals that a slow reader did not get.'],
  slowConsumers: ['fanfare_slow_consumers_total', 'Readers that were ended because they did not keep up.'],
} as const satisfies Partial<Record<keyof HubStats, readonly [string, string]>>;

type One = readonly [name: string, help: string, value: number];
type Registers = import('prom-client').Registry;

/** Of the process, and so the same for every hub in it; collecting them begins when first asked for. */
let processMetrics: Registers | undefined;

/** The library is loaded when first asked for: an application that is not scraped pays nothing. */
export async function prometheusText(stats: HubStats, closes: readonly CloseCount[]): Promise<PrometheusText> {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = await import('prom-client');
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  const registers = [new Registry()];
  for (const [name, help, value] of valuesOf(GAUGES, stats)) new Gauge({ name, help, registers }).set(value);
  for (const [name, help, value] of valuesOf(COUNTERS, stats)) new Counter({ name, help, registers }).inc(value);
  const hits = new Counter({
    ...{ name: 'fanfare_limit_hits_total', labelNames: ['limit'], registers },
    help: 'How often somebody was refused, or ended, because of a limit.',
  });
  for (const [limit, count] of Object.entries(stats.limitHits)) hits.inc({ limit }, count);
  const ends = new Counter({
    ...{ name: 'fanfare_connections_closed_total', labelNames: ['wire', 'code', 'reason'], registers },
    help: 'How connections ended: the close code that was said on the wire, by us or by the peer (1005: a goodbye without one; 1006: nothing was said), and why we ended it, or peer.',
  });
  for (const { label: wire, code, reason, count } of closes) ends.inc({ wire, code, reason }, count);
  const all = Registry.merge([...registers, processMetrics]);
  return { contentType: all.contentType, text: await all.metrics() };
}

function valuesOf<K extends keyof HubStats & (keyof typeof GAUGES | keyof typeof COUNTERS)>(
  table: Readonly<Record<K, readonly [string, string]>>,
  stats: HubStats,
): readonly One[] {
  const names = Object.keys(table).filter((name): name is K => Object.hasOwn(table, name));
  return names.map((name) => [...table[name], stats[name]]);
}
