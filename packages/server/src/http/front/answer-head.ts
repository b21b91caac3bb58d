/** The head of an answer like one that `node:http` has sent: the same headers, with the date of now and another length. */
import type { ServerResponse } from 'node:http';

/** What `node:http` wrote, kept by it as text. The same on Node 20 to 24; the tests tell if it changes. */
const HEAD = /^(HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*?Content-Length: )\d+(\r\n(?:.+\r\n)*?Date: ).+(\r\n(?:.+\r\n)*\r\n)$/;

export class AnswerHead {
  readonly #parts: readonly [string, string, string];

  constructor(parts: readonly [string, string, string]) {
    this.#parts = parts;
  }

  /** `body`: ASCII. */
  withBody(body: string): string {
    const [start, middle, end] = this.#parts;
    return `${start}${body.length}${middle}${httpDate()}${end}${body}`;
  }
}

/** undefined: it is not of the shape that is known. */
export function answerHead(res: ServerResponse): AnswerHead | undefined {
  const text: unknown = Reflect.get(res, '_header');
  const [, start, middle, end] = (typeof text === 'string' ? HEAD.exec(text) : null) ?? [];
  return start === undefined || middle === undefined || end === undefined
    ? undefined
    : new AnswerHead([start, middle, end]);
}

let second = 0;
let text = '';

/** Of this second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
