/** A fetch that breaks on purpose, as the client uses it. */
import { describe, expect, it } from 'vitest';
import { createBreakableFetch } from '../web/breakable-fetch.ts';

describe('a fetch that breaks on purpose', () => {
  function stream() {
    let push: (text: string) => void = () => undefined;
    let fail: (reason: unknown) => void = () => undefined;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        push = (text) => controller.enqueue(new TextEncoder().encode(text));
        fail = (reason) => controller.error(reason);
      },
    });
    const inner: typeof fetch = (_, init) => {
      const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      init?.signal?.addEventListener('abort', () => fail(init.signal?.reason));
      return Promise.resolve(response);
    };
    return { wire: createBreakableFetch(inner), push: (text: string) => push(text) };
  }

  async function reader(wire: ReturnType<typeof createBreakableFetch>) {
    const response = await wire.fetch('http://live.test/');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const read = response.body?.getReader();
    if (read === undefined) throw new Error('a stream has a body');
    return read;
  }

  it('passes everything on while it is whole', async () => {
    const { wire, push } = stream();
    const read = await reader(wire);

    push('hello');

    expect(new TextDecoder().decode((await read.read()).value)).toBe('hello');
  });

  it('holds what comes while it is frozen, and loses none of it', async () => {
    const { wire, push } = stream();
    const read = await reader(wire);
    const thawed = performance.now() + 60;

    wire.freeze(60);
    push('late');

    expect(new TextDecoder().decode((await read.read()).value)).toBe('late');
    expect(performance.now()).toBeGreaterThanOrEqual(thawed - 2);
  });

  it('tells how many events wait while it is frozen, in whatever pieces they come, and releases all in order', async () => {
    const { wire, push } = stream();
    const read = await reader(wire);
    const told: number[] = [];
    const sent = [
      'data: {"type":"event","n":1}\n\ndata: {"type":"heartbeat"}\n\nda',
      'ta: {"type":"event","n":2}\n',
      '\ndata: {"type":"event","n":3}\n\n',
    ];

    wire.freeze(60, (events) => told.push(events));
    for (const piece of sent) push(piece);
    let text = '';
    while (text.length < sent.join('').length) text += new TextDecoder().decode((await read.read()).value);

    expect(told).toEqual([1, 2, 3]);
    expect(text).toBe(sent.join(''));
  });

  it('survives to be cut while it is frozen', async () => {
    const { wire, push } = stream();
    const read = await reader(wire);
    const next = read.read();

    wire.freeze(20);
    push('late');
    wire.cut();

    await expect(next).rejects.toThrow('cut on purpose');
    // A request waits for the thaw: what was held must have been let go without a fault by then.
    await wire.fetch('http://live.test/').catch(() => undefined);
  });

  it('breaks an open stream when it is cut', async () => {
    const { wire } = stream();
    const read = await reader(wire);
    const next = read.read();

    wire.cut();

    await expect(next).rejects.toThrow('cut on purpose');
  });

  it('opens nothing while it is blocked', async () => {
    const { wire } = stream();

    wire.block(true);
    await expect(wire.fetch('http://live.test/')).rejects.toThrow(TypeError);
    wire.block(false);

    await expect(wire.fetch('http://live.test/')).resolves.toBeInstanceOf(Response);
  });
});
