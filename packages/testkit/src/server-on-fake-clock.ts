/** For a real server on a fake clock: its turns end and its sockets get their bytes, while a test waits for a fact. */
import type { FakeClock } from './fake-clock.ts';
import { StreamReader } from './stream-reader.ts';

/** Rejects after 5 s of real time. */
export async function untilOn(clock: FakeClock, fact: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!fact()) {
    if (performance.now() > deadline) throw new Error('the fact did not come true within 5 s');
    await clock.settle();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function openStreamOn(
  clock: FakeClock,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamReader> {
  let reader: StreamReader | undefined;
  void StreamReader.open(url, headers).then((opened) => {
    reader = opened;
  });
  await untilOn(clock, () => reader !== undefined);
  return reader ?? StreamReader.open(url, headers);
}
