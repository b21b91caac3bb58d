/** A4: an issuer is the one that the configuration names, letter by letter, and speaks for its own subjects only. */
import { describe, expect, it } from 'vitest';
import { all, everyWay } from './every-way.ts';
import { ISSUERS, pem, rsa, startTokens, token } from './token-fixture.ts';
import { answerOf } from './wires.ts';

describe('A4 an issuer that is almost the right one', () => {
  it.each<[unknown]>([
    ['https://rs.example/'],
    ['HTTPS://RS.EXAMPLE'],
    ['http://rs.example'],
    ['https://rs.example.evil.example'],
    ['https://rs.example@evil.example'],
    ['https://evil.example/https://rs.example'],
    ['https://rs.exampl'],
    [' https://rs.example'],
    ['https://rs.example\u0000'],
    ['https://rs.ex\u0430mple'],
    ['rs.example'],
    [''],
    [['https://rs.example']],
    [{ iss: 'https://rs.example' }],
    [7],
    [null],
    [undefined],
    ['__proto__'],
    // One that exists, with other keys.
    ['https://hs.example'],
    ['https://es.example'],
  ])('is refused, in every way there is: %j', async (iss) => {
    await using running = await startTokens();

    expect(await everyWay(running, token('rs', { claims: { iss } }))).toEqual(all('UNAUTHENTICATED'));
  });
});

describe('A4 an audience', () => {
  it.each<[unknown]>([
    ['other'],
    ['APP'],
    [''],
    [[]],
    [['other']],
    [{ app: true }],
    [null],
    [undefined],
    [['app2', 'ap']],
  ])('that is not the one of the issuer is refused: %j', async (aud) => {
    await using running = await startTokens();

    expect(await everyWay(running, token('rs', { claims: { aud } }))).toEqual(all('UNAUTHENTICATED'));
  });

  it('may be one of several, on either side', async () => {
    await using running = await startTokens();

    expect(await everyWay(running, token('rs', { claims: { aud: ['x', 'app'] } }))).toEqual(all('open'));
    expect(await everyWay(running, token('es', { claims: { aud: 'other' } }))).toEqual(all('open'));
  });
});

describe('A4 two issuers', () => {
  it('cannot name the subjects of each other where one has a prefix', async () => {
    const [hs] = ISSUERS;
    const partner = {
      issuer: 'https://rs.example',
      audience: 'app',
      algorithms: ['RS256'],
      keys: [pem(rsa.publicKey)],
    } as const;
    await using running = await startTokens([...(hs ? [hs] : []), { ...partner, subjectPrefix: 'partner-' }]);
    const read = (channel: string, bearer: string) =>
      answerOf(
        fetch(`${running.url}/live/poll?channel=${channel}`, { headers: { Authorization: `Bearer ${bearer}` } }),
      );

    expect(await read('mine:7', token('hs'))).toMatchObject({ status: 200 });
    expect(await read('mine:7', token('rs'))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(await read('mine:partner-7', token('rs'))).toMatchObject({ status: 200 });
    expect(await read('mine:partner-7', token('rs', { claims: { sub: 'artner-7' } }))).toMatchObject({ status: 403 });
  });
});
