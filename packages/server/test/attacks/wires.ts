/** Raw connections to a server under attack: many requests on one, and a thousand at once. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface ExchangeOptions {
  /** @default 10 s */
  readonly forMs?: number;
  /** Closes our half once everything is sent. @default false */
  readonly endsHalf?: boolean;
  /** Leaves as soon as this has come. @default never */
  readonly untilText?: RegExp;
}

/** Bytes as they are; everything that comes back, once the server has closed the connection or `forMs` have passed. */
export function exchangeBytes(
  port: number,
  bytes: Uint8Array | string,
  { forMs = 10_000, endsHalf = false, untilText }: ExchangeOptions = {},
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  return new Promise((resolve) => {
    let text = '';
    const finish = (): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(text);
    };
    const deadline = setTimeout(finish, forMs);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (untilText?.test(text) === true) finish();
    });
    socket.on('error', () => {});
    socket.on('end', finish);
    socket.on('close', finish);
    socket.write(bytes);
    if (endsHalf) socket.end();
  });
}

/** Runs a task for every item, so many at a time. */
export async function each<T>(
  items: readonly T[],
  { atOnce }: { readonly atOnce: number },
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await task(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

/** Requests of one connection that may wait for their answer at a time: more measure the sender, and not what is sent. */
const OUTSTANDING = 8;

/** Writes requests one behind the other on one connection, the last one with `Connection: close`; resolves with the answers. */
export async function pipelined(port: number, requests: readonly (Uint8Array | string)[]): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1' });
  const chunks: string[] = [];
  let answered = 0;
  socket.on('data', (chunk: Buffer) => {
    const text = chunk.toString('latin1');
    chunks.push(text);
    answered += text.split('HTTP/1.1 ').length - 1;
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  for (const [index, request] of requests.entries()) {
    while (index - answered >= OUTSTANDING && !socket.destroyed) await Promise.race([once(socket, 'data'), closed]);
    if (socket.destroyed) break;
    socket.write(request);
  }
  await closed;
  return chunks.join('');
}

/** Status lines of answers, in order. */
export function statusesOf(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}

/** Error codes of answers, in order. */
export function codesOf(answer: string): string[] {
  return [...answer.matchAll(/"code":"([A-Z_]+)"/g)].map((match) => match[1] ?? '');
}
