/** Who may import whom [ARCHITECTURE.md]: rules as data, and the two questions asked of every import. Types count as much as values. */

/**
 * `room`: the folder a file lives in, longest match wins. `own`: rooms of the same package it may reach. `packages`: package
 * names it may import (exact, or with a subpath listed). Node's built-ins and third-party packages: `node` and `foreign`.
 */
const RULES = [
  { room: 'packages/protocol/src', own: [], packages: [], node: false, foreign: [] },
  { room: 'packages/server/src/core', own: [], packages: ['@fanfare/protocol'], node: false, foreign: [] },
  { room: 'packages/server/src/platform', own: ['core'], packages: [], node: true, foreign: [] },
  {
    room: 'packages/server/src/engines',
    own: ['core', 'platform'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: ['libsql', 'ioredis'],
  },
  {
    room: 'packages/server/src/transports',
    own: ['core', 'channels', 'auth', 'http'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: [],
  },
  {
    room: 'packages/server/src/channels',
    own: ['core', 'auth'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: [],
  },
  {
    room: 'packages/server/src/auth',
    own: ['core', 'http'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: ['jose', 'quick-lru'],
  },
  {
    room: 'packages/server/src/http',
    own: ['core', 'http/serve'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: [],
  },
  {
    room: 'packages/server/src/http/serve',
    own: ['core', 'http', 'observe', 'platform'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: ['yaml', 'zod'],
  },
  {
    room: 'packages/server/src/observe',
    own: ['core'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: ['pino', 'pino-pretty', 'prom-client'],
  },
  {
    room: 'packages/server/src',
    own: ['*'],
    packages: ['@fanfare/protocol'],
    node: true,
    foreign: ['pino', 'yaml', 'zod'],
  },
  // `ws` for Node 20, which has no WebSocket of its own; `#websocket` picks the file by platform.
  { room: 'packages/client/src', own: [], packages: ['@fanfare/protocol'], node: false, foreign: ['ws', '#websocket'] },
  {
    room: 'packages/react/src',
    own: [],
    packages: ['@fanfare/client', '@fanfare/protocol'],
    node: false,
    foreign: ['react', 'react-dom', 'sonner'],
  },
  {
    room: 'packages/socket.io-adapter/src',
    own: [],
    packages: ['@fanfare/protocol', 'fanfare'],
    node: true,
    foreign: ['socket.io', 'socket.io-adapter', 'ws'],
  },
  {
    room: 'packages/testkit/src',
    own: [],
    packages: ['@fanfare/protocol', 'fanfare', 'fanfare/internal'],
    node: true,
    foreign: ['vitest', 'eventsource-parser', 'fast-check', 'playwright-core', '@sparticuz/chromium'],
  },
  {
    room: 'systems/accounts/server',
    own: [],
    packages: ['fanfare', 'fanfare/http'],
    node: true,
    foreign: ['jose', 'zod'],
  },
  { room: 'systems/edge/web', own: [], packages: ['@fanfare/react'], node: false, foreign: ['react'] },
  { room: 'systems/edge/server', own: [], packages: ['fanfare', 'fanfare/http'], node: true, foreign: ['zod'] },
  {
    room: 'systems/rooms/server',
    own: [],
    packages: ['fanfare', 'fanfare/http', '@fanfare-systems/edge', '@fanfare/socket.io-adapter'],
    node: true,
    foreign: ['engine.io', 'socket.io', 'zod'],
  },
  {
    room: 'systems/rooms/web',
    own: [],
    packages: ['@fanfare/client', '@fanfare/react', '@fanfare-systems/edge/web', '@fanfare-systems/rooms'],
    node: false,
    foreign: ['react', 'react-dom', 'socket.io-client', 'vite'],
  },
  { room: 'systems/scoreboard/rules', own: [], packages: [], node: false, foreign: [] },
  {
    room: 'systems/scoreboard/server',
    own: [],
    packages: [
      'fanfare',
      'fanfare/http',
      '@fanfare-systems/accounts',
      '@fanfare-systems/edge',
      '@fanfare-systems/scoreboard/rules',
    ],
    node: true,
    foreign: ['zod'],
  },
  {
    room: 'systems/scoreboard/web',
    own: [],
    packages: [
      '@fanfare/client',
      '@fanfare/react',
      '@fanfare-systems/edge',
      '@fanfare-systems/edge/web',
      '@fanfare-systems/scoreboard',
      '@fanfare-systems/scoreboard/rules',
    ],
    node: false,
    foreign: ['react', 'react-dom', 'vite'],
  },
  { room: 'systems/inbox/rules', own: [], packages: [], node: false, foreign: [] },
  {
    room: 'systems/inbox/server',
    own: [],
    packages: [
      'fanfare',
      'fanfare/http',
      '@fanfare-systems/accounts',
      '@fanfare-systems/edge',
      '@fanfare-systems/inbox/rules',
    ],
    node: true,
    foreign: ['zod'],
  },
  {
    room: 'systems/inbox/web',
    own: [],
    packages: [
      '@fanfare/client',
      '@fanfare/react',
      '@fanfare-systems/edge',
      '@fanfare-systems/edge/web',
      '@fanfare-systems/inbox',
      '@fanfare-systems/inbox/rules',
    ],
    node: false,
    foreign: ['react', 'react-dom', 'uplot', 'vite'],
  },
  {
    room: 'systems/showcase/server',
    own: [],
    packages: [
      'fanfare',
      'fanfare/http',
      '@fanfare-systems/accounts',
      '@fanfare-systems/inbox',
      '@fanfare-systems/rooms',
      '@fanfare-systems/scoreboard',
    ],
    node: true,
    foreign: ['zod'],
  },
  {
    room: 'systems/showcase/web',
    own: [],
    packages: [
      '@fanfare/client',
      '@fanfare/react',
      '@fanfare-systems/inbox',
      '@fanfare-systems/scoreboard',
      '@fanfare-systems/scoreboard/rules',
      '@fanfare-systems/showcase',
    ],
    node: false,
    foreign: ['react', 'react-dom', 'vite'],
  },
  // What a stranger can do: the published packages, and nothing of this repository.
  { room: 'examples/node', own: [], packages: ['@fanfare/client'], node: true, foreign: [] },
  {
    room: 'examples/react',
    own: [],
    packages: ['@fanfare/client', '@fanfare/react'],
    node: false,
    foreign: ['react', 'react-dom'],
  },
];

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;}])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** Specifiers that a source imports or re-exports, statically or not. Comments are no imports. */
export function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]);
}

function ruleOf(file) {
  return RULES.filter(({ room }) => file.startsWith(`${room}/`)).sort((a, b) => b.room.length - a.room.length)[0];
}

/** What is wrong with one import, or undefined. `target`: the file a relative specifier means. */
export function objection(file, specifier, target) {
  const rule = ruleOf(file);
  if (rule === undefined) return `${file} lives in no room of scripts/check/import-rules.mjs`;
  if (target !== undefined) return objectionToFile(rule, target);
  if (specifier.startsWith('node:')) return rule.node ? undefined : 'this room compiles without Node';
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (name === 'fanfare' || name.startsWith('@fanfare')) {
    const wanted = specifier.endsWith('.css') ? name : specifier;
    return rule.packages.includes(wanted)
      ? undefined
      : `${rule.room} may import ${rule.packages.join(', ') || 'no package of ours'}`;
  }
  return rule.foreign.includes(name) ? undefined : `${rule.room} may import ${rule.foreign.join(', ') || 'no library'}`;
}

function objectionToFile(rule, target) {
  if (target.startsWith(`${rule.room}/`)) {
    const inner = ruleOf(target);
    if (inner === rule || rule.own.includes('*')) return undefined;
  }
  const base = rule.room.split('/').slice(0, 3).join('/');
  if (rule.own.some((room) => target.startsWith(`${base}/${room}/`))) return undefined;
  return `${rule.room} may not reach into ${target}`;
}

/** Cycles of a graph (file -> files), each once, as lists of files. */
export function cyclesOf(graph) {
  const cycles = [];
  const state = new Map();
  const path = [];
  const visit = (file) => {
    state.set(file, 'open');
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') cycles.push([...path.slice(path.indexOf(next)), next]);
      else if (!state.has(next)) visit(next);
    }
    path.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) if (!state.has(file)) visit(file);
  return cycles;
}
