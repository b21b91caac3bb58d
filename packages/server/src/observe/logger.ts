/** The server's log: JSON lines for machines, a readable form only where a person watches a terminal. */
import { type DestinationStream, type Logger, pino } from 'pino';
import { hideCaptures } from './hide-captures.ts';
import { LogOutput } from './log-output.ts';

export type { Logger } from 'pino';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go. @default standard output, pretty when it is a terminal */
  readonly destination?: DestinationStream;
  /**
   * Channel names and paths with a secret in them, `court:{pin}`, `/court/{pin}`: what the captures stand for is in no line, neither
   * of requests nor of the hub nor in the message of an error. A TypeError for a pattern without a capture. @default none
   */
  readonly secrets?: readonly string[];
}

/** Whatever an object that reaches the log may call a secret. Nothing of ours logs one; this is the second lock. */
const SECRETS = ['token', 'ticket', 'apiKey', 'password', 'authorization', 'cookie'];
const REDACTED = [...SECRETS, ...SECRETS.map((name) => `*.${name}`), '*.["x-api-key"]'];

export async function createLogger(options: LoggerOptions): Promise<Logger> {
  const destination = options.destination ?? (process.stdout.isTTY ? await prettyStream() : new LogOutput());
  const settings = { level: options.level, base: null, redact: { paths: REDACTED, censor: '[redacted]' } };
  const { secrets = [] } = options;
  return pino({ ...settings, hooks: secrets.length === 0 ? {} : { streamWrite: hideCaptures(secrets) } }, destination);
}

/** Loaded only for people: it costs a start of 50 ms. */
async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', sync: true });
}
