/**
 * One TCP connection to the server under load, as near to the loop as Node allows: it reads below `net.Socket`, straight from
 * the handle, with one buffer for all connections, so that a read costs little more than its system call. Where a Node has no
 * such handles, it is a `net.Socket`.
 */
import { connect } from 'node:net';

/** Where every read lands; good until `read` returns. */
export const received = Buffer.allocUnsafe(256 * 1024);

const bindings = handleBindings();

/**
 * `owner`: `connected()`, `read(length)` (its bytes are the first of `received`), `ended(reason)`, of which there is one at most.
 * Returns `{ write(bytesOrLatin1), stall(), end() }`. Bytes that were handed to `write` stay as they are until the server had them.
 */
export function openConnection(port, owner, { viaSocket = bindings === undefined } = {}) {
  return viaSocket ? new SocketConnection(port, owner) : new HandleConnection(port, owner);
}

class HandleConnection {
  #handle;
  #owner;

  constructor(port, owner) {
    const { TCP, TCPConnectWrap, constants } = bindings.tcp;
    this.#owner = owner;
    const handle = new TCP(constants.SOCKET);
    this.#handle = handle;
    handle.connection = this;
    handle.onread = onRead;
    handle.setNoDelay(true);
    handle.useUserBuffer(received);
    const request = new TCPConnectWrap();
    request.connection = this;
    request.oncomplete = onConnect;
    const error = handle.connect(request, '127.0.0.1', port);
    // As with a socket, nothing is told before the constructor has returned.
    if (error !== 0) setImmediate(() => this.ended(error));
  }

  /** Of the handle: it is connected, or why not. */
  connected(status) {
    if (this.#owner === undefined) return;
    if (status < 0) {
      this.ended(status);
      return;
    }
    this.#handle.readStart();
    this.#owner.connected();
  }

  /** Of the handle: bytes in `received`, or why none will come. */
  read(length) {
    if (length < 0) this.ended(length);
    else if (length > 0) this.#owner?.read(length);
  }

  /** Of the handle. */
  ended(error) {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.end();
    owner.ended(error === END_OF_FILE ? 'closed' : `error ${error}`);
  }

  write(bytes) {
    if (this.#owner === undefined) return;
    const request = new bindings.stream.WriteWrap();
    request.oncomplete = onWritten;
    request.connection = this;
    // Kept where the system did not take all of them at once.
    request.bytes = bytes;
    const isText = typeof bytes === 'string';
    const error = isText ? this.#handle.writeLatin1String(request, bytes) : this.#handle.writeBuffer(request, bytes);
    if (error < 0) this.ended(error);
  }

  stall() {
    this.#handle.readStop();
  }

  end() {
    if (this.#owner === undefined) return;
    this.#owner = undefined;
    this.#handle.reset(() => {});
  }
}

function onConnect(status) {
  this.connection.connected(status);
}

function onRead() {
  this.connection.read(bindings.stream.streamBaseState[bindings.stream.kReadBytesOrError]);
}

function onWritten(status) {
  if (status < 0) this.connection.ended(status);
}

class SocketConnection {
  #socket;
  #owner;

  constructor(port, owner) {
    this.#owner = owner;
    const onread = { buffer: received, callback: (length) => this.#owner?.read(length) ?? true };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('connect', () => this.#owner?.connected());
    this.#socket.on('error', (error) => this.#ended(error.message));
    this.#socket.on('close', () => this.#ended('closed'));
  }

  write(bytes) {
    this.#socket.write(bytes, 'latin1');
  }

  stall() {
    this.#socket.pause();
  }

  end() {
    this.#owner = undefined;
    this.#socket.resetAndDestroy();
  }

  #ended(reason) {
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.ended(reason);
  }
}

/** libuv's. */
const END_OF_FILE = -4095;

/** undefined: this Node has them no more, or under other names. */
function handleBindings() {
  try {
    const [tcp, stream] = [process.binding('tcp_wrap'), process.binding('stream_wrap')];
    const { prototype } = tcp.TCP;
    const has = ['connect', 'reset', 'readStart', 'useUserBuffer', 'writeBuffer'].every((name) => name in prototype);
    return has && stream.streamBaseState && stream.WriteWrap ? { tcp, stream } : undefined;
  } catch {
    return undefined;
  }
}
