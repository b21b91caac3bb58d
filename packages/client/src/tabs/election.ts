/**
 * Leader election: the tab that holds the Web Lock of the group runs the relay in its page, and everyone, itself included, is a
 * client of it. When the leader goes, the lock passes on and the next leader announces itself; from a leader that does not answer the
 * lock is stolen. A leader that was robbed while it was frozen learns of it when it wakes, and steps down.
 *
 *     candidate ──lock granted──► leader ──robbed──► candidate        (leave: from anywhere, to gone)
 *         └──leader does not answer: steal──► leader
 *
 * In the lobby, a BroadcastChannel of the whole group, leaders announce themselves by a name, and tabs say hello to the leader that
 * they know of, with the name of a pipe, a BroadcastChannel for the two of them: what is said to an earlier leader, or by one that
 * does not know yet that it was robbed, reaches nobody. Each tab holds a lock by the name of its pipe; the leader that is granted it
 * knows that the tab is dead.
 */
import type { Off } from '../listeners.ts';
import { holdLock, type Locks, whenGone } from './hold-lock.ts';
import type { FromTab, Port } from './messages.ts';
import { fromTab } from './relay-messages.ts';
import type { TabRelay } from './tab-relay.ts';
import type { Way, WayHost } from './way.ts';

type Pipe = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>;

/** What is taken from the browser; injected, so that elections are tried in every order. */
export interface Electorate {
  readonly locks: Locks;
  channel(name: string): Pipe;
  id(): string;
}

export interface ElectionOptions {
  readonly group: string;
  readonly electorate: Electorate;
  readonly host: WayHost;
  readonly relay: () => TabRelay;
}

export class Election implements Way {
  readonly #options: ElectionOptions;
  readonly #lobby: Pipe;
  /** The leader's name, so far as is known. */
  #leader = '';
  /** In the page that leads. */
  #relay: TabRelay | undefined;
  /** Ends the candidacy, or the leadership. */
  #resign: Off = () => undefined;

  constructor(options: ElectionOptions) {
    const { electorate, group, host } = options;
    this.#options = options;
    this.#lobby = electorate.channel(group);
    this.#lobby.onmessage = ({ data }) => {
      if (typeof data === 'string') {
        this.#leader = data;
        if (this.#relay === undefined) host.moved();
      } else if (this.#relay !== undefined && (data[0] === '' || data[0] === this.#leader)) {
        this.#admit(this.#relay, data[1], fromTab(data[2]));
      }
    };
    this.#stand({});
  }

  async connect(hear: (message: unknown) => void): Promise<Port<FromTab>> {
    if (this.#relay !== undefined) return inProcess(this.#relay, hear);
    const { electorate, group } = this.#options;
    const name = `${group} ${electorate.id()}`;
    const unlock = await holdLock(electorate.locks, name);
    const pipe = electorate.channel(name);
    let greeted = false;
    /** Until the relay has answered it does not listen to the pipe. */
    let waiting: FromTab[] | undefined = [];
    pipe.onmessage = ({ data }) => {
      for (const message of waiting ?? []) pipe.postMessage(message);
      waiting = undefined;
      hear(data);
    };
    return {
      postMessage: (message) => {
        if (!greeted) this.#lobby.postMessage([this.#leader, name, message]);
        else if (waiting !== undefined) waiting.push(message);
        else pipe.postMessage(message);
        greeted = true;
      },
      close: () => {
        pipe.close();
        unlock();
      },
    };
  }

  unanswered(): void {
    if (this.#relay !== undefined) return;
    this.#resign();
    this.#stand({ steal: true });
  }

  leave(): void {
    this.#resign();
    this.#lobby.close();
  }

  #stand(how: LockOptions): void {
    const { electorate, group, host, relay } = this.#options;
    const stop = new AbortController();
    let release: Off | undefined;
    let resigned = false;
    this.#resign = () => {
      resigned = true;
      this.#stepDown();
      stop.abort();
      release?.();
    };
    electorate.locks
      // What is stolen cannot be given up before it is had.
      .request(group, how.steal === true ? how : { signal: stop.signal }, () => {
        if (resigned) return undefined;
        this.#relay = relay();
        this.#leader = electorate.id();
        this.#lobby.postMessage(this.#leader);
        host.moved();
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      })
      .catch((error: unknown) => {
        if (resigned) return;
        this.#stepDown();
        // Anything but a robbery: locks are forbidden here.
        if (!(error instanceof DOMException && error.name === 'AbortError')) {
          host.failed();
          return;
        }
        this.#stand({});
        host.moved();
      });
  }

  #stepDown(): void {
    this.#relay?.close();
    this.#relay = undefined;
  }

  #admit(relay: TabRelay, name: string, hello: FromTab): void {
    const { electorate } = this.#options;
    const pipe = electorate.channel(name);
    const tab = relay.attach(pipe);
    pipe.onmessage = ({ data }) => tab.hear(fromTab(data));
    tab.hear(hello);
    whenGone(electorate.locks, name, () => tab.leave());
  }
}

/** The leader is a tab among others. A microtask per message: neither side is called back while it speaks. */
function inProcess(relay: TabRelay, hear: (message: unknown) => void): Port<FromTab> {
  let isOpen = true;
  const tab = relay.attach({
    postMessage: (message) => queueMicrotask(() => isOpen && hear(message)),
    close: () => undefined,
  });
  return {
    postMessage: (message) => queueMicrotask(() => isOpen && tab.hear(message)),
    close: () => {
      isOpen = false;
      tab.leave();
    },
  };
}
