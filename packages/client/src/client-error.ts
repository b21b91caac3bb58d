/** What the client tells `onError`: it went on, but somebody should know. */

/**
 * `code`: HANDLER_FAILED (a handler of yours threw), FRAME_INVALID (the server sent what this client cannot read), TOKEN_FAILED
 * (`token()` threw), PUBLISH_TIMEOUT, QUEUE_FULL, ABORTED or CLOSED (of a publish), or the server's own code when it refused the
 * connection, a channel or a publish for good. `message`: the words of whoever had any. `cause`: what was thrown.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  /** The channel it concerns, if one. */
  readonly channel: string | undefined;
  /** The same may succeed later. */
  readonly temporary: boolean;

  constructor(code: string, message: string, options: ClientErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.channel = options.channel;
    this.temporary = options.temporary ?? false;
  }
}

/** What a `ClientError` knows beside its code and words. */
export interface ClientErrorOptions {
  readonly channel?: string | undefined;
  readonly cause?: unknown;
  readonly temporary?: boolean | undefined;
}

/** For what was thrown by somebody else; its words. */
export function errorOf(code: string, cause: unknown, channel?: string): ClientError {
  return new ClientError(code, wordsOf(cause), { cause, channel });
}

export function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Without `onError` an error goes where uncaught ones go: nothing fails in silence. */
export function reportUnhandled(error: ClientError): void {
  if (typeof reportError === 'function') reportError(error);
  // biome-ignore lint/suspicious/noConsole: Node 20 has no reportError, and throwing would end the process for a handler's bug.
  else console.error(error);
}
