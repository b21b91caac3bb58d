/**
 * Which transport to use, as pure functions: rungs from the best down; what does not get through here is given up for the next,
 * and tried again from time to time, so that a client is back on the best as soon as it works.
 */
import type { TransportName } from '@fanfare/protocol';
import { because, type ConnectionRules, type LadderRules, type Reason } from './connection-phase.ts';

export interface Ladder {
  /** What the application allows and this platform can do, best first; not empty. */
  readonly rungs: readonly TransportName[];
  /** What the operator allows; undefined: everything. */
  readonly allowed: readonly TransportName[] | undefined;
  /** Given up until a probe succeeds. */
  readonly down: readonly TransportName[];
  /** Failures in a row of the rung in use. */
  readonly strikes: number;
  /** The rung that worked last. */
  readonly proven: TransportName | undefined;
  /** Rounds of probes in a row that did not succeed. */
  readonly rounds: number;
  /** Why the best rung is not in use. */
  readonly reason: Reason | undefined;
}

export const LADDER_RULES: Omit<LadderRules, keyof ConnectionRules> = {
  tryTimeoutMs: 1200,
  shortLifeMs: 10_000,
  probeMs: 1000,
  probeCapMs: 12_000,
};

/** A rung that worked once is forgiven one failure. */
const MAX_FAILURES = 2;
/** Openings that break off soon: one is a blip. */
const MAX_SHORT_LIVES = 2;
/** What broke off is not tried again as eagerly as what may have been a hiccup. */
const SHORT_LIFE_ROUNDS = 4;

const BLOCKED = because('LIVE_BLOCKED');
const SHORT_LIVED = because('SHORT_LIVED');
const ORDERED = because('TRANSPORTS_SET');

/** `proven`: what worked on an earlier visit. */
export function newLadder(rungs: readonly TransportName[], proven?: string): Ladder {
  const known: readonly string[] = rungs;
  const at = proven === undefined ? -1 : known.indexOf(proven);
  const down = at > 0 ? rungs.slice(0, at) : [];
  const reason = at > 0 ? BLOCKED : undefined;
  return { rungs, allowed: undefined, down, strikes: 0, proven: rungs[at], rounds: 0, reason };
}

/** undefined: the operator allows nothing that this client can do. */
export function currentRung(ladder: Ladder): TransportName | undefined {
  const usable = usableRungs(ladder);
  return usable.find((rung) => !ladder.down.includes(rung)) ?? usable[0];
}

/** What never worked here must not keep the others waiting. */
export function isTrial(ladder: Ladder): boolean {
  return currentRung(ladder) !== ladder.proven && nextRung(ladder) !== undefined;
}

/** The rung in use did not open. `next`: another is to be tried at once. */
export function afterFailure(ladder: Ladder): { readonly ladder: Ladder; readonly next: boolean } {
  const rung = currentRung(ladder);
  const strikes = ladder.strikes + 1;
  if (rung === undefined || (rung === ladder.proven && strikes < MAX_FAILURES))
    return { ladder: { ...ladder, strikes }, next: false };
  if (nextRung(ladder) !== undefined) return { ladder: stepDown(ladder, rung, BLOCKED), next: true };
  // Nothing gets through: it is not the transport. The next walk begins at the top, since what worked may be what broke.
  const { rungs, allowed, proven } = ladder;
  return {
    ladder: { ...newLadder(rungs), allowed, proven, strikes: proven === rungs[0] ? MAX_FAILURES - 1 : 0 },
    next: false,
  };
}

/** A wire of the rung in use ended without a word, so soon after it opened that it is of no use. */
export function afterShortLife(ladder: Ladder): Ladder {
  const rung = currentRung(ladder);
  const strikes = ladder.strikes + 1;
  return rung === undefined || strikes < MAX_SHORT_LIVES || nextRung(ladder) === undefined
    ? { ...ladder, strikes }
    : { ...stepDown(ladder, rung, SHORT_LIVED), rounds: SHORT_LIFE_ROUNDS };
}

/** A wire of this rung is in use, and `lasting`: has been for long enough to be relied on. */
export function afterSuccess(ladder: Ladder, rung: TransportName, lasting: boolean): Ladder {
  const at = ladder.rungs.indexOf(rung);
  const down = ladder.down.filter((other) => ladder.rungs.indexOf(other) < at);
  const climbed = currentRung(ladder) !== rung;
  if (!climbed && !lasting) return ladder;
  const kept = { ...ladder, down, rounds: climbed ? 0 : ladder.rounds };
  return lasting ? { ...kept, proven: rung, strikes: 0 } : kept;
}

/** The operator says what may be used; undefined: everything. What was given up before is looked at anew. */
export function restricted(ladder: Ladder, allowed: readonly TransportName[] | undefined): Ladder {
  const same = allowed?.join() === ladder.allowed?.join();
  return same ? ladder : { ...ladder, allowed, strikes: 0, rounds: 0 };
}

/** Rungs above the one in use, best first, that may be tried. */
export function betterRungs(ladder: Ladder, inUse: TransportName | undefined): readonly TransportName[] {
  const usable = usableRungs(ladder);
  const at = inUse === undefined ? -1 : usable.indexOf(inUse);
  return at === -1 ? [] : usable.slice(0, at);
}

/** How long to wait for the next round of probes. A live wire of a lesser kind is in no hurry. */
export function probeDelayMs(
  ladder: Ladder,
  isLive: boolean,
  { random, rules }: { readonly random: number; readonly rules: Pick<LadderRules, 'probeMs' | 'probeCapMs'> },
): number {
  const { probeMs, probeCapMs } = rules;
  const scale = isLive ? 20 : 1;
  const window = Math.min(probeMs * 2 ** Math.min(ladder.rounds, 10), probeCapMs) * scale;
  return window * (0.5 + random / 2);
}

/** What a page may be told while the best is not in use. */
export function reasonFor(ladder: Ladder, inUse: TransportName | undefined): Reason | undefined {
  const [best] = ladder.rungs;
  if (inUse === best) return undefined;
  return best !== undefined && ladder.allowed?.includes(best) === false ? ORDERED : ladder.reason;
}

function usableRungs({ rungs, allowed }: Ladder): readonly TransportName[] {
  return allowed === undefined ? rungs : rungs.filter((rung) => allowed.includes(rung));
}

function nextRung(ladder: Ladder): TransportName | undefined {
  const rung = currentRung(ladder);
  return usableRungs(ladder).find((other) => other !== rung && !ladder.down.includes(other));
}

function stepDown(ladder: Ladder, rung: TransportName, reason: Reason): Ladder {
  return { ...ladder, down: [...ladder.down, rung], strikes: 0, rounds: 0, reason };
}
