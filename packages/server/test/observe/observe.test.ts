import { describe, expect, it } from 'vitest';
import type { HubEvent } from '../../src/core/index.ts';
import { createLogger, type LogLevel, logHubEvents } from '../../src/http/index.ts';
import { redactUrl } from '../../src/observe/redact-url.ts';

async function capture(level: LogLevel = 'debug', secrets: readonly string[] = []) {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = await createLogger({ level, destination, secrets });
  return { logger, lines };
}

function hub() {
  const listeners = new Set<(event: HubEvent) => void>();
  return {
    emit: (event: HubEvent) => listeners.forEach((listener) => void listener(event)),
    observe: (listener: (event: HubEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

describe('redactUrl', () => {
  it.each([
    ['/live/sse?channel=a&token=eyJ', '/live/sse?channel=a&token=[redacted]'],
    ['/live/sse?ticket=t&cursor=c', '/live/sse?ticket=[redacted]&cursor=[redacted]'],
    ['/a?TOKEN=x&tok%65n=y&anything=z', '/a?TOKEN=[redacted]&tok%65n=[redacted]&anything=[redacted]'],
    ['/a?secret', '/a?[redacted]'],
    ['/a?token=x?channel=y', '/a?token=[redacted]'],
    ['/live/uplink/Yk2fP0s9vQ1mZt3x?a=b', '/live/uplink/[redacted]?a=[redacted]'],
    ['/live/uplink/Yk2fP0s9vQ1mZt3x', '/live/uplink/[redacted]'],
    ['/a?', '/a?'],
    ['/a', '/a'],
    [`/${'x'.repeat(1000)}`, `/${'x'.repeat(511)}`],
  ])('%s becomes %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted);
  });
});

describe('logHubEvents', () => {
  it('writes one JSON line per event, at the level of its weight', async () => {
    const { logger, lines } = await capture();
    const source = hub();
    const stop = logHubEvents(source, logger);

    source.emit({ kind: 'slow-consumer', connection: 'c1', label: 'sse', bufferedBytes: 7 });
    source.emit({ kind: 'engine-failed', channel: 'a', error: new Error('disk full') });
    stop();
    source.emit({ kind: 'drain-started', connections: 1 });

    expect(lines).toEqual([
      { level: 40, time: expect.any(Number), connection: 'c1', label: 'sse', bufferedBytes: 7, msg: 'slow-consumer' },
      {
        level: 50,
        time: expect.any(Number),
        channel: 'a',
        err: expect.objectContaining({ message: 'disk full' }),
        msg: 'engine-failed',
      },
    ]);
  });

  it('is silent about the everyday at the default level', async () => {
    const { logger, lines } = await capture('info');
    const source = hub();
    logHubEvents(source, logger);

    source.emit({ kind: 'connection-opened', connection: 'c1', label: 'sse' });
    source.emit({ kind: 'subscribed', connection: 'c1', channel: 'a' });

    expect(lines).toEqual([]);
  });

  it('does not let a fault flood the log, and says how much it left out', async () => {
    const { logger, lines } = await capture();
    const source = hub();
    let now = 0;
    logHubEvents(source, logger, () => now);

    for (let i = 0; i < 10_000; i += 1) source.emit({ kind: 'hole-in-follow', channel: 'a' });
    source.emit({ kind: 'drain-started', connections: 1 });
    now = 1000;
    source.emit({ kind: 'hole-in-follow', channel: 'a' });

    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toMatchObject({ msg: 'hole-in-follow', suppressed: 9980 });
  });
});

describe('createLogger', () => {
  it('blanks whatever calls itself a credential', async () => {
    const { logger, lines } = await capture();

    logger.info(
      { token: 'secret', headers: { authorization: 'secret', cookie: 'secret', 'x-api-key': 'secret' } },
      'a',
    );

    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it.each([
    ['court:1234', 'court:[redacted]'],
    ['/api/court/1234', '/api/court/[redacted]'],
    ['/api/court/1234/status?a=b', '/api/court/[redacted]/status?a=b'],
    ['/live/sse?channel=court:1234&channel=a', '/live/sse?channel=court:[redacted]&channel=a'],
    ['/live/sse?channel=court%3a1234', '/live/sse?channel=court%3a[redacted]'],
    ['/api/c%6Furt/%31234', '/api/c%6Furt/[redacted]'],
    ['hall:7:seat:A5:row', 'hall:[redacted]:seat:[redacted]:row'],
    ['court: "12" of /courts/1', 'court: "12" of /courts/1'],
  ])('blanks what an application calls secret in %s', async (text, shown) => {
    const { logger, lines } = await capture('debug', ['court:{pin}', '/court/{pin}', 'hall:{hall}:seat:{seat}']);

    logger.info({ url: text, err: new Error(text) }, text);

    expect(lines).toEqual([
      expect.objectContaining({ url: shown, err: expect.objectContaining({ message: shown }), msg: shown }),
    ]);
  });

  it.each(['court', '{pin}', ''])('takes no pattern that hides nothing or everything: "%s"', async (pattern) => {
    await expect(createLogger({ level: 'info', secrets: [pattern] })).rejects.toThrow(TypeError);
  });
});
