/** Who is measured: how each is started, and how a client subscribes and publishes there. `{port}` and `{folder}` are filled in. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NCHAN_MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const script = (name, ...more) => [process.execPath, path(`./servers/${name}`), '{port}', ...more];

const JSON_HEADERS = 'Content-Type: application/json\r\n';
const PLAIN = {
  subscribe: { path: '/sub/{c}' },
  publish: { path: '/pub/{c}', body: '{p}', headers: JSON_HEADERS },
};
const EVENT = '{"channel":"public:{c}","event":"e","data":{p}}';
const FANFARE_HEADERS = `${JSON_HEADERS}X-API-Key: bench\r\n`;

/** Of every peer: `label`, `command`, `wires` by name. `resume`: how a client says where it stood. */
export const peers = {
  bare: {
    label: 'bare Node',
    about: 'no hub: sockets and one shared buffer per event. What Node itself allows',
    command: script('bare.mjs'),
    wires: { sse: PLAIN, ws: PLAIN },
  },
  fanfare: fanfare('fanfare', 'memory'),
  'fanfare-sqlite': fanfare('fanfare, sqlite', 'sqlite'),
  naive: {
    label: 'res.write',
    about: 'the SSE server that everybody writes first',
    command: script('naive.mjs'),
    wires: { sse: PLAIN },
  },
  'better-sse': { label: 'better-sse', command: script('better-sse.mjs'), wires: { sse: PLAIN } },
  ws: { label: 'ws', command: script('ws.mjs'), wires: { ws: PLAIN } },
  socketio: {
    label: 'Socket.IO',
    command: script('socketio.mjs'),
    wires: {
      ws: {
        subscribe: {
          path: '/socket.io/?EIO=4&transport=websocket&channel={c}',
          say: ['', '40'],
          expect: ['0{', '40{'],
          capture: '"pid":"([^"]+)"',
        },
        publish: PLAIN.publish,
        resume: {
          command: script('socketio.mjs', 'recovery'),
          idPattern: ',"([^"]+)"\\]',
          // What was missed arrives before the answer to CONNECT.
          plan: { say: ['', '40{"pid":"{v}","offset":"{id}"}'], expect: ['0{'] },
        },
      },
    },
  },
  nchan: {
    label: 'nginx + nchan',
    command: ['nginx', '-p', '{folder}', '-c', '{folder}/nginx.conf', '-e', '{folder}/error.log'],
    files: { 'nginx.conf': path('./servers/nchan.conf') },
    missing: () =>
      existsSync(NCHAN_MODULE) ? undefined : 'nginx with nchan is not installed (Debian: libnginx-mod-nchan)',
    wires: {
      sse: {
        ...PLAIN,
        resume: {
          idPattern: 'id: ?([^\\n]+)\\n',
          plan: { path: '/kept/sub/{c}', headers: 'Last-Event-ID: {id}\r\n' },
          first: { subscribe: { path: '/kept/sub/{c}' }, publish: { ...PLAIN.publish, path: '/kept/pub/{c}' } },
        },
      },
      ws: PLAIN,
    },
  },
};

function fanfare(label, engine) {
  const publish = { path: '/live/api/publish', body: EVENT, headers: FANFARE_HEADERS };
  const batchOf = (count) => ({
    ...publish,
    path: '/live/api/batch',
    body: `{"items":[${Array.from({ length: count }, () => EVENT).join(',')}]}`,
    batch: count,
  });
  return {
    label,
    about: `the whole server: JSON in, checked, stored (${engine}), positions, metrics`,
    command: [process.execPath, path('../packages/server/bin/fanfare.js'), 'serve'],
    env: { FANFARE_API_KEY: 'bench', FANFARE_ENGINE: engine, FANFARE_DATA: '{folder}/data', PORT: '{port}' },
    inProcess: { engine },
    wires: {
      sse: {
        subscribe: { path: '/live/sse?channel=public:{c}', expect: ['event: subscribed'] },
        publish,
        batch: batchOf(100),
        resume: {
          idPattern: 'id: ?([^\\n]+)\\n',
          plan: { headers: 'Last-Event-ID: {id}\r\n', expect: ['event: recovered'] },
        },
      },
      ws: {
        subscribe: {
          path: '/live/ws',
          say: ['{"type":"subscribe","id":1,"channel":"public:{c}"}'],
          expect: ['"type":"subscribed"'],
        },
        publish,
        resume: {
          idPattern: '"position":"([^"]+)"',
          plan: { say: ['{"type":"subscribe","id":1,"channel":"public:{c}","position":"{id}"}'] },
        },
      },
    },
  };
}
