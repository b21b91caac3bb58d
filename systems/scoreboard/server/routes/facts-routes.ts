/** Open facts: numbers of the streams, the schema of a snapshot, health. */
import { Router, sendCached } from 'fanfare/http';
import type { ScoreboardParts } from '../parts.ts';
import { snapshotJsonSchema } from '../payloads.ts';

export function factsRoutes({ live, health }: ScoreboardParts): Router {
  return new Router()
    .get('/api/sse/stats', (exchange) => exchange.send(200, streamStats(live.channels())))
    .get('/api/schemas/snapshot.json', (exchange) =>
      sendCached(exchange, snapshotJsonSchema, { 'Content-Type': 'application/schema+json; charset=utf-8' }),
    )
    .get('/health', (exchange) => exchange.send(200, { ...health(), status: 'ok' }));
}

interface WatchedChannel {
  readonly channel: string;
  readonly subscribers: number;
}

/** Channels that somebody watches now. The total is the sum of the two kinds, as it always was. */
function streamStats(channels: Iterable<WatchedChannel>): Readonly<Record<string, number>> {
  const watched = [...channels].filter(({ subscribers }) => subscribers > 0);
  const tournaments = watched.filter(({ channel }) => channel.startsWith('tournament:'));
  const matches = watched.filter(({ channel }) => channel.startsWith('match:'));
  return {
    tournamentConnections: connectionsOf(tournaments),
    matchConnections: connectionsOf(matches),
    totalConnections: connectionsOf(tournaments) + connectionsOf(matches),
    tournamentChannels: tournaments.length,
    matchChannels: matches.length,
  };
}

function connectionsOf(channels: readonly WatchedChannel[]): number {
  return channels.reduce((sum, { subscribers }) => sum + subscribers, 0);
}
