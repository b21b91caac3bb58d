/** Where the connection of many tabs has its credential from: one of them, or else another. */
import type { Platform } from '../platform.ts';
import type { FromTab, ToTab } from './messages.ts';

export type TokenAnswer = Extract<FromTab, readonly ['token', ...unknown[]]>;

/** A tab that does not find a token within this is asleep, or asks its user for a password: another may have one. */
const PATIENCE_MS = 4000;

export class TokenDesk<Tab> {
  readonly #platform: Pick<Platform, 'after'>;
  readonly #send: (tab: Tab, message: ToTab) => void;
  readonly #asks = new Map<number, (answer: TokenAnswer) => void>();
  #lastAsk = 0;

  constructor(platform: Pick<Platform, 'after'>, send: (tab: Tab, message: ToTab) => void) {
    this.#platform = platform;
    this.#send = send;
  }

  /** In this order. Rejects when nobody has one. */
  async ask(tabs: readonly Tab[], refresh: boolean): Promise<string | undefined> {
    for (const tab of tabs) {
      this.#lastAsk += 1;
      const ask = this.#lastAsk;
      const [, , ok, token] = await new Promise<TokenAnswer>((resolve) => {
        this.#asks.set(ask, resolve);
        this.#platform.after(PATIENCE_MS, () => resolve(['token', ask, false]));
        this.#send(tab, ['token', ask, refresh]);
      });
      this.#asks.delete(ask);
      if (ok) return token;
    }
    throw new Error('No tab has a token.');
  }

  answer(message: TokenAnswer): void {
    this.#asks.get(message[1])?.(message);
  }
}
