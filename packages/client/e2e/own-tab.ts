/** A tab that lives as tabs do: Playwright tells all of its own that they are in front, and such a tab is never frozen. */
import type { Browser, CDPSession } from 'playwright-core';
import type { Evaluating } from './harness-page.ts';

interface Answer {
  readonly id: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export class OwnTab implements Evaluating {
  readonly #browser: CDPSession;
  readonly #sessionId: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #sent = 0;

  constructor(browser: CDPSession, sessionId: string) {
    this.#browser = browser;
    this.#sessionId = sessionId;
    browser.on('Target.receivedMessageFromTarget', (received) => {
      if (received.sessionId === sessionId) this.#hear(parseAnswer(received.message));
    });
  }

  async evaluate<Result, Arg>(code: (arg: Arg) => Result, arg: Arg): Promise<Awaited<Result>> {
    const expression = `(${code})(${JSON.stringify(arg)})`;
    const { result } = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    return evaluated<Awaited<Result>>(result);
  }

  async close(): Promise<void> {
    await this.#send('Page.close', {});
  }

  /** Hidden, and then without any turn of its own: no timer, no socket, no task. */
  async freeze(): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  /** The user comes back to the tab. */
  async resume(): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: 'active' });
    await this.#send('Page.bringToFront', {});
  }

  async #send(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    this.#sent += 1;
    const id = this.#sent;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    await this.#browser.send('Target.sendMessageToTarget', {
      sessionId: this.#sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    const { result, error } = await answered;
    if (result === undefined) throw new Error(`${method}: ${error?.message}`);
    return result;
  }

  #hear(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }
}

export async function openOwnTab(browser: Browser, url: string): Promise<OwnTab> {
  const session = await browser.newBrowserCDPSession();
  const { targetId } = await session.send('Target.createTarget', { url });
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  return new OwnTab(session, sessionId);
}

function parseAnswer(message: string): Answer {
  return JSON.parse(message) as Answer;
}

/** The remote object of Runtime.evaluate, which the caller's code made. */
function evaluated<Value>(remote: unknown): Value {
  return (remote as { readonly value: Value }).value;
}
