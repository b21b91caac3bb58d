/** Commands beside a wire that has no way back: one request each. */
import { type ClientFrame, decodeServerFrame, type ServerFrame } from '@fanfare/protocol';
import { vi } from 'vitest';
import { WAIT } from './wire-client.ts';

export interface Uplink {
  readonly port: number;
  /** Asked anew for every attempt: a poll has another connection each time. */
  readonly connection: () => string;
  readonly token: string | undefined;
}

/** Tries again while no connection stands, as between two polls. */
export async function sendUplink(uplink: Uplink, frame: ClientFrame | object): Promise<ServerFrame> {
  const [answer] = await vi.waitUntil(() => attempt(uplink, frame), { ...WAIT, interval: 20 });
  if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(frame)}`);
  return answer;
}

export function sendUplinks(uplink: Uplink, frames: readonly ClientFrame[]): Promise<readonly ServerFrame[]> {
  return vi.waitUntil(() => attempt(uplink, { frames }), { ...WAIT, interval: 20 });
}

async function attempt({ port, connection, token }: Uplink, body: object): Promise<readonly ServerFrame[] | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/live/uplink/${connection()}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status === 404 && text.includes('CONNECTION_UNKNOWN')) return undefined;
  const answers: unknown = JSON.parse(text).frames;
  if (response.status !== 200 || !Array.isArray(answers)) throw new Error(`${response.status}: ${text}`);
  return answers.map((answer: unknown) => {
    const decoded = decodeServerFrame(JSON.stringify(answer));
    if (!decoded.ok) throw new Error(`no frame: ${JSON.stringify(answer)}`);
    return decoded.value;
  });
}
