/**
 * `npm run test:ws`: tries every message of the contract against a running server. `URL=` for another than localhost:3001.
 * What it leaves behind is gone in a minute. A broadcast reaches every client of a server: it is tried where nobody else is
 * connected to one on this machine, `BROADCAST=1` anywhere, `BROADCAST=0` nowhere.
 */
import { randomBytes } from 'node:crypto';
import { PollingProbe } from './polling-probe.mjs';
import { must, Probe, Report, say, serverUrl } from './ws-report.mjs';

const url = serverUrl();
const report = new Report();
/** A room of the server's for this, which keeps nothing for longer than a minute. Several checks may be in it. */
const room = '_check';
/** What is said begins with it. */
const run = randomBytes(8).toString('hex');
const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];
const BROADCAST = 'broadcast -> to every client, or BROADCAST_DISABLED';
const REFUSED = [
  ['no JSON', '{"type":', 'BAD_JSON'],
  ['an unknown type', { type: 'dance' }, 'UNKNOWN_TYPE'],
  ['a bad room name', { type: 'join-room', room: 'a b' }, 'ROOM_NAME_INVALID'],
  ['a room it is not in', { type: 'room-message', room: 'elsewhere', message: 1 }, 'NOT_IN_ROOM'],
];
say(`\n  The contract of /ws at ${url.origin}, in room ${room}\n`);

const an = await report.step('a client connects', () => Probe.connect(url));
const binh = await report.step('so does another', () => Probe.connect(url));
if (an !== undefined && binh !== undefined) {
  await contract(an, binh);
}
await socketIo();
await Probe.closeAll();
report.end('Contract');

async function contract(an, binh) {
  const welcome = await report.step('welcome: clientId, message, timestamp', async () => {
    const hello = await an.expect({ type: 'welcome' });
    must(typeof hello.clientId === 'string' && typeof hello.message === 'string', JSON.stringify(hello));
    must(!Number.isNaN(Date.parse(hello.timestamp)), `no time: ${hello.timestamp}`);
    return hello;
  });
  const from = welcome?.clientId;
  await binh.expect({ type: 'welcome' });
  await report.step('ping -> pong', () => an.ask({ type: 'ping' }, { type: 'pong' }));
  await report.step('echo -> echo with the original', async () => {
    const original = { text: 'xin chào', list: [1, null] };
    await an.ask({ type: 'echo', message: original }, { type: 'echo', original });
  });
  await report.step('join-room -> room-joined', async () => {
    await an.ask({ type: 'join-room', room }, { type: 'room-joined', room });
    await binh.ask({ type: 'join-room', room }, { type: 'room-joined', room });
  });
  const heard = await report.step('room-message -> to everybody in the room', async () => {
    an.send({ type: 'room-message', room, message: `${run} one` });
    await an.expect({ type: 'room-message', room, from, message: `${run} one` });
    return binh.expect({ type: 'room-message', room, from, message: `${run} one` });
  });
  await report.step('leave-room -> room-left, and nothing more comes', async () => {
    await binh.ask({ type: 'leave-room', room }, { type: 'room-left', room });
    await an.ask(
      { type: 'room-message', room, message: `${run} two` },
      { type: 'room-message', message: `${run} two` },
    );
    await binh.ask({ type: 'echo', message: 'after' }, { type: 'echo', original: 'after' });
  });
  await report.step('join-room with since -> what was missed', async () => {
    const since = heard?.position;
    await binh.ask({ type: 'join-room', room, since }, { type: 'room-joined', room, recovered: true });
    await binh.expect({ type: 'room-message', room, message: `${run} two` });
  });
  if (await mayBroadcast()) await report.step(BROADCAST, () => broadcast(an, binh, from));
  else report.skip(BROADCAST, 'every client of the server would get it; BROADCAST=1 tries it all the same');
  for (const [what, message, code] of REFUSED) {
    await report.step(`${what} -> error ${code}, and the connection stays`, async () => {
      await an.ask(message, { type: 'error', code });
      await an.ask({ type: 'ping' }, { type: 'pong' });
    });
  }
  await report.step('both are let go with 1000', async () => {
    const codes = [await an.close(), await binh.close()];
    must(
      codes.every((code) => code === 1000),
      `the server closed with ${codes.join(', ')}`,
    );
  });
}

/** Would nobody but us notice? */
async function mayBroadcast() {
  const wanted = process.env.BROADCAST ?? '';
  if (wanted !== '') return wanted === '1';
  if (!THIS_MACHINE.includes(url.hostname)) return false;
  try {
    const { websocket } = await (await fetch(new URL('/health', url))).json();
    return websocket.clients === 2;
  } catch {
    return false;
  }
}

async function broadcast(an, binh, from) {
  const message = `${run} to all`;
  an.send({ type: 'broadcast', message });
  const answer = await an.expectAny([
    { type: 'broadcast', from, message },
    { type: 'error', code: 'BROADCAST_DISABLED' },
  ]);
  if (answer.type === 'broadcast') await binh.expect({ type: 'broadcast', from, message });
}

/** The same room over Socket.IO's polling, with bare requests: a message goes across both ways. */
async function socketIo() {
  const session = await report.step('Socket.IO: a client connects by polling', () => PollingProbe.connect(url));
  if (session === undefined) return;
  const plain = await report.step('Socket.IO: and a plain one beside it', () => Probe.connect(url));
  await report.step('Socket.IO: join-room is acknowledged with room-joined', async () => {
    const answer = await session.ask('join-room', { room });
    must(answer?.type === 'room-joined', JSON.stringify(answer));
  });
  await report.step('Socket.IO: a message of the one reaches the other', async () => {
    await plain.ask({ type: 'join-room', room }, { type: 'room-joined', room });
    plain.send({ type: 'room-message', room, message: `${run} from /ws` });
    await session.expect('room-message', (message) => message.message === `${run} from /ws`);
    const answer = await session.ask('room-message', { room, message: `${run} from Socket.IO` });
    must(answer?.type === 'room-message', JSON.stringify(answer));
    await plain.expect({ type: 'room-message', message: `${run} from Socket.IO` });
  });
  await report.step('Socket.IO: and is let go', () => session.close());
}
