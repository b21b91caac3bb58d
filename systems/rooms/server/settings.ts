/** What an operator of a server with rooms sets by environment variables: read once at the start, each value checked. */
import type { RoomsOptions } from './rooms.ts';

/** One variable. */
export interface RoomsSetting {
  /** What it must be, for people. */
  readonly expected: string;
  /** What it does, in one line. */
  readonly help: string;
  readonly fallback: string;
}

interface NumberSetting extends RoomsSetting {
  readonly least: number;
  readonly most: number;
}

const wholeNumber = (help: string, [least, most, fallback]: readonly [number, number, number]): NumberSetting => ({
  ...{ help, least, most, fallback: String(fallback) },
  expected: `a whole number from ${least} to ${most}`,
});

const BROADCAST: RoomsSetting = {
  ...{ expected: 'true or false', fallback: 'true' },
  help: 'may clients reach all others at once?',
};

const NUMBERS = {
  ROOMS_HEARTBEAT_MS: wholeNumber('milliseconds between two pings', [5000, 300_000, 30_000]),
  ROOMS_MAX_ROOMS: wholeNumber('rooms of one client', [1, 10_000, 100]),
  ROOMS_MAX_MESSAGE_BYTES: wholeNumber('of one message', [1024, 1_048_576, 65_536]),
  ROOMS_RATE_PER_SECOND: wholeNumber('messages of one client a second, in the long run', [1, 100_000, 50]),
  ROOMS_RATE_BURST: wholeNumber('messages of one client at once', [1, 1_000_000, 200]),
  ROOMS_STORE_BYTES_PER_SECOND: wholeNumber('that one sender may have kept', [1, 1_000_000_000, 16_384]),
  ROOMS_STORE_BURST_BYTES: wholeNumber('that one sender may have kept at once', [1024, 1_000_000_000, 4_194_304]),
  ROOMS_KEEP_COUNT: wholeNumber('messages that a room keeps for those who come back', [1, 100_000, 1000]),
  ROOMS_KEEP_HOURS: wholeNumber('hours that a room keeps them', [1, 8760, 24]),
  ROOMS_MAX_AWAY_MS: wholeNumber(
    'milliseconds that a client of Socket.IO may be away and be who it was',
    [0, 1_800_000, 120_000],
  ),
} as const satisfies Readonly<Record<`ROOMS_${string}`, NumberSetting>>;

type NumberName = keyof typeof NUMBERS;

/** By variable, in the order in which they are shown. */
export const ROOMS_SETTINGS: Readonly<Record<string, RoomsSetting>> = { ...NUMBERS, ROOMS_BROADCAST: BROADCAST };

type SetByVariables = 'heartbeatMs' | 'maxRooms' | 'maxMessageBytes' | 'rate' | 'storeRate' | 'keep' | 'maxAwayMs';

/** `problems` and `warnings`: one line each. With a problem, the options are not to be used. */
export interface RoomsConfig {
  readonly options: Required<Pick<RoomsOptions, SetByVariables | 'broadcast'>>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** A variable that is set but empty counts as not set. */
export function readRoomsConfig(env: Readonly<Record<string, string | undefined>>): RoomsConfig {
  const problems: string[] = [];
  const refuse = (name: string, { expected }: RoomsSetting): void => {
    problems.push(`${name}: expected ${expected}, got "${env[name]}"`);
  };
  const given = (name: string, { fallback }: RoomsSetting): string => env[name] || fallback;
  const number = (name: NumberName): number => {
    const setting = NUMBERS[name];
    const text = given(name, setting);
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= setting.least && value <= setting.most) return value;
    refuse(name, setting);
    return Number(setting.fallback);
  };
  const broadcast = SWITCH.get(given('ROOMS_BROADCAST', BROADCAST));
  if (broadcast === undefined) refuse('ROOMS_BROADCAST', BROADCAST);
  const options: RoomsConfig['options'] = {
    broadcast: broadcast ?? true,
    heartbeatMs: number('ROOMS_HEARTBEAT_MS'),
    maxRooms: number('ROOMS_MAX_ROOMS'),
    maxMessageBytes: number('ROOMS_MAX_MESSAGE_BYTES'),
    rate: { perSecond: number('ROOMS_RATE_PER_SECOND'), burst: number('ROOMS_RATE_BURST') },
    storeRate: { perSecond: number('ROOMS_STORE_BYTES_PER_SECOND'), burst: number('ROOMS_STORE_BURST_BYTES') },
    keep: { count: number('ROOMS_KEEP_COUNT'), hours: number('ROOMS_KEEP_HOURS') },
    maxAwayMs: number('ROOMS_MAX_AWAY_MS'),
  };
  const unknown = Object.keys(env).filter((name) => name.startsWith('ROOMS_') && !Object.hasOwn(ROOMS_SETTINGS, name));
  return { options, problems, warnings: unknown.sort().map((name) => `${name}: no such setting`) };
}

const SWITCH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);
