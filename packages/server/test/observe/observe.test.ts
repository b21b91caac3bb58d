import { describe, expect, it } from 'vitest';
import type { HubEvent } from '../../src/core/index.ts';
import { createLogger, type LogLevel, logHubEvents } from '../../src/http/index.ts';
import { redactUrl } from '../../src/observe/redact-url.ts';

async function capture(level: LogLevel = 'debug') {
  const lines: Record<string, unknown>[] = [];
  const logger = await createLogger({ level, destination: { write: (line) => void lines.push(JSON.parse(line)) } });
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
});
