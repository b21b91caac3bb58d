/** An umpire’s page and the end that scores, for tests of the tap queue: no network but the weather that a test chooses. */
import {
  type ActionName,
  apply,
  createMatch,
  type MatchState,
  type Snapshot,
  snapshotOf,
} from '@fanfare-systems/scoreboard/rules';
import {
  nextToSend,
  openQueue,
  type Tap,
  type TapAnswer,
  type TapEvent,
  type TapQueue,
  transition,
  versionOnScreen,
} from '../web/umpire/tap-queue.ts';

/** The scoring end as its contract says: one match, keys that count once, versions that must fit where they are given. */
export class Server {
  readonly counted: string[] = [];
  #match: MatchState;
  readonly #keys = new Set<string>();
  readonly #matchId: string;

  constructor(matchId = 'm1') {
    this.#matchId = matchId;
    this.#match = createMatch({ names: ['A', 'B'], bestOf: 3, firstServer: 0 }, 0);
  }

  get snapshot(): Snapshot {
    return snapshotOf(this.#match, { matchId: this.#matchId });
  }

  count({ key, action, seen }: Tap): TapAnswer {
    if (this.#keys.has(key)) return { kind: 'counted', key, snapshot: this.snapshot };
    const meansWhatWasSeen = action === 'undo' || action === 'nextGame' || action === 'reset';
    if (meansWhatWasSeen && seen !== this.#match.version) {
      return { kind: 'refused', key, code: 'VERSION_CONFLICT', snapshot: this.snapshot };
    }
    const outcome = apply(this.#match, { action }, 0);
    if (!outcome.ok) return { kind: 'refused', key, code: outcome.code, snapshot: this.snapshot };
    this.#match = outcome.value;
    this.#keys.add(key);
    this.counted.push(key);
    return { kind: 'counted', key, snapshot: this.snapshot };
  }
}

/** A page with its queue; `stored` is what its tab keeps. */
export class Page {
  queue: TapQueue;
  #made = 0;
  readonly tapped: string[] = [];

  constructor() {
    this.queue = openQueue();
  }

  take(event: TapEvent): void {
    this.queue = transition(this.queue, event);
  }

  tap(action: ActionName): Tap {
    this.#made += 1;
    const matchId = this.queue.truth?.now.matchId ?? null;
    const tap: Tap = { key: `k${this.#made}`, action, matchId, seen: versionOnScreen(this.queue), at: 0 };
    this.tapped.push(tap.key);
    this.take({ kind: 'tapped', tap });
    return tap;
  }

  /** One attempt over the network. `lost-answer`: the server counted, and nobody heard. */
  send(server: Server, weather: 'fine' | 'lost-request' | 'lost-answer'): void {
    const tap = nextToSend(this.queue);
    if (tap === undefined) return;
    this.take({ kind: 'sent' });
    const answer = weather === 'lost-request' ? undefined : server.count(tap);
    this.take(weather === 'fine' && answer !== undefined ? answer : { kind: 'unreachable', key: tap.key });
  }

  reload(): void {
    this.queue = openQueue(this.queue.taps);
  }

  drain(server: Server): void {
    for (let left = 1000; nextToSend(this.queue) !== undefined && left > 0; left -= 1) this.send(server, 'fine');
    this.take({ kind: 'heard', snapshot: server.snapshot });
  }
}

export function ready(server: Server): Page {
  const page = new Page();
  page.take({ kind: 'heard', snapshot: server.snapshot });
  return page;
}
