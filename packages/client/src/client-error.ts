/** What the client tells `onError`: it went on, but somebody should know. */

/**
 * `code`: HANDLER_FAILED (a handler of yours threw), FRAME_INVALID (the server sent what this client cannot read), TOKEN_FAILED
 * (`token()` threw), or the server's own code when it refused the connection or a channel for good. `cause`: what was thrown.
 */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: string;
  /** The channel it concerns, if one. */
  readonly channel: string | undefined;

  constructor(code: string, message: string, options: { readonly channel?: string; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.channel = options.channel;
  }
}

/** Without `onError` an error goes where uncaught ones go: nothing fails in silence. */
export function reportUnhandled(error: ClientError): void {
  if (typeof reportError === 'function') reportError(error);
  // biome-ignore lint/suspicious/noConsole: Node 20 has no reportError, and throwing would end the process for a handler's bug.
  else console.error(error);
}
