import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepApiKey, loadConfig, type ServerConfig } from '../../src/http/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfare-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(given: { argv?: string[]; env?: Record<string, string>; file?: string } = {}) {
  if (given.file !== undefined) writeFileSync(join(folder, 'fanfare.yaml'), given.file);
  return loadConfig({ argv: given.argv ?? [], env: given.env ?? {}, folder });
}

function configOf(given: Parameters<typeof load>[0]): ServerConfig {
  const outcome = load(given);
  if (outcome.kind === 'invalid') throw new Error(outcome.problems.join('\n'));
  return outcome.config;
}

function problemsOf(given: Parameters<typeof load>[0]): readonly string[] {
  const outcome = load(given);
  return outcome.kind === 'invalid' ? outcome.problems : [];
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    expect(configOf({})).toEqual({
      port: 3001,
      host: '',
      data: './data',
      engine: 'sqlite',
      apiKey: '',
      access: '',
      allowedOrigins: [],
      publicOrigins: [],
      trustProxy: 0,
      logLevel: 'info',
      logRequests: false,
      heartbeatMs: 20_000,
      limits: {},
      openMetrics: false,
      transports: ['ws', 'sse', 'poll'],
      warmUp: true,
    });
  });

  it('takes a flag over the environment, the environment over the file, the file over the default', () => {
    const file = 'port: 1\nhost: from-file\ndata: from-file\nengine: memory\n';
    const env = { FANFARE_PORT: '2', FANFARE_HOST: 'from-env' };

    const config = configOf({ file, env, argv: ['--port', '3'] });

    expect(config).toMatchObject({ port: 3, host: 'from-env', data: 'from-file', engine: 'memory', logLevel: 'info' });
  });

  it('reads every setting from every source', () => {
    const values = {
      port: 8080,
      host: '::1',
      data: 'd',
      engine: 'memory',
      apiKey: 'k',
      access: 'a.yaml',
      allowedOrigins: ['https://a.example'],
      publicOrigins: ['https://live.example'],
    };
    const limits = { maxConnectionsPerUser: 20, connectsPerSecond: 0.5 };
    const more = {
      trustProxy: 1,
      logLevel: 'warn',
      logRequests: true,
      heartbeatMs: 5000,
      limits,
      openMetrics: true,
      transports: ['sse', 'poll'],
      warmUp: false,
    };
    const file = configOf({ file: JSON.stringify({ ...values, ...more }) });
    const env = configOf({
      file: '',
      env: {
        PORT: '8080',
        FANFARE_HOST: '::1',
        FANFARE_DATA: 'd',
        FANFARE_ENGINE: 'memory',
        FANFARE_API_KEY: 'k',
        FANFARE_ACCESS: 'a.yaml',
        FANFARE_ALLOWED_ORIGINS: 'https://a.example',
        FANFARE_PUBLIC_ORIGINS: 'https://live.example',
        FANFARE_TRUST_PROXY: '1',
        FANFARE_LOG_LEVEL: 'warn',
        FANFARE_LOG_REQUESTS: 'true',
        FANFARE_HEARTBEAT_MS: '5000',
        FANFARE_LIMITS: 'maxConnectionsPerUser=20, connectsPerSecond=0.5',
        FANFARE_OPEN_METRICS: '1',
        FANFARE_TRANSPORTS: 'sse,poll',
        FANFARE_WARM_UP: 'false',
      },
    });
    const flags =
      '--port 8080 --host ::1 --data d --engine memory --api-key k --access a.yaml --allowed-origins https://a.example --public-origins https://live.example --trust-proxy 1 --log-level warn --log-requests --heartbeat-ms 5000 --limits maxConnectionsPerUser=20,connectsPerSecond=0.5 --open-metrics --transports sse,poll --no-warm-up';

    expect(file).toEqual({ ...values, ...more });
    expect(env).toEqual(file);
    expect(configOf({ argv: flags.split(' ') })).toEqual(file);
  });

  it.each(['redis://localhost', 'redis://user:pass@10.0.0.7:6380/2', 'rediss://cache.example.com'])(
    'takes the engine %s',
    (engine) => {
      expect(configOf({ env: { FANFARE_ENGINE: engine } }).engine).toBe(engine);
    },
  );

  it('takes proxies by number or by address', () => {
    const proxies = ['127.0.0.1', '10.0.0.0/8'];

    expect(configOf({ env: { FANFARE_TRUST_PROXY: '2' } }).trustProxy).toBe(2);
    expect(configOf({ argv: ['--trust-proxy', '127.0.0.1,10.0.0.0/8'] }).trustProxy).toEqual(proxies);
    expect(configOf({ file: JSON.stringify({ trustProxy: proxies }) }).trustProxy).toEqual(proxies);
    expect(problemsOf({ env: { FANFARE_TRUST_PROXY: '10.0.0.0/0' } })).toHaveLength(1);
    expect(problemsOf({ env: { FANFARE_TRUST_PROXY: '11' } })).toHaveLength(1);
  });

  it('takes FANFARE_PORT over PORT, and an empty variable as none', () => {
    expect(configOf({ env: { PORT: '1', FANFARE_PORT: '2' } }).port).toBe(2);
    expect(configOf({ env: { PORT: '', FANFARE_API_KEY: '' } })).toMatchObject({ port: 3001, apiKey: '' });
  });

  it.each([
    [{ argv: ['--port', 'http'] }, '--port: port: expected a whole number from 0 to 65535, got "http"'],
    [{ env: { PORT: '70000' } }, 'PORT: port: expected a whole number from 0 to 65535, got 70000'],
    [{ env: { PORT: '0x10' } }, 'PORT: port: expected a whole number from 0 to 65535, got "0x10"'],
    [
      { env: { FANFARE_ENGINE: 'nats://localhost' } },
      'FANFARE_ENGINE: engine: expected memory, sqlite, or a URL such as redis://127.0.0.1:6379 (nats:// is not available in this version), got "nats://localhost"',
    ],
    [
      { env: { FANFARE_ENGINE: 'redis://user:s3cret@localhost/x' } },
      'FANFARE_ENGINE: engine: expected memory, sqlite, or a URL such as redis://127.0.0.1:6379 (nats:// is not available in this version), got something else',
    ],
    [
      { file: '# comment\n\ntrustProxy: yes\n' },
      'fanfare.yaml:3: trustProxy: expected the number of proxies in front, 0 to 10, or their addresses and networks, such as 10.0.0.0/8, got "yes"',
    ],
    [
      { argv: ['--allowed-origins', '*'] },
      '--allowed-origins: allowedOrigins: expected origins such as https://app.example.com, without a path and never *, got "*"',
    ],
    [
      { env: { FANFARE_HEARTBEAT_MS: '60000' } },
      'FANFARE_HEARTBEAT_MS: heartbeatMs: expected milliseconds from 1000 to 25000, got 60000',
    ],
    ...['maxConections=1', 'maxConnectionsPerUser=0', 'maxConnectionsPerUser=many', 'maxConnectionsPerUser'].map(
      (text): [object, string] => [
        { env: { FANFARE_LIMITS: text } },
        `FANFARE_LIMITS: limits: expected limits by name, such as maxConnectionsPerUser=20, each within its range, got ${text.includes('=') ? text.replace('many', '"many"') : `"${text}"`}`,
      ],
    ),
    [{ argv: ['--host', 'a b'] }, '--host: host: expected an address or a host name, got "a b"'],
    [{ file: 'data:\n' }, 'fanfare.yaml:1: data: expected the path of a folder, got null'],
    [
      { argv: ['--log-level', 'loud'] },
      '--log-level: logLevel: expected silent, fatal, error, warn, info, debug or trace, got "loud"',
    ],
  ])('says source, setting, expected and got: %j', (given, problem) => {
    expect(problemsOf(given).map((line) => line.replace(`${folder}/`, ''))).toEqual([problem]);
  });

  it('reads a secret from a file that a variable names, without the line end, and never shows what is in it', () => {
    const at = join(folder, 'key');
    const env = { FANFARE_API_KEY_FILE: at };
    writeFileSync(at, 'key-from-a-file\n');

    expect(configOf({ env }).apiKey).toBe('key-from-a-file');
    expect(problemsOf({ env: { ...env, FANFARE_API_KEY: 'another' } })).toEqual([
      `FANFARE_API_KEY_FILE: apiKey: expected either FANFARE_API_KEY or FANFARE_API_KEY_FILE, got both`,
    ]);
    expect(problemsOf({ env: { FANFARE_API_KEY_FILE: join(folder, 'none') } })).toEqual([
      'FANFARE_API_KEY_FILE: apiKey: expected a readable file, got ENOENT',
    ]);
    writeFileSync(at, 'two words');
    expect(problemsOf({ env })).toEqual([
      'FANFARE_API_KEY_FILE: apiKey: expected 1 to 256 visible ASCII characters, got something else',
    ]);
    rmSync(at);
  });

  it('never shows a key that it refuses', () => {
    const problems = problemsOf({ env: { FANFARE_API_KEY: 'my secret' } });

    expect(problems).toEqual([
      'FANFARE_API_KEY: apiKey: expected 1 to 256 visible ASCII characters, got something else',
    ]);
  });

  it('tells all problems at once', () => {
    expect(problemsOf({ argv: ['--port', 'x', '--engine', 'y'], env: { FANFARE_LOG_LEVEL: 'z' } })).toHaveLength(3);
  });

  it.each([
    ['- a\n- b\n', 'expected settings as "name: value" lines'],
    ['port: [1\n', 'expected YAML'],
    ['port: 1\nport: 2\n', 'expected YAML, got: Map keys must be unique'],
  ])('refuses the file %j with its line', (file, message) => {
    const [problem] = problemsOf({ file });

    expect(problem).toMatch(/fanfare\.yaml:\d/);
    expect(problem).toContain(message);
  });

  it('wants a file that was named to exist', () => {
    expect(problemsOf({ argv: ['--config', 'no-such.yaml'] })).toEqual([
      '--config: expected a file, got no-such.yaml, which does not exist',
    ]);
    expect(problemsOf({ env: { FANFARE_CONFIG: 'no-such.yaml' } })[0]).toMatch(/^FANFARE_CONFIG: /);
    expect(problemsOf({ argv: ['--config', folder] })[0]).toContain('expected a readable file, got EISDIR');
  });

  it('refuses a flag that nobody knows', () => {
    expect(problemsOf({ argv: ['--prot', '1'] })[0]).toMatch(/^command line: Unknown option '--prot'; /);
  });

  it('warns of names that nobody knows, in the file and the environment', () => {
    const { kind, warnings } = load({
      file: 'port: 1\nprot: 2\n__proto__: 3\n',
      // FANFARE_URL is what publishers are told to set, in a terminal where the server may be started next.
      env: { FANFARE_PROT: '3', FANFARE_PORT: '4', FANFARE_URL: 'http://localhost:4' },
    });

    expect(kind).toBe('valid');
    expect(warnings.map((line) => line.replace(`${folder}/`, ''))).toEqual([
      'FANFARE_PROT: no such setting',
      expect.stringMatching(/^fanfare\.yaml:2: prot: no such setting; there are port, host, /),
      expect.stringMatching(/^fanfare\.yaml:3: __proto__: no such setting/),
    ]);
  });
});

describe('keepApiKey', () => {
  it('makes a key once, readable by its owner only', () => {
    const data = join(folder, 'deep', 'data');

    const first = keepApiKey(data);
    const second = keepApiKey(data);

    expect(first).toMatchObject({ isNew: true, key: expect.stringMatching(/^ff_[A-Za-z0-9_-]{32}$/) });
    expect(second).toEqual({ ...first, isNew: false });
    expect(statSync(first.path).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });

  it('takes a key that was written by hand, and says when others can read it', () => {
    writeFileSync(join(folder, 'api-key'), '  mine\n', { mode: 0o644 });

    expect(keepApiKey(folder)).toMatchObject({ key: 'mine', isNew: false, isExposed: true });
  });

  it.each(['', 'two words\n', 'nul\u0000'])('refuses a file that holds %j', (text) => {
    writeFileSync(join(folder, 'api-key'), text);

    expect(() => keepApiKey(folder)).toThrow('does not hold a key; delete it and a new one is made');
  });

  it('says which folder cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => keepApiKey(join(folder, 'file'))).toThrow(
      /^the data folder .*file cannot be made \(EEXIST\); choose another/,
    );
    expect(() => keepApiKey(join(folder, 'file', 'data'))).toThrow(/cannot be made \(EEXIST\)/);
  });
});
