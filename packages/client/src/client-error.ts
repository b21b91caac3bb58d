/** What the client tells `onError`: it went on, but somebody should know. */

/**
 * `code`: HANDLER_FAILED (a handler of yours threw), FRAME_INVALID (the server sent what this client cannot read), TOKEN_FAILED
 * (`token()` threw), PUBLISH_TIMEOUT, QUEUE_FULL, ABORTED or CLOSED (of a publish), or the server's own code when it refused the
 * connection, a channel or a publish for good. `cause`: what was thrown.
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

export interface ClientErrorOptions {
  readonly channel?: string;
  readonly cause?: unknown;
  readonly temporary?: boolean;
}

/** Without `onError` an error goes where uncaught ones go: nothing fails in silence. */
export function reportUnhandled(error: ClientError): void {
  if (typeof reportError === 'function') reportError(error);
  // biome-ignore lint/suspicious/noConsole: Node 20 has no reportError, and throwing would end the process for a handler's bug.
  else console.error(error);
}
