/** All courts of the hall: read once, then kept up to date by the event stream of each court's match. */
import { type Client, type Off, throttleLatest } from '@fanfare/client';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';
import type { MatchEvent, Snapshot } from '@fanfare-systems/scoreboard/rules';
import { followMatch } from './follow-match.ts';

export interface CourtLine {
  readonly courtId: string;
  readonly name: string;
  readonly matchId: string;
  readonly snapshot: Snapshot | undefined;
}

export interface CourtsFeedOptions {
  readonly client: Client<ScoreboardShapes>;
  /** Reads the list; undefined: no answer. */
  readonly read: () => Promise<readonly CourtLine[] | undefined>;
}

/** Courts come and go rarely; a match that is put on one shows after this at the latest. */
const READ_AGAIN_MS = 20_000;
const RENDER_EVERY_MS = 80;

export class CourtsFeed {
  readonly #options: CourtsFeedOptions;
  readonly #listeners = new Set<() => void>();
  readonly #followed = new Map<string, Off>();
  readonly #tell = throttleLatest<undefined>(RENDER_EVERY_MS, () => {
    for (const listener of this.#listeners) listener();
  });
  #courts: readonly CourtLine[] | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: CourtsFeedOptions) {
    this.#options = options;
  }

  /** Follows while somebody is subscribed. */
  readonly subscribe = (listener: () => void): Off => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  };

  /** undefined until the list was read. */
  readonly current = (): readonly CourtLine[] | undefined => this.#courts;

  /** Reads the list now: for a page that polls while nothing is live. */
  readonly refresh = async (): Promise<void> => {
    const courts = await this.#options.read();
    if (courts === undefined || this.#listeners.size === 0) return;
    this.#courts = courts;
    this.#compare();
    this.#tell(undefined);
  };

  #begin(): void {
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), READ_AGAIN_MS);
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#tell.cancel();
    for (const off of this.#followed.values()) off();
    this.#followed.clear();
  }

  #compare(): void {
    const matches = new Set(this.#courts?.map((court) => court.matchId));
    for (const [matchId, off] of this.#followed) {
      if (matches.has(matchId)) continue;
      off();
      this.#followed.delete(matchId);
    }
    for (const matchId of matches) {
      if (!this.#followed.has(matchId)) this.#followed.set(matchId, this.#follow(matchId));
    }
  }

  #follow(matchId: string): Off {
    const handle = this.#options.client.channel(`match:${matchId}`);
    handle.on('score-update', (data) => this.#apply(matchId, { event: 'score-update', data }));
    handle.on('set-complete', (data) => this.#apply(matchId, { event: 'set-complete', data }));
    handle.on('match-complete', (data) => this.#apply(matchId, { event: 'match-complete', data }));
    handle.on('status-change', (data) => this.#apply(matchId, { event: 'status-change', data }));
    let wasLive = false;
    handle.subscribe(() => {
      const { status } = handle.subscription;
      const isLive = status === 'subscribed' || status === 'lost';
      const missedSome = status === 'lost' || (status === 'subscribed' && !handle.subscription.recovered);
      // What happened between reading the list and going live is in neither: read again.
      if (isLive && !wasLive && missedSome) void this.refresh();
      wasLive = isLive;
    });
    return () => handle.close();
  }

  #apply(matchId: string, told: MatchEvent): void {
    this.#courts = this.#courts?.map((court) =>
      court.matchId === matchId && court.snapshot !== undefined
        ? { ...court, snapshot: followMatch(court.snapshot, told) }
        : court,
    );
    this.#tell(undefined);
  }
}
