/**
 * A tab in a group: finds a way to the relay, says hello, says it again whenever the relay is another or does not know the tab any
 * more, and while the page is seen makes sure that the relay is there at all.
 *
 *     greeting ──any message──► joined ──quiet for a while──► asking ──any message──► joined
 *        ▲ │                                                     │
 *        │ └─ no answer: the way is told, or the next is tried
 *        └───────────────── no answer, `gone`, another relay ────┘
 */
import type { Off } from '../listeners.ts';
import type { Platform, PlatformSignal } from '../platform.ts';
import { type FromTab, type Port, type ToTab, toTab } from './messages.ts';
import type { OpenWay, Way } from './way.ts';

export interface GroupMemberOptions {
  /** Best first. */
  readonly ways: readonly OpenWay[];
  readonly platform: Pick<Platform, 'after'>;
  readonly page: Pick<Document, 'hidden'>;
}

const TICK_MS = 500;
/** Ticks of silence: after so many the relay is asked, after so many it is not there, after so many there is none. */
const ASKED = 2;
const LOST = 4;
const NONE = 6;

export abstract class GroupMember {
  readonly #options: GroupMemberOptions;
  #way: Way | undefined;
  /** The way leads nowhere: the next. */
  #failed: () => unknown = () => undefined;
  #port: Port<FromTab> | undefined;
  /** What was begun in an earlier turn is of no interest any more. */
  #turn = 0;
  #joined = false;
  /** Ticks without a word. A busy page sees few ticks: what waits in its queue is heard before the next. */
  #silence = 0;
  #timer: Off | undefined;

  constructor(options: GroupMemberOptions) {
    this.#options = options;
  }

  /** To say everything that is wanted: the relay knows nothing. */
  protected abstract hello(): void;
  protected abstract hear(message: ToTab): void;
  /** Tabs cannot share here. */
  protected abstract alone(): void;

  protected join(group: string, [open, ...others]: readonly OpenWay[] = this.#options.ways): void {
    this.leave();
    if (open) {
      const failed = (): unknown => this.#way === way && this.join(group, others);
      const way = open(group, { moved: () => this.#way === way && this.#greet(ASKED), failed });
      this.#way = way;
      this.#failed = failed;
      this.#greet(ASKED);
    } else this.alone();
  }

  protected send(message: FromTab): void {
    this.#port?.postMessage(message);
  }

  /** The page is seen again, or learned of the network: is the relay still there, and does it know? */
  protected wake(signal: PlatformSignal): void {
    this.send(['ping', signal]);
    this.#silence = ASKED;
    this.#arm();
  }

  protected leave(): void {
    this.#hangUp();
    this.#timer?.();
    this.#way?.leave();
    this.#way = undefined;
  }

  #greet(silence: number): void {
    this.#hangUp();
    const turn = this.#turn;
    const isCurrent = (): boolean => turn === this.#turn;
    this.#silence = silence;
    this.#arm();
    this.hear(['state', { status: 'connecting' }]);
    this.#way
      ?.connect((message) => isCurrent() && this.#hear(toTab(message)))
      .then(
        (port) => {
          if (!isCurrent()) return port.close();
          this.#port = port;
          this.hello();
        },
        () => isCurrent() && this.#failed(),
      );
  }

  #hangUp(): void {
    this.#turn += 1;
    this.#joined = false;
    this.send(['bye']);
    this.#port?.close();
    this.#port = undefined;
  }

  #hear(message: ToTab): void {
    this.#silence = 0;
    this.#joined = true;
    if (message[0] === 'gone') this.#greet(ASKED);
    else if (message[0] === 'own') this.alone();
    else this.hear(message);
  }

  #arm(): void {
    this.#timer?.();
    this.#timer = this.#options.platform.after(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    // Only pages that are seen ask: others have throttled timers, and may be frozen themselves before they lead.
    if (this.#joined && this.#options.page.hidden) return;
    this.#arm();
    this.#silence += 1;
    if (this.#silence === ASKED) this.send(['ping']);
    if (this.#silence === LOST && this.#joined) this.#greet(LOST);
    if (this.#silence === NONE) {
      this.#silence = ASKED;
      this.#way?.unanswered();
    }
  }
}
