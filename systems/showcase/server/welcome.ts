/** What `npm start` says when everything stands: where to look, who to be, what to try. */
import { DEMO_PASSWORD, type DemoUser } from '@fanfare-systems/accounts';
import type { SeededCourt } from '@fanfare-systems/scoreboard';
import { type KeptKey, readKeyCommand } from 'fanfare/http';

export interface WelcomeFacts {
  readonly url: string;
  readonly dataFolder: string;
  /** undefined: the key was given by the configuration. */
  readonly keptKey: KeptKey | undefined;
  /** The first welcome on this data: users are shown, once, and on a terminal the key. */
  readonly isFirst: boolean;
  readonly demoUsers: readonly DemoUser[];
  readonly newCourts: readonly SeededCourt[];
  /** Somebody reads it at a terminal. Anywhere else it is kept, as a log, and has no key in it. */
  readonly isTerminal: boolean;
  /** Colours, for a terminal. */
  readonly styled: boolean;
}

/** PIN of the first court of the demo data. */
const PIN = '1234';

export function welcome(facts: WelcomeFacts): string {
  const { url, dataFolder, keptKey, styled } = facts;
  const bold = (text: string): string => (styled ? `\u001b[1m${text}\u001b[22m` : text);
  const dim = (text: string): string => (styled ? `\u001b[2m${text}\u001b[22m` : text);
  const row = (label: string, text: string): string => `  ${bold(label.padEnd(9))} ${text}`;
  const more = (text: string): string => row('', text);
  const page = (path: string, what: string): string => `${`${url}${path}`.padEnd(url.length + 22)} ${dim(what)}`;
  const key = keptKey === undefined ? '$FANFARE_API_KEY' : readKeyCommand(keptKey);

  return [
    '',
    `  ${bold('Fanfare is live')} at ${bold(url)}`,
    '',
    row('Pages', page('/', 'start here')),
    more(page('/scoreboard', 'what spectators see')),
    more(page(`/court/${PIN}/display`, 'the screen at the court')),
    more(page(`/court/${PIN}/umpire`, "the umpire's phone")),
    more(page('/inbox', 'notifications; /inbox/staff sends them')),
    more(page('/rooms', 'WebSocket and Socket.IO in one room')),
    more(page('/components', 'what every page is made of')),
    more(page('/audit', 'for admins: who was refused, who did what')),
    '',
    ...seedRows(facts, { row, more, dim }),
    row('Data', dataFolder),
    ...keyRows(facts, { row, more, dim }),
    '',
    `  ${bold('Try it')}, in two terminals:`,
    '',
    `    curl -N '${url}/live/sse?channel=public:hello'`,
    '',
    `    curl -X POST ${url}/live/api/publish -H "X-API-Key: ${key}" -H 'Content-Type: application/json' \\`,
    `      -d '{"channel":"public:hello","event":"greeting","data":{"text":"hi"}}'`,
    '',
    `  ${dim('Ctrl+C ends it.')}`,
    '',
    '',
  ].join('\n');
}

interface Layout {
  readonly row: (label: string, text: string) => string;
  readonly more: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** What there is to try things with. */
function seedRows({ url, isFirst, demoUsers, newCourts }: WelcomeFacts, { row, more, dim }: Layout): readonly string[] {
  const rows: string[] = [];
  if (isFirst && demoUsers.length > 0) {
    const names = demoUsers.map(({ username }) => username).join(', ');
    rows.push(row('People', `${names}: password ${DEMO_PASSWORD}`));
    rows.push(more(dim('for trying things, not for a server that strangers can reach')));
  }
  if (!isFirst && demoUsers.length > 0) {
    rows.push(row('People', `as at the first start: on ${url}/, one click each`));
    rows.push(more(dim('an organiser reads the PINs of the courts at /api/courts')));
  }
  if (newCourts.length > 0) {
    rows.push(row('Courts', newCourts.map(({ name, pin }) => `${name}: PIN ${pin}`).join(', ')));
  }
  return rows.length === 0 ? rows : [...rows, ''];
}

/** The key itself is shown once, on a terminal: no log holds it. */
function keyRows({ keptKey: kept, isFirst, isTerminal }: WelcomeFacts, { row, more, dim }: Layout): readonly string[] {
  if (kept === undefined) return [row('API key', dim('as set by FANFARE_API_KEY, --api-key or fanfare.yaml'))];
  if (isTerminal && (kept.isNew || isFirst)) return [row('API key', kept.key), more(dim(`kept in ${kept.path}`))];
  const warning = kept.isExposed ? [more(`other users of this machine can read it: chmod 600 ${kept.path}`)] : [];
  return [row('API key', `${dim('in')} ${kept.path}`), ...warning];
}
