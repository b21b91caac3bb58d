/** The contract of `/ws` with nothing but a browser's own WebSocket: every message both ways, and the codes that a page sees. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));

let server: ServerProcess;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  server = await startServerProcess({ script: SCRIPT, readyWithinMs: 60_000 });
  browser = await launchBrowser();
  page = await browser.newPage();
  // No page of ours: those put a WebSocket that can be broken in the place of the browser's.
  await page.goto(`${server.url}/health`);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Runs in the page: sends the messages, and answers with what came until the last of the types has. */
function converse(options: { readonly send: readonly string[]; readonly until: string }): Promise<unknown[]> {
  return page.evaluate(
    ({ send, until }) =>
      new Promise<unknown[]>((resolve) => {
        const heard: unknown[] = [];
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onmessage = ({ data }) => {
          const message = JSON.parse(String(data));
          heard.push(message);
          if (message.type === 'welcome') for (const text of send) socket.send(text);
          if (message.type === until) socket.close(1000);
        };
        socket.onclose = ({ code, wasClean }) => resolve([...heard, { closed: code, wasClean }]);
      }),
    options,
  );
}

it('every message of the contract goes both ways', async () => {
  const messages = [
    { type: 'ping' },
    { type: 'echo', message: 'Xin chào' },
    { type: 'join-room', room: 'browser' },
    { type: 'room-message', room: 'browser', message: { n: 1 } },
    { type: 'broadcast', message: 'to all' },
    { type: 'dance' },
    { type: 'leave-room', room: 'browser' },
  ];
  const heard = await converse({ send: messages.map((message) => JSON.stringify(message)), until: 'room-left' });
  const of = (type: string): unknown => heard.find((message) => Reflect.get(Object(message), 'type') === type);

  expect(of('welcome')).toMatchObject({ message: 'Connected to WebSocket server', clientId: expect.any(String) });
  const { clientId: from } = Object(of('welcome'));
  expect(of('pong')).toMatchObject({ timestamp: expect.any(String) });
  expect(of('echo')).toMatchObject({ original: 'Xin chào' });
  expect(of('room-joined')).toMatchObject({ room: 'browser' });
  expect(of('room-message')).toMatchObject({ room: 'browser', from, message: { n: 1 } });
  expect(of('broadcast')).toMatchObject({ from, message: 'to all' });
  expect(of('error')).toMatchObject({ code: 'UNKNOWN_TYPE' });
  expect(of('room-left')).toMatchObject({ room: 'browser' });
  expect(heard.at(-1)).toEqual({ closed: 1000, wasClean: true });
});

it('a page that comes back with `since` gets what it missed', async () => {
  const say = (message: string): string => JSON.stringify({ type: 'room-message', room: 'back', message });
  const join = { type: 'join-room', room: 'back' };
  const before = await converse({
    send: [JSON.stringify(join), say('seen'), say('missed'), '{"type":"leave-room","room":"back"}'],
    until: 'room-left',
  });
  const seen = before.find((message) => Reflect.get(Object(message), 'message') === 'seen');
  const { position: since } = Object(seen);
  const after = await converse({ send: [JSON.stringify({ ...join, since })], until: 'room-message' });

  expect(after).toMatchObject([
    { type: 'welcome' },
    { type: 'room-joined', recovered: true },
    { type: 'room-message', message: 'missed' },
    { closed: 1000 },
  ]);
});

it('what is no message is told in words, binary data too, and one that is too large ends it with 1009', async () => {
  expect(await converse({ send: ['nonsense'], until: 'error' })).toMatchObject([
    {},
    { code: 'BAD_JSON' },
    { closed: 1000 },
  ]);
  const large = await converse({
    send: [JSON.stringify({ type: 'echo', message: 'x'.repeat(70_000) })],
    until: 'never',
  });

  expect(large.at(-1)).toMatchObject({ closed: 1009 });
});

it('a page of another origin gets no WebSocket', async () => {
  const other = await browser.newPage();
  await other.goto('data:text/html,<title>elsewhere</title>');
  const code = await other.evaluate(
    (url) =>
      new Promise<number>((resolve) => {
        new WebSocket(url).onclose = ({ code: closed }) => resolve(closed);
      }),
    `ws://127.0.0.1:${server.port}/ws`,
  );

  expect(code).toBe(1006);
});
