/** Every way in: header, cookie, one-time ticket, and the JWT in the URL where the operator wants it; and that no token reaches a log. */
import { fileURLToPath } from 'node:url';
import { StreamReader, startServerProcess } from '@fanfare/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Headers,
  LINH,
  login,
  ok,
  type RunningInbox,
  send,
  startInbox,
  streamOf,
  trigger,
} from './inbox-support.ts';

interface Ticket {
  readonly ticket: string;
  readonly expiresIn: number;
}

const ticketFor = (running: RunningInbox, headers: Headers): Promise<Ticket> =>
  ok(send('POST', `${running.url}/api/stream-tickets`, undefined, headers));

async function refusal(url: string, headers: Headers = {}): Promise<string> {
  const answer = await fetch(url, { headers });
  const { error } = (await answer.json()) as { error: { code: string } };
  return `${answer.status} ${error.code}`;
}

describe('a stream opens', () => {
  it('by a Bearer header, and by the cookie', async () => {
    await using running = await startInbox();
    const { bearer, cookie } = await login(running.url, 'spectator');
    for (const headers of [bearer, cookie]) {
      using stream = await StreamReader.open(streamOf(running.url), headers);
      await trigger(running.url, { user_id: LINH });
      expect((await stream.first('notification')).data['user_id']).toBe(LINH);
    }
  });

  it('by a ticket, once, and goes on where an earlier stream ended', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const { ticket, expiresIn } = await ticketFor(running, bearer);
    const before = await StreamReader.open(`${streamOf(running.url)}?ticket=${ticket}`);
    await before.first('unread');
    before.close();
    await trigger(running.url, { user_id: LINH, title: 'missed' });

    expect(expiresIn).toBe(30);
    expect(await refusal(`${streamOf(running.url)}?ticket=${ticket}`)).toBe('401 TICKET_INVALID');
    const next = await ticketFor(running, bearer);
    const cursor = encodeURIComponent(before.lastId);
    using after = await StreamReader.open(`${streamOf(running.url)}?ticket=${next.ticket}&cursor=${cursor}`);

    expect((await after.first('notification')).data['title']).toBe('missed');
  });

  it('by no ticket that nobody gave, and a ticket opens nothing else', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'admin');

    expect(await refusal(`${streamOf(running.url)}?ticket=${'a'.repeat(43)}`)).toBe('401 TICKET_INVALID');
    expect(await refusal(`${streamOf(running.url)}?ticket=`)).toBe('401 TICKET_INVALID');
    const { ticket } = await ticketFor(running, bearer);
    for (const path of ['', 'preferences/', 'analytics/']) {
      expect(await refusal(`${running.url}/api/notifications/${path}?ticket=${ticket}`)).toBe('401 UNAUTHENTICATED');
    }
    const order = { user_id: LINH, title: 'x' };
    const sent = await send('POST', `${running.url}/api/notifications/trigger/?ticket=${ticket}`, order);
    expect(sent.status).toBe(401);
    expect((await send('POST', `${running.url}/api/stream-tickets`)).status).toBe(401);
  });
});

describe('a stream ends', () => {
  it('with the credential that opened it, and opens no more with it; those of others go on', async () => {
    await using running = await startInbox();
    const linh = await login(running.url, 'spectator');
    const admin = await login(running.url, 'admin');
    using stream = await StreamReader.open(streamOf(running.url), linh.bearer);
    using other = await StreamReader.open(streamOf(running.url), admin.bearer);
    await Promise.all([stream.first('unread'), other.first('unread')]);

    await running.live.revoke({ subject: String(LINH) });

    await expect.poll(() => stream.ended).toBe(true);
    expect(await refusal(streamOf(running.url), linh.bearer)).toBe('401 CREDENTIAL_REVOKED');
    expect(await refusal(`${running.url}/api/notifications/`, linh.bearer)).toBe('401 CREDENTIAL_REVOKED');
    expect(other.ended).toBe(false);
  });

  it('with the login of the page, when that logs out', { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
    await using server = await startServerProcess({ script, env: { FANFARE_ENGINE: 'memory' }, readyWithinMs: 60_000 });
    const { bearer } = await login(server.url, 'spectator');
    using stream = await StreamReader.open(streamOf(server.url), bearer);
    await stream.first('unread');

    expect((await send('POST', `${server.url}/api/logout`, {}, bearer)).status).toBe(204);

    await expect.poll(() => stream.ended, { timeout: 5000 }).toBe(true);
    expect(await refusal(streamOf(server.url), bearer)).toBe('401 UNAUTHENTICATED');
  });
});

describe('a JWT in the URL', () => {
  afterEach(() => vi.restoreAllMocks());

  it('opens nothing by default', async () => {
    await using running = await startInbox();
    const { token } = await login(running.url, 'spectator');

    expect(await refusal(`${streamOf(running.url)}?token=${token}`)).toBe('401 UNAUTHENTICATED');
    expect(await refusal(`${running.url}/api/notifications/?token=${token}`)).toBe('401 UNAUTHENTICATED');
  });

  it('opens a stream where the operator turned it on, who is warned; and nothing but a stream', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await using running = await startInbox({ jwtInUrl: true });
    const { token } = await login(running.url, 'spectator');

    using stream = await StreamReader.open(`${streamOf(running.url)}?token=${token}`);
    await trigger(running.url, { user_id: LINH });

    expect((await stream.first('notification')).data['user_id']).toBe(LINH);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('?token='), { code: 'JWT_IN_URL' });
    expect(await refusal(`${running.url}/api/notifications/?token=${token}`)).toBe('401 UNAUTHENTICATED');
    expect(await refusal(`${streamOf(running.url)}?token=wrong`)).toBe('401 UNAUTHENTICATED');
    const wrong = { authorization: 'Bearer wrong' };
    expect(await refusal(`${streamOf(running.url)}?token=${token}`, wrong)).toBe('401 UNAUTHENTICATED');
  });

  it('reaches no log and no list, whatever is logged, and neither does a ticket', { timeout: 60_000 }, async () => {
    const script = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
    const env = {
      ...{ FANFARE_API_KEY: 'key-of-this-test', FANFARE_LOG_LEVEL: 'debug', FANFARE_LOG_REQUESTS: 'true' },
      ...{ FANFARE_ENGINE: 'memory', INBOX_JWT_IN_URL: '1', NO_COLOR: '1' },
    };
    await using server = await startServerProcess({ script, env, readyWithinMs: 60_000 });
    const { token, bearer } = await login(server.url, 'spectator');
    const { ticket } = await ok<Ticket>(send('POST', `${server.url}/api/stream-tickets`, undefined, bearer));
    const admin = await login(server.url, 'admin');

    using byToken = await StreamReader.open(`${streamOf(server.url)}?token=${token}&x=1`);
    using byTicket = await StreamReader.open(`${streamOf(server.url)}?ticket=${ticket}`);
    await Promise.all([byToken.first('unread'), byTicket.first('unread')]);
    await fetch(`${server.url}/nowhere?token=${token}&ticket=${ticket}`);
    await fetch(`${server.url}/api/notifications/?token=${token}`);
    await fetch(`${server.url}/live/sse?channel=inbox:${LINH}&token=${token}`);
    const key = { 'x-api-key': 'key-of-this-test', ...admin.bearer };
    const lists = await Promise.all(
      ['/api/sse/connections', '/api/notifications/transports/', '/metrics'].map(async (path) =>
        (await fetch(server.url + path, { headers: key })).text(),
      ),
    );
    byToken.close();
    byTicket.close();
    await expect.poll(() => server.output.match(/connection-closed/g)?.length, { timeout: 10_000 }).toBe(2);
    await server.stop();

    const written = [server.output, ...lists].join('\n');
    expect(written).toContain('JWT_IN_URL');
    expect(written).toContain('/nowhere?token=[redacted]&ticket=[redacted]');
    expect(written).not.toContain(token);
    expect(written).not.toContain(token.split('.')[2]);
    expect(written).not.toContain(ticket);
    expect(written).not.toContain(admin.token);
  });
});
