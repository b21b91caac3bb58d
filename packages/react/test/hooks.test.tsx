// @vitest-environment jsdom
/** The hooks over a real client whose stream the test feeds. */
import { act, type ReactElement } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHooks, FanfareProvider, useConnection } from '../src/index.ts';
import { LiveServer, type Shapes } from './live-server.ts';
import { mount, unmountAll, until } from './mount.ts';

const { useChannelEvents, useChannelState, useClient } = createHooks<Shapes>();

let server: LiveServer;

function Points({ pin, everyMs }: { readonly pin: string | undefined; readonly everyMs?: number }): ReactElement {
  const { value, subscription } = useChannelState(
    pin === undefined ? undefined : `court:${pin}`,
    everyMs === undefined ? {} : { everyMs },
  );
  return <p>{`${subscription.status} ${value?.points ?? 'nothing'}`}</p>;
}

function Connection(): ReactElement {
  return <p>{useConnection().status}</p>;
}

function page(children: ReactElement): ReactElement {
  return <FanfareProvider client={server.client}>{children}</FanfareProvider>;
}

async function shows(container: HTMLElement, text: string): Promise<void> {
  await until(() => container.textContent === text, `the page to show "${text}"`);
}

afterEach(async () => {
  await unmountAll();
  server.client.close();
});

describe('useChannelState', () => {
  it('shows nothing, then the value, then every newer one', async () => {
    server = new LiveServer();
    const { container } = await mount(page(<Points pin="1" />));

    await shows(container, 'subscribed nothing');
    server.set('court:1', 3);
    await shows(container, 'subscribed 3');
    server.set('court:1', 4);
    await shows(container, 'subscribed 4');
  });

  it('shares one subscription among the components that follow one channel', async () => {
    server = new LiveServer();
    const both = (
      <>
        <Points pin="1" />
        <Points pin="1" />
      </>
    );
    const { container } = await mount(page(both));

    await shows(container, 'subscribed nothingsubscribed nothing');
    server.set('court:1', 8);
    await shows(container, 'subscribed 8subscribed 8');
    expect(server.asked).toEqual([['court:1']]);
  });

  it('leaves the channel when the last component is gone', async () => {
    server = new LiveServer();
    const mounted = await mount(page(<Points pin="1" />));
    await shows(mounted.container, 'subscribed nothing');

    await mounted.unmount();

    await until(() => server.client.connection.status === 'idle', 'the client to be idle');
  });

  it('follows another channel when the name changes, and shows nothing of the old one', async () => {
    server = new LiveServer();
    const mounted = await mount(page(<Points pin="1" />));
    await shows(mounted.container, 'subscribed nothing');
    server.set('court:1', 5);
    await shows(mounted.container, 'subscribed 5');

    await mounted.render(page(<Points pin="2" />));

    await shows(mounted.container, 'subscribed nothing');
    expect(server.asked.at(-1)).toEqual(['court:2']);
  });

  it('follows nothing without a name', async () => {
    server = new LiveServer();
    const { container } = await mount(page(<Points pin={undefined} />));

    expect(container.textContent).toBe('closed nothing');
    expect(server.asked).toEqual([]);
  });

  it('renders a burst far less often than it comes, and ends on its last value', async () => {
    server = new LiveServer();
    let renders = 0;
    function Watched(): ReactElement {
      const { value } = useChannelState('court:1', { everyMs: 80 });
      renders += 1;
      return <p>{value?.points ?? 'nothing'}</p>;
    }
    const { container } = await mount(page(<Watched />));
    await until(() => server.asked.length === 1, 'a stream');
    renders = 0;
    const started = performance.now();

    for (let points = 1; points <= 200; points += 1) server.set('court:1', points);
    await shows(container, '200');

    // One at once, one per 80 ms that have passed, one for the tail.
    expect(renders).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - started) / 80));
  });
});

describe('useChannelEvents', () => {
  it('calls the newest handler for every event of its name, in order', async () => {
    server = new LiveServer();
    const heard: string[] = [];
    function Chat({ prefix }: { readonly prefix: string }): ReactElement {
      useChannelEvents('chat:lobby', 'said', (text) => heard.push(`${prefix}${text}`));
      return <p />;
    }
    const mounted = await mount(page(<Chat prefix="a-" />));
    await until(() => server.asked.length === 1, 'a stream');

    server.publish('chat:lobby', 'said', 'one');
    server.publish('chat:lobby', 'left', { who: 'x' });
    await until(() => heard.length === 1, 'the first event');
    await mounted.render(page(<Chat prefix="b-" />));
    server.publish('chat:lobby', 'said', 'two');
    server.publish('chat:lobby', 'said', 'three');

    await until(() => heard.length === 3, 'all events');
    expect(heard).toEqual(['a-one', 'b-two', 'b-three']);
    expect(server.asked).toHaveLength(1);
  });
});

describe('useConnection', () => {
  it('tells what the client tells', async () => {
    server = new LiveServer();
    const { container } = await mount(
      page(
        <>
          <Connection />
          <Points pin="1" />
        </>,
      ),
    );
    await shows(container, 'livesubscribed nothing');

    await act(async () => server.cut());

    await until(() => container.textContent?.startsWith('reconnecting') === true, 'the page to say so');
  });
});

describe('useClient', () => {
  it('says what is missing where there is no provider', async () => {
    server = new LiveServer();
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    function Alone(): ReactElement {
      useClient();
      return <p />;
    }

    await expect(mount(<Alone />)).rejects.toThrow('no <FanfareProvider');
    silent.mockRestore();
  });
});
