/** The events of a WebSocket, as a browser has them: what listens by `onmessage = ...`, and what by `addEventListener`, in their order. */

type Handler<E> = ((this: WebSocket, event: E) => unknown) | null;

export abstract class SocketEvents extends EventTarget {
  /** A handler that takes another's place has its place in the line, too, as the standard says. */
  readonly #handlers = new Map<string, { handler: unknown }>();
  declare readonly addEventListener: WebSocket['addEventListener'];
  declare readonly removeEventListener: WebSocket['removeEventListener'];

  get onopen(): Handler<Event> {
    return this.#handler('open');
  }
  set onopen(handler: Handler<Event>) {
    this.#handle('open', handler);
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handler('message');
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#handle('message', handler);
  }

  get onerror(): Handler<Event> {
    return this.#handler('error');
  }
  set onerror(handler: Handler<Event>) {
    this.#handle('error', handler);
  }

  get onclose(): Handler<CloseEvent> {
    return this.#handler('close');
  }
  set onclose(handler: Handler<CloseEvent>) {
    this.#handle('close', handler);
  }

  #handler<E>(type: string): Handler<E> {
    return (this.#handlers.get(type)?.handler ?? null) as Handler<E>;
  }

  #handle(type: string, given: unknown): void {
    const handler = typeof given === 'function' ? given : null;
    const known = this.#handlers.get(type);
    if (known !== undefined) {
      known.handler = handler;
      return;
    }
    const place: { handler: unknown } = { handler };
    this.#handlers.set(type, place);
    super.addEventListener(type, (event) => {
      if (typeof place.handler === 'function') Reflect.apply(place.handler, this, [event]);
    });
  }
}
