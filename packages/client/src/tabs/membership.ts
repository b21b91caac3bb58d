/**
 * A tab in a group: finds a way to the relay, says hello, says it again whenever the relay is another or does not know the tab any
 * more, and while the page is seen makes sure that the relay is there at all.
 *
 *     greeting ──welcome──► joined ──quiet for a while──► asking ──any message──► joined
 *        ▲ │                                                │
 *        │ └─ no answer: the way is told, or the next is tried
 *        └───────────── no answer, `gone`, another relay ───┘
 */
import type { Off } from '../listeners.ts';
import type { Platform, PlatformSignal } from '../platform.ts';
import { type FromTab, type Port, type ToTab, toTab } from './messages.ts';
import type { OpenWay, Way } from './way.ts';

export interface MembershipHost {
  /** The first message to a relay: everything that is wanted. */
  hello(): FromTab;
  hear(message: ToTab): void;
  /** Nothing comes, and nothing is taken, until `welcome`. */
  lost(): void;
  /** Tabs cannot share here. */
  alone(): void;
}

export interface MembershipOptions {
  readonly group: string;
  /** Best first. */
  readonly ways: readonly OpenWay[];
  readonly platform: Pick<Platform, 'after' | 'now'>;
  readonly isVisible: () => boolean;
  readonly host: MembershipHost;
}

/** How long a relay may take to answer to a tab that is new. */
const HELLO_MS = 2000;
/** How long it may be quiet before it is asked, how long it may then take, and how long to answer one last hello. */
const QUIET_MS = 1000;
/** A timer that is later than this was throttled, or the page was busy: answers may wait in the page's own queue. */
const LATE_MS = 500;

export class Membership {
  readonly #options: MembershipOptions;
  #ways: readonly OpenWay[];
  #way: Way | undefined;
  #port: Port<FromTab> | undefined;
  /** What was begun in an earlier turn is of no interest any more. */
  #turn = 0;
  #joined = false;
  #heard = false;
  #timer: Off | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#ways = options.ways;
    this.#take();
  }

  /** Another after every hello. */
  get turn(): number {
    return this.#turn;
  }

  send(message: FromTab): void {
    this.#port?.send(message);
  }

  /** The page is seen again, or learned of the network: is the relay still there, and does it know? */
  wake(signal: PlatformSignal): void {
    if (this.#joined) this.#ask(signal);
    else this.#await(HELLO_MS);
  }

  leave(): void {
    this.#hangUp();
    this.#timer?.();
    this.#way?.leave();
    this.#way = undefined;
  }

  #take(): void {
    const { group, host } = this.#options;
    const [open] = this.#ways;
    if (open === undefined) {
      host.alone();
      return;
    }
    const isCurrent = (): boolean => this.#way === way && way !== undefined;
    let way: Way | undefined;
    try {
      way = open(group, {
        moved: () => isCurrent() && this.#greet(HELLO_MS),
        failed: () => isCurrent() && this.#fail(),
      });
    } catch {
      // Forbidden here.
    }
    this.#way = way;
    if (way === undefined) this.#fail();
    else this.#greet(HELLO_MS);
  }

  #fail(): void {
    this.leave();
    this.#ways = this.#ways.slice(1);
    this.#take();
  }

  #greet(patienceMs: number): void {
    const way = this.#way;
    if (way === undefined) return;
    this.#hangUp();
    const turn = this.#turn;
    this.#options.host.lost();
    this.#await(patienceMs);
    const hear = (message: unknown): void => {
      if (turn === this.#turn) this.#hear(toTab(message));
    };
    way.connect(hear).then(
      (port) => {
        if (turn !== this.#turn) return port.close();
        this.#port = port;
        port.send(this.#options.host.hello());
      },
      () => turn === this.#turn && this.#fail(),
    );
  }

  #hangUp(): void {
    this.#turn += 1;
    this.#joined = false;
    this.#port?.send(['bye']);
    this.#port?.close();
    this.#port = undefined;
  }

  #hear(message: ToTab): void {
    this.#heard = true;
    switch (message[0]) {
      case 'pong':
        break;
      case 'ping':
        this.send(['ack', 0]);
        break;
      case 'gone':
        this.#greet(HELLO_MS);
        break;
      case 'own':
        // At once: it speaks another version. Later: this tab wants more than fits beside the others.
        if (this.#joined) this.#ways = [];
        this.#fail();
        break;
      case 'welcome':
        this.#joined = true;
        this.#ask(this.#options.isVisible() ? 'visible' : undefined);
        this.#options.host.hear(message);
        break;
      default:
        this.#options.host.hear(message);
    }
  }

  #await(ms: number): void {
    this.#arm(ms, () => {
      this.#await(HELLO_MS);
      this.#way?.unanswered();
    });
  }

  /** Only pages that are seen ask: others have throttled timers, and may be frozen themselves before they lead. */
  #watch(): void {
    this.#heard = false;
    this.#arm(QUIET_MS, () => {
      if (!this.#options.isVisible()) return;
      if (this.#heard) this.#watch();
      else this.#ask(undefined);
    });
  }

  #ask(signal: PlatformSignal | undefined): void {
    this.#heard = false;
    this.send(['ping', signal]);
    this.#arm(QUIET_MS, () => (this.#heard ? this.#watch() : this.#greet(QUIET_MS)));
  }

  #arm(ms: number, task: () => void): void {
    const { platform } = this.#options;
    this.#timer?.();
    const due = platform.now() + ms;
    this.#timer = platform.after(ms, () => (platform.now() > due + LATE_MS ? this.#arm(ms, task) : task()));
  }
}
