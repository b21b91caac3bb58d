/** `npm run test:ws`: tries every message of the contract against a running server. `URL=` for another than localhost:3001. */
import { randomBytes } from 'node:crypto';
import { PollingProbe } from './polling-probe.mjs';
import { must, Probe, Report, say, serverUrl } from './ws-report.mjs';

const url = serverUrl();
const report = new Report();
/** Nobody else's. What is said in it leaves with the room's history. */
const room = `check-${randomBytes(8).toString('hex')}`;
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
    an.send({ type: 'room-message', room, message: 'one' });
    await an.expect({ type: 'room-message', room, from, message: 'one' });
    return binh.expect({ type: 'room-message', room, from, message: 'one' });
  });
  await report.step('leave-room -> room-left, and nothing more comes', async () => {
    await binh.ask({ type: 'leave-room', room }, { type: 'room-left', room });
    await an.ask({ type: 'room-message', room, message: 'two' }, { type: 'room-message', message: 'two' });
    await binh.ask({ type: 'echo', message: 'after' }, { type: 'echo', original: 'after' });
  });
  await report.step('join-room with since -> what was missed', async () => {
    const since = heard?.position;
    await binh.ask({ type: 'join-room', room, since }, { type: 'room-joined', room, recovered: true });
    await binh.expect({ type: 'room-message', room, message: 'two' });
  });
  await report.step('broadcast -> to every client, or BROADCAST_DISABLED', async () => {
    const message = `${room} to all`;
    an.send({ type: 'broadcast', message });
    const answer = await an.expectAny([
      { type: 'broadcast', from, message },
      { type: 'error', code: 'BROADCAST_DISABLED' },
    ]);
    if (answer.type === 'broadcast') await binh.expect({ type: 'broadcast', from, message });
  });
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
    plain.send({ type: 'room-message', room, message: 'from /ws' });
    await session.expect('room-message', (message) => message.message === 'from /ws');
    const answer = await session.ask('room-message', { room, message: 'from Socket.IO' });
    must(answer?.type === 'room-message', JSON.stringify(answer));
    await plain.expect({ type: 'room-message', message: 'from Socket.IO' });
  });
  await report.step('Socket.IO: and is let go', () => session.close());
}
