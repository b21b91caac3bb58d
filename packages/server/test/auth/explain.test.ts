/** Why somebody may, or may not: every rule that was asked, in words, in process and in the backend API. */
import { describe, expect, it } from 'vitest';
import { grants, log, tokens } from '../../src/index.ts';
import { ISSUERS, seconds, token } from './token-fixture.ts';
import { answerOf, post, startAll } from './wires.ts';

const start = () =>
  startAll({
    apiKey: 'master',
    authenticate: tokens({ issuers: ISSUERS }),
    authorize: grants({ users: { subscribe: ['inbox:{sub}'] }, roles: { umpire: { publish: ['inbox:*'] } } }),
    channels: { 'inbox:{user}': log(), 'board:{id}': log({ access: 'public' }) },
  });

const KEY = { 'X-API-Key': 'master' };

describe('an explanation', () => {
  it('of what is allowed names the grant that allows it', async () => {
    await using running = await start();

    const { body } = await answerOf(
      post(`${running.url}/live/api/explain`, { token: token('hs'), channel: 'inbox:7', action: 'subscribe' }, KEY),
    );

    expect(body).toEqual({
      allowed: true,
      action: 'subscribe',
      channel: 'inbox:7',
      subject: '7',
      steps: [
        { rule: 'token', outcome: 'allowed', why: expect.stringMatching(/^subject "7", no roles, in force until 20/) },
        { rule: 'access of "inbox:{user}"', outcome: 'silent', why: 'it says nothing about subscribe' },
        { rule: 'grants', outcome: 'allowed', why: 'users grants subscribe on "inbox:{sub}", which inbox:7 matches' },
      ],
    });
  });

  it('of what is denied names everything that was looked at', async () => {
    await using running = await start();

    expect(await running.live.explain({ token: token('hs'), channel: 'inbox:8', action: 'subscribe' })).toMatchObject({
      allowed: false,
      code: 'FORBIDDEN',
      status: 403,
      steps: [
        { rule: 'token' },
        { rule: 'access of "inbox:{user}"', outcome: 'silent' },
        {
          rule: 'grants',
          outcome: 'silent',
          why: 'users grants subscribe on "inbox:{sub}" ({sub} is "7"): inbox:8 matches none',
        },
        { rule: 'default', outcome: 'denied' },
      ],
    });
  });

  it.each<[string, Record<string, unknown>, string | undefined, string]>([
    [
      'a token that has expired',
      { token: token('hs', { claims: { exp: seconds() - 60 } }) },
      'CREDENTIAL_EXPIRED',
      'exp: it has expired',
    ],
    [
      'another issuer',
      { token: token('hs', { claims: { iss: 'https://x' } }) },
      'UNAUTHENTICATED',
      'iss: there is no issuer "https://x"',
    ],
    [
      'another audience',
      { token: token('hs', { claims: { aud: 'x' } }) },
      'UNAUTHENTICATED',
      'aud: it is not the expected one',
    ],
    [
      'another algorithm',
      { token: token('hs', { header: { alg: 'none' } }) },
      'UNAUTHENTICATED',
      'alg: https://hs.example signs with HS256, not "none"',
    ],
    [
      'a signature of another key',
      { token: token('hs', { signature: 'AAAA' }) },
      'UNAUTHENTICATED',
      'its signature is not of the key',
    ],
    ['no token at all', { token: 'x' }, 'UNAUTHENTICATED', 'it is no signed JWT'],
    ['nobody in particular', {}, 'UNAUTHENTICATED', 'nobody in particular: there is no credential'],
    ['a name that is none', { channel: 'inbox:*' }, 'CHANNEL_UNKNOWN', 'it is no name of a channel'],
    ['a name that nothing matches', { channel: 'x:1' }, 'CHANNEL_UNKNOWN', 'no pattern of the channel map matches x:1'],
    [
      'somebody with a role, without a token',
      { subject: '9', roles: ['umpire'], action: 'publish' },
      undefined,
      'role umpire grants publish on "inbox:*"',
    ],
    ['what is public', { channel: 'board:1' }, undefined, 'subscribe is public'],
  ])('of %s says so', async (_, question, code, why) => {
    await using running = await start();
    const asked: Record<string, unknown> = { channel: 'inbox:7', action: 'subscribe', ...question };

    const { status, body } = await answerOf(post(`${running.url}/live/api/explain`, asked, KEY));

    expect(status).toBe(200);
    expect(Object(body).allowed).toBe(code === undefined);
    expect(Object(body).code).toBe(code);
    expect(
      Object(body)
        .steps.map((step: { why: string }) => step.why)
        .join('\n'),
    ).toContain(why);
    // Never the credential itself.
    if (typeof asked['token'] === 'string' && asked['token'].length > 9)
      expect(JSON.stringify(body)).not.toContain(asked['token']);
  });

  it('of a revoked token says so', async () => {
    await using running = await start();
    await running.live.revoke({ subject: '7' });

    expect(await running.live.explain({ token: token('hs'), channel: 'inbox:7', action: 'subscribe' })).toMatchObject({
      allowed: false,
      code: 'CREDENTIAL_REVOKED',
      steps: [{ rule: 'token', outcome: 'denied', why: 'The credential was revoked.' }],
    });
  });

  it.each([
    [{ channel: 'inbox:7', action: 'read' }, 'FIELD_INVALID'],
    [{ action: 'subscribe' }, 'FIELD_MISSING'],
    [{ channel: 'inbox:7', action: 'subscribe', user: '7' }, 'FIELD_UNKNOWN'],
    [{ channel: 'inbox:7', action: 'subscribe', subject: '7', roles: 'umpire' }, 'FIELD_INVALID'],
  ])('is not given for %j', async (body, code) => {
    await using running = await start();

    expect(await answerOf(post(`${running.url}/live/api/explain`, body, KEY))).toMatchObject({ status: 400, code });
  });

  it('is for who manages the channel', async () => {
    await using running = await start();
    const asked = { channel: 'inbox:7', action: 'subscribe' };
    const ask = (fanfare: object) =>
      answerOf(
        post(`${running.url}/live/api/explain`, asked, {
          Authorization: `Bearer ${token('hs', { claims: { fanfare } })}`,
        }),
      );

    expect(await ask({ manage: ['inbox:*'] })).toMatchObject({ status: 200 });
    expect(await ask({ subscribe: ['**'] })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });
});
