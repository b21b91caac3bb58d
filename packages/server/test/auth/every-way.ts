/** One credential, presented in every way there is: what each of them answers. */
import { RawWebSocket } from '@fanfare/testkit';
import { vi } from 'vitest';
import { RawClient } from '../transports/live-fixture.ts';
import { answerOf, post, WAIT } from './wires.ts';

interface Target {
  readonly port: number;
  readonly url: string;
}

/** `open`: let in as the subject 7. `passing`: a stream that said to come back. Anything else: the code that it was refused with. */
export type Verdicts = Readonly<Record<Way, string>>;

export type Way =
  | 'sse, header'
  | 'sse, cookie'
  | 'poll, header'
  | 'ws, header'
  | 'ws, cookie'
  | 'ws, subprotocol'
  | 'ws, first message'
  | 'uplink, header'
  | 'uplink, auth';

/** The same for all of them. */
export function all(verdict: string): Verdicts {
  return {
    'sse, header': verdict,
    'sse, cookie': verdict,
    'poll, header': verdict,
    'ws, header': verdict,
    'ws, cookie': verdict,
    'ws, subprotocol': verdict,
    'ws, first message': verdict,
    'uplink, header': verdict,
    'uplink, auth': verdict,
  };
}

/** The server has `mine:{user}`, which its user alone may read, and `public:{name}`. */
export async function everyWay(target: Target, token: string): Promise<Verdicts> {
  const header = { Authorization: `Bearer ${token}` };
  const cookie = { Cookie: `session=${token}` };
  const protocols = { 'Sec-WebSocket-Protocol': `fanfare.v1, bearer.${Buffer.from(token).toString('base64url')}` };
  return {
    'sse, header': await bySse(target, header),
    'sse, cookie': await bySse(target, cookie),
    'poll, header': await answered(fetch(`${target.url}/live/poll?channel=mine:7`, { headers: header })),
    'ws, header': await byWs(target, header),
    'ws, cookie': await byWs(target, cookie),
    'ws, subprotocol': await byWs(target, protocols),
    'ws, first message': await byWs(target, {}, token),
    ...(await byUplink(target, token)),
  };
}

async function bySse({ port }: Target, headers: Readonly<Record<string, string>>): Promise<string> {
  using client = RawClient.get(port, '/live/sse?channel=mine:7', headers);
  await vi.waitUntil(() => client.named('subscribed').length > 0 || client.body.endsWith('}') || client.closed, WAIT);
  if (client.status === 200) return client.named('subscribed').length > 0 ? 'open' : 'passing';
  return codeIn(client.body);
}

async function byWs({ port }: Target, headers: Readonly<Record<string, string>>, token?: string): Promise<string> {
  using socket = new RawWebSocket({ port, headers });
  if (token !== undefined) socket.send({ type: 'auth', id: 1, token });
  socket.send({ type: 'subscribe', id: 2, channel: 'mine:7' });
  const decisive = () => socket.frames.find(({ type }) => type === 'subscribed' || type === 'error');
  const frame = await vi.waitUntil(decisive, WAIT);
  return frame.type === 'error' ? frame.code : 'open';
}

/** On a stream of nobody in particular. */
async function byUplink(
  { port, url }: Target,
  token: string,
): Promise<Pick<Verdicts, 'uplink, header' | 'uplink, auth'>> {
  using stream = RawClient.get(port, '/live/sse?channel=public:a');
  const [connected] = await stream.until('connected');
  const path = `${url}/live/uplink/${JSON.parse(connected?.data ?? '').connection}`;
  const asked = await answered(post(path, { type: 'ping' }, { Authorization: `Bearer ${token}` }));
  const presented = await answerOf(post(path, { type: 'auth', id: 1, token }));
  const [frame] = Object(presented.body).frames ?? [];
  return {
    // Somebody finds no connection of his own there: that he is somebody was seen.
    'uplink, header': asked === 'CONNECTION_UNKNOWN' ? 'open' : asked,
    'uplink, auth': frame?.type === 'authenticated' && frame.subject === '7' ? 'open' : String(frame?.code),
  };
}

async function answered(response: Promise<Response>): Promise<string> {
  const { status, code } = await answerOf(response);
  return status === 200 ? 'open' : String(code);
}

function codeIn(body: string): string {
  return String(JSON.parse(body).error.code);
}
