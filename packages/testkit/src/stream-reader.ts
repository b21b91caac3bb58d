/** A Server-Sent Events stream as any client without our SDK would read it, with everything that it got. */
import { createParser } from 'eventsource-parser';
import { expect } from 'vitest';

export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
  readonly raw: string;
}

/** Reads until it is closed; every event it got, in order. */
export class StreamReader implements Disposable {
  readonly events: StreamEvent[] = [];
  retryMs: number | undefined;
  lastId = '';
  ended = false;
  response: Response | undefined;
  readonly #abort: AbortController = new AbortController();

  /** Rejects where nobody listens. */
  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<StreamReader> {
    const reader = new StreamReader();
    reader.response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: reader.#abort.signal,
    });
    void reader.#read(reader.response);
    return reader;
  }

  of(event: string): StreamEvent[] {
    return this.events.filter((each) => each.event === event);
  }

  /** The first event of this name, once it is there. */
  async first(event: string): Promise<StreamEvent> {
    const [first] = await this.count(event, 1);
    if (first === undefined) throw new Error(`no ${event}`);
    return first;
  }

  /** The events of this name, once there are so many of them. */
  async count(event: string, atLeast: number): Promise<readonly StreamEvent[]> {
    await expect.poll(() => this.of(event).length, { timeout: 5000, interval: 5 }).toBeGreaterThanOrEqual(atLeast);
    return this.of(event);
  }

  close(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(response: Response): Promise<void> {
    const parser = createParser({
      onEvent: ({ event = 'message', id, data }) => {
        this.events.push({ event, id, data: JSON.parse(data), raw: data });
      },
      onRetry: (ms) => {
        this.retryMs = ms;
      },
    });
    const decoder = new TextDecoder();
    let line = '';
    try {
      for await (const chunk of response.body ?? []) {
        const text = decoder.decode(chunk, { stream: true });
        const lines = (line + text).split('\n');
        line = lines.pop() ?? '';
        // As EventSource does, and the parser does not tell: an id counts also in a block without data.
        for (const each of lines) if (each.startsWith('id: ')) this.lastId = each.slice('id: '.length);
        parser.feed(text);
      }
    } catch {
      // Aborted by the test, or cut by the server: either way the stream has ended.
    }
    this.ended = true;
  }
}
