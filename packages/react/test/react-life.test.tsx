// @vitest-environment jsdom
/** What React may do to a component (render twice, mount twice, hide, suspend) costs the server nothing: it is counted there. */
import { act, type ReactElement, StrictMode, Suspense, startTransition, use, useState } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHooks, FanfareProvider } from '../src/index.ts';
import { LiveServer, type Shapes } from './live-server.ts';
import { mount, shows, unmountAll, until } from './mount.ts';

const { useChannel, useEvent } = createHooks<Shapes>();

let server: LiveServer;

beforeEach(async () => {
  server = await LiveServer.start();
});

afterEach(async () => {
  await unmountAll();
  await server[Symbol.asyncDispose]();
});

function page(children: ReactElement): ReactElement {
  return (
    <StrictMode>
      <FanfareProvider client={server.client}>{children}</FanfareProvider>
    </StrictMode>
  );
}

/** Everything that follows something, with handlers and options that are new at every render. */
function Follows({ heard }: { readonly heard: string[] }): ReactElement {
  const { value, subscription } = useChannel('court:1', { everyMs: 1 });
  useEvent('chat:lobby', 'said', (text) => heard.push(text));
  return <p>{`${subscription.status} ${value?.points ?? 'nothing'}`}</p>;
}

interface Gate {
  readonly promise: Promise<string>;
  readonly open: (text: string) => void;
}

/** What a component suspends on until the test lets it through. */
function closedGate(): Gate {
  let open = (_text: string): void => undefined;
  const promise = new Promise<string>((resolve) => {
    open = resolve;
  });
  return { promise, open: (text) => open(text) };
}

describe('StrictMode', () => {
  it('mounts twice, and the server sees one connection and one subscription of each channel', async () => {
    const heard: string[] = [];
    const { container } = await mount(page(<Follows heard={heard} />));
    await shows(container, 'subscribed nothing');

    await server.set('1', 7);
    await shows(container, 'subscribed 7');
    await server.say('once');
    await until(() => heard.length > 0, 'the event');

    expect(heard).toEqual(['once']);
    expect(server.connections).toBe(1);
    expect(server.subscribed).toEqual(['court:1', 'chat:lobby']);
  });
});

describe('rendering again', () => {
  it('a hundred times neither connects nor subscribes anew', async () => {
    const heard: string[] = [];
    const mounted = await mount(page(<Follows heard={heard} />));
    await shows(mounted.container, 'subscribed nothing');

    for (let time = 0; time < 100; time += 1) await mounted.render(page(<Follows heard={heard} />));
    await server.set('1', 1);
    await shows(mounted.container, 'subscribed 1');

    expect(server.connections).toBe(1);
    expect(server.subscribed).toEqual(['court:1', 'chat:lobby']);
  });

  it('in another place of the tree, in one commit, keeps the subscription', async () => {
    const heard: string[] = [];
    const mounted = await mount(page(<Follows key="a" heard={heard} />));
    await shows(mounted.container, 'subscribed nothing');

    // Another key: the old component unmounts as the new one mounts.
    await mounted.render(page(<Follows key="b" heard={heard} />));
    await server.set('1', 2);
    await shows(mounted.container, 'subscribed 2');

    expect(server.connections).toBe(1);
    expect(server.subscribed).toEqual(['court:1', 'chat:lobby']);
  });
});

describe('Suspense', () => {
  it('before the first commit follows nothing, and afterwards once', async () => {
    const gate = closedGate();
    function Late(): ReactElement {
      const { subscription } = useChannel('court:1');
      return <p>{`${use(gate.promise)} ${subscription.status}`}</p>;
    }
    const { container } = await mount(
      page(
        <Suspense fallback="waits">
          <Late />
        </Suspense>,
      ),
    );
    expect(container.textContent).toBe('waits');
    expect(server.client.connection.status).toBe('idle');

    gate.open('here');
    await shows(container, 'here subscribed');

    expect(server.connections).toBe(1);
    expect(server.subscribed).toEqual(['court:1']);
  });

  it('hides a component and brings it back: one connection, no event missed, the newest value shown', async () => {
    const heard: string[] = [];
    const gate = closedGate();
    let suspend = (): void => undefined;
    function Comes(): ReactElement {
      const [waiting, setWaiting] = useState(false);
      suspend = () => setWaiting(true);
      const { value, subscription } = useChannel('court:1');
      useEvent('chat:lobby', 'said', (text) => heard.push(text));
      return <p>{`${waiting ? use(gate.promise) : ''}${subscription.status} ${value?.points ?? 'nothing'}`}</p>;
    }
    const { container } = await mount(
      page(
        <Suspense fallback="waits">
          <Comes />
        </Suspense>,
      ),
    );
    await shows(container, 'subscribed nothing');

    await act(async () => suspend());
    await until(() => container.textContent?.includes('waits') === true, 'the fallback');
    await server.set('1', 21);
    await server.say('meanwhile');
    await until(() => heard.length > 0, 'the event, though nothing is shown');
    gate.open('back, ');
    await shows(container, 'back, subscribed 21');

    expect(heard).toEqual(['meanwhile']);
    expect(server.connections).toBe(1);
    expect(server.subscribed).toEqual(['court:1', 'chat:lobby']);
  });

  it('in a transition keeps the old channel until the new component is there', async () => {
    const gate = closedGate();
    let move = (): void => undefined;
    function Court({ pin }: { readonly pin: string }): ReactElement {
      const { subscription } = useChannel(`court:${pin}`);
      return <p>{`${pin === '2' ? use(gate.promise) : pin} ${subscription.status}`}</p>;
    }
    function Courts(): ReactElement {
      const [pin, setPin] = useState('1');
      move = () => startTransition(() => setPin('2'));
      return (
        <Suspense fallback="waits">
          <Court pin={pin} />
        </Suspense>
      );
    }
    const { container } = await mount(page(<Courts />));
    await shows(container, '1 subscribed');

    await act(async () => move());
    await server.set('1', 4);
    expect(container.textContent).toBe('1 subscribed');
    expect(server.subscribed).toEqual(['court:1']);
    gate.open('second');
    await shows(container, 'second subscribed');

    expect(server.subscribed).toEqual(['court:1', 'court:2']);
    expect(server.live.stats().connections).toBe(1);
  });
});
