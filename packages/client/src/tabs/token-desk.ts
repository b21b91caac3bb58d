/** Where the connection of many tabs has its credential from: one of them, or else another. */
import { ClientError } from '../client-error.ts';
import type { Platform } from '../platform.ts';
import type { FromTab, ToTab } from './messages.ts';

export type TokenAnswer = Extract<FromTab, readonly ['token', ...unknown[]]>;

/** A tab that does not find a token within this is asleep, or asks its user for a password: another may have one. */
const PATIENCE_MS = 4000;
/** A token that a tab had found when it came serves the connection for so long. */
const FRESH_MS = 10_000;

export class TokenDesk<Tab> {
  readonly #platform: Pick<Platform, 'after' | 'now' | 'id'>;
  readonly #send: (tab: Tab, message: ToTab) => void;
  readonly #asks = new Map<string, (answer: TokenAnswer) => void>();
  #offer: { readonly tab: Tab; readonly token: string | undefined; readonly until: number } | undefined;

  constructor(platform: Pick<Platform, 'after' | 'now' | 'id'>, send: (tab: Tab, message: ToTab) => void) {
    this.#platform = platform;
    this.#send = send;
  }

  /** Of the tab that came last. */
  offer(tab: Tab, token: string | undefined): void {
    this.#offer = { tab, token, until: this.#platform.now() + FRESH_MS };
  }

  /** In this order. Rejects when nobody has one. */
  async ask(tabs: readonly Tab[], refresh: boolean): Promise<string | undefined> {
    const offer = this.#offer;
    this.#offer = undefined;
    if (offer?.token && !refresh && offer.tab === tabs[0] && this.#platform.now() < offer.until) return offer.token;
    for (const tab of tabs) {
      // An answer to an earlier relay is not one to this.
      const ask = this.#platform.id();
      const [, , ok, token] = await new Promise<TokenAnswer>((resolve) => {
        this.#asks.set(ask, resolve);
        this.#platform.after(PATIENCE_MS, () => resolve(['token', ask, false]));
        this.#send(tab, ['token', ask, refresh]);
      });
      this.#asks.delete(ask);
      if (ok) return token;
    }
    throw new ClientError('TOKEN_FAILED', 'No tab has a token.');
  }

  answer(message: TokenAnswer): void {
    this.#asks.get(message[1])?.(message);
  }
}
