/**
 * Rendered on a server, where there is no window: nothing throws, nobody connects; and a page takes the result over without a
 * mismatch. Runs in bare Node; the document comes when the second half of a test needs one.
 */
import { act, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { builtinEnvironments } from 'vitest/runtime';
import { LiveServer, type Shapes } from './live-server.ts';

type React = typeof import('../src/index.ts');

const dismantle: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of dismantle.splice(0).reverse()) await step();
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Every hook and every component, as one page. */
function pageOf(library: React, server: LiveServer): ReactElement {
  const { AlertsSwitch, ConnectionBadge, CountBadge, FanfareProvider, Flash, LanguageSwitch, ThemeSwitch, Toaster } =
    library;
  const { useChannel, useClient, useConnectionState, useEvent, useLoss, usePublish } = library.createHooks<Shapes>();
  function Body(): ReactElement {
    const client = useClient();
    const connection = useConnectionState();
    const { value, values, subscription } = useChannel('court:1', { everyMs: 80 });
    const { pending, error } = usePublish('chat:lobby');
    useEvent('chat:lobby', 'said', () => undefined);
    useLoss('chat:lobby', () => undefined);
    library.useTitleCount(3);
    return (
      <main>
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
        <LanguageSwitch />
        <ThemeSwitch />
        <AlertsSwitch />
        <CountBadge count={9999} />
        <Toaster />
        <p id="points">
          {subscription.status} {values.size} {String(pending)} {String(error)} <Flash value={value?.points ?? 0} />
        </p>
      </main>
    );
  }
  return (
    <FanfareProvider client={server.client}>
      <Body />
    </FanfareProvider>
  );
}

async function startServer(): Promise<LiveServer> {
  const server = await LiveServer.start();
  dismantle.push(() => server[Symbol.asyncDispose]());
  return server;
}

async function openDocument(html: string): Promise<HTMLElement> {
  const page = await builtinEnvironments.jsdom.setup(globalThis, {});
  dismantle.push(() => page.teardown(globalThis));
  Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);
  document.body.innerHTML = `<div id="root">${html}</div>`;
  const root = document.getElementById('root');
  if (root === null) throw new Error('the document has no root');
  return root;
}

/** Hydrates and returns what React complained about. */
async function hydrate(root: HTMLElement, page: ReactElement): Promise<readonly string[]> {
  const complaints: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((...words) => complaints.push(words.join(' ')));
  const { hydrateRoot } = await import('react-dom/client');
  await act(async () => {
    const mounted = hydrateRoot(root, page, { onRecoverableError: (error) => complaints.push(String(error)) });
    dismantle.push(() => act(async () => mounted.unmount()));
  });
  return complaints;
}

describe('a render on a server', { timeout: 60_000 }, () => {
  it('has no window, throws nothing and connects nobody', async () => {
    expect(typeof window).toBe('undefined');
    const server = await startServer();

    const library = await import('../src/index.ts');

    const html = renderToString(pageOf(library, server));

    library.toast({ title: 'nobody sees it' });
    expect(html).toContain('Not connected');
    expect(html).toContain('closed');
    // Whoever had asked would have been seen by now: another client's whole connection fits in between.
    const other = await LiveServer.start();
    dismantle.push(() => other[Symbol.asyncDispose]());
    other.client.channel('court:1').on('state', () => undefined);
    await expect.poll(() => other.connections, { timeout: 15_000 }).toBe(1);
    expect(server.connections).toBe(0);
    expect(server.client.connection.status).toBe('idle');
  });

  it('is taken over by the page without a mismatch, which then connects once', async () => {
    const server = await startServer();
    const html = renderToString(pageOf(await import('../src/index.ts'), server));
    const root = await openDocument(html);
    await server.set('1', 11);
    vi.resetModules();

    const complaints = await hydrate(root, pageOf(await import('../src/index.ts'), server));

    const shown = (): string | null | undefined => document.getElementById('points')?.textContent;
    await vi.waitFor(() => act(async () => expect(shown()).toContain('subscribed 1')), { timeout: 15_000 });
    expect(shown()).toContain('11');
    expect(complaints).toEqual([]);
    expect(server.connections).toBe(1);
  });

  it('is taken over without a mismatch although the client is live already, and in another language', async () => {
    const server = await startServer();
    const html = renderToString(pageOf(await import('../src/index.ts'), server));
    server.client.channel('court:1').on('state', () => undefined);
    await server.set('1', 12);
    await vi.waitFor(() => expect(server.client.channel('court:1').value).toEqual({ points: 12 }), { timeout: 15_000 });
    const root = await openDocument(html);
    localStorage.setItem('fanfare.language', 'vi');
    vi.resetModules();

    const complaints = await hydrate(root, pageOf(await import('../src/index.ts'), server));

    await vi.waitFor(() => act(async () => expect(root.textContent).toContain('Trực tiếp')), { timeout: 15_000 });
    expect(root.textContent).toContain('12');
    expect(complaints).toEqual([]);
  });
});
