/** `askApplication()`: access as an application decides it, asked over HTTP. What is not answered in time, or not understood, lets nobody in. */
import { createHash, createHmac } from 'node:crypto';
import QuickLRU from 'quick-lru';
import { type AccessDecision, type AccessRequest, AccessUnavailable, isDecision } from './access.ts';
import { describeShape } from './describe-shape.ts';
import type { Authority } from './gate.ts';

/** Options of `askApplication()`. */
export interface AskApplicationOptions {
  /** Where to POST the question. */
  readonly url: string;
  /** Signs it, so that the application knows who asks: at least 32 bytes. */
  readonly secret: string;
  /** An answer that takes longer is none. @default 2000 */
  readonly timeoutMs?: number;
  /** An answer holds for so long; 0: every time anew. @default 10000 */
  readonly rememberMs?: number;
  /** Answers that are remembered. @default 10000 */
  readonly maxRemembered?: number;
  /** Wall clock, milliseconds. @default the system's */
  readonly now?: () => number;
}

const MIN_SECRET_BYTES = 32;
const MAX_ANSWER_BYTES = 16 * 1024;
/** Questions on their way; who comes on top of them comes again. */
const MAX_ASKING = 1000;
const LATER: AccessDecision = { allow: false, status: 429, code: 'RATE_LIMITED' };

/** Throws a TypeError on options that make no sense. */
export function askApplication(options: AskApplicationOptions): Authority {
  const application = new Application(options);
  return { name: 'application', decide: (request) => application.decide(request) };
}

class Application {
  readonly #url: URL;
  readonly #secret: string;
  readonly #timeoutMs: number;
  readonly #rememberMs: number;
  readonly #now: () => number;
  readonly #remembered: QuickLRU<string, AccessDecision>;
  /** The same question is asked once at a time. */
  readonly #asking = new Map<string, Promise<AccessDecision>>();

  constructor({
    url,
    secret,
    timeoutMs = 2000,
    rememberMs = 10_000,
    maxRemembered = 10_000,
    now,
  }: AskApplicationOptions) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      throw new TypeError(`askApplication(): url: expected an http or https URL, got ${JSON.stringify(url)}.`);
    }
    if (Buffer.byteLength(secret) < MIN_SECRET_BYTES) {
      throw new TypeError(`askApplication(): secret: expected at least ${MIN_SECRET_BYTES} bytes.`);
    }
    this.#url = parsed;
    this.#secret = secret;
    this.#timeoutMs = timeoutMs;
    this.#rememberMs = rememberMs;
    this.#now = now ?? Date.now;
    this.#remembered = new QuickLRU({ maxSize: maxRemembered });
  }

  async decide(request: AccessRequest): Promise<AccessDecision> {
    const body = question(request);
    // Everything that the application is told, so that no answer counts for another question.
    const key = createHash('sha256').update(body).digest('base64');
    const known = this.#remembered.get(key) ?? this.#asking.get(key);
    if (known !== undefined) return known;
    if (this.#asking.size >= MAX_ASKING) return LATER;
    const asking = this.#ask(body)
      .then((decision) => this.#remember(key, decision))
      // After it is remembered: who asks in between would ask anew.
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  #remember(key: string, decision: AccessDecision): AccessDecision {
    if (this.#rememberMs > 0) this.#remembered.set(key, decision, { maxAge: this.#rememberMs });
    return decision;
  }

  async #ask(body: string): Promise<AccessDecision> {
    const answer = withReason(parse(await this.#post(body).catch((error: unknown) => this.#notAnswered(error))));
    return isDecision(answer) ? answer : this.#fail(`it answered ${describeShape(answer)}`);
  }

  /** The text of the answer. Rejects with what `fetch` does, at whatever place of it the network fails. */
  async #post(body: string): Promise<string> {
    const time = Math.floor(this.#now() / 1000);
    const signature = createHmac('sha256', this.#secret).update(`${time}.${body}`).digest('hex');
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Fanfare-Signature': `t=${time},v1=${signature}` },
      body,
      // An answer from elsewhere is nobody's.
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    if (response.status === 200) return this.#read(response);
    await response.body?.cancel();
    return this.#fail(`it answered ${response.status}`);
  }

  async #read(response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) return this.#fail('its answer is too long');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }

  #notAnswered(error: unknown): never {
    if (error instanceof AccessUnavailable) throw error;
    return this.#fail(error instanceof Error ? error.name : 'no answer');
  }

  /** Told to whoever runs the server; the client may come again. */
  #fail(why: string): never {
    throw new AccessUnavailable(`Access could not be asked of ${this.#url.origin}: ${why}.`);
  }
}

function question({ action, channel, params, identity, address }: AccessRequest): string {
  const who =
    identity === undefined
      ? null
      : { subject: identity.subject, roles: identity.roles, name: identity.name, claims: identity.claims };
  return JSON.stringify({ action, channel, params, address, identity: who });
}

/** A plain no is meant as it is said: nobody has to invent a code for it. */
function withReason(answer: unknown): unknown {
  const fields: Readonly<Record<string, unknown>> = Object(answer);
  return fields.allow === false
    ? { ...fields, status: fields.status ?? 403, code: fields.code ?? 'FORBIDDEN' }
    : answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
