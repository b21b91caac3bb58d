/** Requests that expect "100 Continue": alone, and behind others on their connection. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startLive } from './live-fixture.ts';

const BODY = Buffer.from('a body of bytes');

/** A request, and an answer whose body is no string: `/slow` takes two turns of the loop. */
function fallback(req: IncomingMessage, res: ServerResponse): boolean {
  const answer = (): void => {
    res.writeHead(200, { 'Content-Length': BODY.length });
    res.end(BODY);
  };
  if (req.url === '/slow') setImmediate(() => setImmediate(answer));
  else answer();
  return true;
}

async function received(bytes: string): Promise<string> {
  await using server = await startLive({ start: { fallback } });
  const socket = connect(server.port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text.replace(/(HTTP\/1\.1 200 OK)\r\n(?:.+\r\n)+/g, '$1\r\n');
}

const EXPECTS = 'GET /fast HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n';
const ANSWER = `HTTP/1.1 200 OK\r\n\r\n${BODY}`;

it('a request that expects it is told to continue', async () => {
  expect(await received(EXPECTS)).toBe(`HTTP/1.1 100 Continue\r\n\r\n${ANSWER}`);
});

it('"100 Continue" is never in the body of an answer that waits behind another one', async () => {
  expect(await received(`GET /slow HTTP/1.1\r\nHost: x\r\n\r\n${EXPECTS}`)).toBe(ANSWER + ANSWER);
});
