// @vitest-environment jsdom
/** WebSockets that break on purpose, as the client and any other code use them. */
import { describe, expect, it, vi } from 'vitest';
import type { RealSocket } from '../web/breakable-socket.ts';
import { createBreakableSockets } from '../web/breakable-sockets.ts';
import { faultsOf } from '../web/wire-faults.ts';

/** The far end of one socket. */
class FakeSocket implements RealSocket {
  static readonly made: FakeSocket[] = [];
  readonly sent: unknown[] = [];
  closed = false;
  readyState: RealSocket['readyState'] = 1;
  binaryType: BinaryType = 'blob';
  readonly bufferedAmount = 7;
  readonly extensions = 'permessage-deflate';
  readonly protocol = 'v1';
  readonly url = 'ws://live.test/';
  onopen: RealSocket['onopen'] = null;
  onmessage: RealSocket['onmessage'] = null;
  onerror: RealSocket['onerror'] = null;
  onclose: RealSocket['onclose'] = null;

  constructor() {
    FakeSocket.made.push(this);
  }
  send(data: unknown): void {
    this.sent.push(data);
  }
  close(): void {
    this.closed = true;
  }
}

function stage() {
  const sockets = createBreakableSockets(FakeSocket);
  const told: string[] = [];
  const socket = new sockets.Socket('ws://live.test/');
  socket.onopen = () => told.push('open');
  socket.onmessage = ({ data }) => told.push(String(data));
  socket.onclose = ({ code }) => told.push(`closed ${code}`);
  return { sockets, socket, told, far: FakeSocket.made.at(-1) };
}

const EVENT = '{"type":"event","n":1}';
const BEAT = '{"type":"heartbeat"}';

describe('a WebSocket that breaks on purpose', () => {
  it('is one to other code than our own client: its state, its constants, binary data, and its own idea of an event', () => {
    const isEvent = (data: unknown): boolean => data === 'mine';
    const { Socket, freeze, cut } = createBreakableSockets(FakeSocket, { isEvent });
    const socket = new Socket('ws://live.test/');
    const far = FakeSocket.made.at(-1);
    const counts: number[] = [];
    socket.binaryType = 'arraybuffer';
    socket.send(new Uint8Array([1]));
    freeze(30, (events) => counts.push(events));
    for (const data of [EVENT, 'mine']) far?.onmessage?.({ data });

    expect([socket.readyState, Reflect.get(Socket, 'OPEN'), far?.binaryType]).toEqual([1, 1, 'arraybuffer']);
    expect(far?.sent).toEqual([new Uint8Array([1])]);
    expect(counts).toEqual([1]);
    cut();
    expect(socket.readyState).toBe(3);
    socket.onclose = null;
    far?.onclose?.({ code: 1006, reason: '', wasClean: false });
  });

  it('has the whole interface of a WebSocket, for whoever makes one in the console', () => {
    const { Socket } = createBreakableSockets(FakeSocket);
    const socket = new Socket('ws://live.test/', 'v1');
    const { bufferedAmount, extensions, protocol, url, onclose } = socket;

    expect({ bufferedAmount, extensions, protocol, url, onclose }).toEqual({
      ...{ bufferedAmount: 7, extensions: 'permessage-deflate', protocol: 'v1', url: 'ws://live.test/', onclose: null },
    });
    for (const { CONNECTING, OPEN, CLOSING, CLOSED } of [Socket, socket]) {
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3]);
    }
    expect(socket).toBeInstanceOf(Socket);
  });

  it('tells whoever listens, in their order, what a browser tells', () => {
    const { socket, far } = stage();
    const heard: unknown[] = [];
    const onclose = vi.fn();
    socket.onclose = () => heard.push('replaced');
    socket.addEventListener('close', (event) => heard.push(event instanceof CloseEvent, event.code, event.wasClean));
    socket.onclose = onclose;
    socket.addEventListener('message', ({ data, origin }) => heard.push(data, origin), { once: true });
    socket.addEventListener('open', { handleEvent: ({ type, target }) => heard.push(type, target === socket) });
    const removed = vi.fn();
    socket.addEventListener('message', removed);
    socket.removeEventListener('message', removed);
    socket.onmessage = null;
    onclose.mockImplementation(function (this: unknown, { reason }: CloseEvent) {
      heard.push(this === socket, reason);
    });

    far?.onopen?.(new Event('open'));
    for (const data of ['one', 'two']) far?.onmessage?.({ data });
    far?.onclose?.({ code: 1000, reason: 'bye', wasClean: true });

    expect(heard).toEqual(['open', true, 'one', 'ws://live.test', true, 'bye', true, 1000, true]);
    expect(socket.onclose).toBe(onclose);
    expect(removed).not.toHaveBeenCalled();
  });

  it('passes everything on while it is whole', () => {
    const { socket, told, far } = stage();

    far?.onopen?.(new Event('open'));
    far?.onmessage?.({ data: EVENT });
    socket.send('hello');
    far?.onclose?.({ code: 3000, reason: '', wasClean: true });

    expect(told).toEqual(['open', EVENT, 'closed 3000']);
    expect(far?.sent).toEqual(['hello']);
  });

  it('holds both directions while it is frozen, counts the events, and then lets all go in order', async () => {
    const { sockets, socket, told, far } = stage();
    const counts: number[] = [];
    far?.onopen?.(new Event('open'));

    sockets.freeze(30, (events) => counts.push(events));
    for (const data of [EVENT, BEAT, EVENT]) far?.onmessage?.({ data });
    socket.send('late');
    expect(told).toEqual(['open']);
    expect(far?.sent).toEqual([]);

    await vi.waitFor(() => expect(told).toEqual(['open', EVENT, BEAT, EVENT]), { timeout: 10_000 });
    expect(far?.sent).toEqual(['late']);
    expect(counts).toEqual([1, 2]);
  });

  it('is lost without a word when it is cut, and says nothing afterwards, not even what was frozen', async () => {
    const { sockets, told, far } = stage();
    far?.onopen?.(new Event('open'));
    sockets.freeze(20);
    far?.onmessage?.({ data: EVENT });

    sockets.cut();
    far?.onmessage?.({ data: EVENT });
    far?.onclose?.({ code: 1005, reason: '', wasClean: true });
    // Another one, under the same ice: when it is let go, all is.
    const thawed = new Promise<void>((resolve) => {
      new sockets.Socket('ws://live.test/').onopen = () => resolve();
    });
    FakeSocket.made.at(-1)?.onopen?.(new Event('open'));
    await thawed;

    expect(told).toEqual(['open', 'closed 1006']);
    expect(far?.closed).toBe(true);
  });

  it('opens nothing while it is blocked', async () => {
    const { sockets, told, far } = stage();
    far?.onopen?.(new Event('open'));

    sockets.block(true);
    expect(told).toEqual(['open', 'closed 1006']);
    const { length } = FakeSocket.made;
    const refused = new sockets.Socket('ws://live.test/');
    const seen: unknown[] = [];
    refused.addEventListener('error', ({ type }) => seen.push(type, refused.readyState));
    const closed = new Promise((resolve) => {
      refused.onclose = resolve;
    });
    expect([refused.url, refused.readyState]).toEqual(['ws://live.test/', 0]);
    expect(() => refused.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(await closed).toMatchObject({ code: 1006, reason: '', wasClean: false });
    expect(seen).toEqual(['error', 3]);
    expect(FakeSocket.made).toHaveLength(length);
    sockets.block(false);
    new sockets.Socket('ws://live.test/');

    expect(FakeSocket.made).toHaveLength(length + 1);
  });
});

describe('the faults of several wires', () => {
  it('come to all of them, and what waits on each is counted together', () => {
    const wire = () => ({
      cut: vi.fn(),
      freeze: vi.fn<(ms: number, onHeld?: (events: number) => void) => void>(),
      block: vi.fn(),
    });
    const [one, other] = [wire(), wire()];
    const both = faultsOf(one, other);
    const counts: number[] = [];

    both.cut();
    both.block(true);
    both.freeze(50, (events) => counts.push(events));
    one.freeze.mock.calls[0]?.[1]?.(2);
    other.freeze.mock.calls[0]?.[1]?.(3);

    expect([one.cut, other.cut].every((cut) => cut.mock.calls.length === 1)).toBe(true);
    expect(one.block).toHaveBeenCalledWith(true);
    expect(other.block).toHaveBeenCalledWith(true);
    expect(counts).toEqual([2, 5]);
  });
});
