/** Sends ten thousand requests over few raw connections, and tells which answer is whose. */
import { connect } from 'node:net';
import type { HttpCase } from './http-cases.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Answered {
  readonly sent: HttpCase;
  /** One, except of what is sent alone, whose end may be read in several ways. */
  readonly answers: readonly HttpAnswer[];
}

export interface SendOptions {
  readonly port: number;
  /** Connections at a time. @default 4 */
  readonly lanes?: number;
  /** Requests of one connection: what is refused early ends it sooner. @default 100 */
  readonly perConnection?: number;
}

/** Requests that wait for their answer at a time: more measure the sender. */
const OUTSTANDING = 8;
const FOR_MS = 15_000;

export async function sendCases(cases: readonly HttpCase[], options: SendOptions): Promise<readonly Answered[]> {
  const { port, lanes = 4, perConnection = 100 } = options;
  const together = cases.filter(({ isAlone }) => !isAlone);
  const alone = cases.filter(({ isAlone }) => isAlone);
  const answered: Answered[] = [];
  const lane = async (): Promise<void> => {
    for (let batch = together.splice(0, perConnection); batch.length > 0; batch = together.splice(0, perConnection)) {
      const answers = await sendInOne(port, batch);
      for (const [at, answer] of answers.entries()) {
        const sent = batch[at];
        if (sent !== undefined) answered.push({ sent, answers: [answer] });
      }
      const left = batch.slice(answers.length);
      const [first] = left;
      if (first !== undefined && answers.length === 0) {
        // Nothing came before it, so that it is its own silence.
        answered.push({ sent: first, answers: [] });
        left.shift();
      }
      together.push(...left);
    }
    for (let sent = alone.pop(); sent !== undefined; sent = alone.pop()) {
      answered.push({ sent, answers: await sendAlone(port, sent) });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return answered;
}

/** Answers in the order of the requests; fewer where the server ended the connection. */
function sendInOne(port: number, batch: readonly HttpCase[]): Promise<readonly HttpAnswer[]> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const answers: HttpAnswer[] = [];
    let buffered: Buffer = Buffer.alloc(0);
    let written = 0;
    const write = (): void => {
      const upTo = Math.min(batch.length, answers.length + OUTSTANDING);
      if (upTo === written) return;
      socket.write(Buffer.concat(batch.slice(written, upTo).map(({ bytes }) => bytes)));
      written = upTo;
    };
    const finish = (): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answers);
    };
    const deadline = setTimeout(finish, FOR_MS);
    socket.on('data', (chunk: Buffer) => {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      const read = readAnswers(buffered);
      answers.push(...read.answers);
      buffered = read.rest;
      if (answers.length >= batch.length) finish();
      else write();
    });
    socket.on('error', () => {});
    socket.on('close', finish);
    write();
  });
}

/** Closes its half once everything is sent: whoever waits for more of it is told that there is none. */
function sendAlone(port: number, { bytes }: HttpCase): Promise<readonly HttpAnswer[]> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunks: Buffer[] = [];
    const finish = (): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(readAnswers(Buffer.concat(chunks)).answers);
    };
    const deadline = setTimeout(finish, FOR_MS);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('end', finish);
    socket.on('close', finish);
    socket.end(bytes);
  });
}

/** Whole answers at the beginning of what has come, and the rest. Interim ones (100) are left out. */
function readAnswers(bytes: Buffer): { readonly answers: readonly HttpAnswer[]; readonly rest: Buffer } {
  const answers: HttpAnswer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const head = bytes.toString('latin1', at, end);
    const status = Number(head.split(' ', 2)[1]);
    const length = bodyLength(bytes, { head, status, from: end + 4 });
    if (length === undefined || end + 4 + length > bytes.length) break;
    if (status >= 200) answers.push({ status, head, body: bytes.toString('utf8', end + 4, end + 4 + length) });
    at = end + 4 + length;
  }
  return { answers, rest: bytes.subarray(at) };
}

/** undefined: its end has not come yet. */
function bodyLength(
  bytes: Buffer,
  { head, status, from }: { readonly head: string; readonly status: number; readonly from: number },
): number | undefined {
  if (status < 200 || status === 204 || status === 304) return 0;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return Number(length);
  const end = bytes.indexOf('0\r\n\r\n', from);
  return end === -1 ? undefined : end + 5 - from;
}
