// @vitest-environment jsdom
/** The hooks over a real client and a real server. */
import { act, type ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHooks, FanfareProvider } from '../src/index.ts';
import { LiveServer, type Shapes } from './live-server.ts';
import { mount, shows, unmountAll, until } from './mount.ts';

const { useChannel, useClient, useConnectionState, useEvent, useLoss } = createHooks<Shapes>();

let server: LiveServer;

beforeEach(async () => {
  server = await LiveServer.start();
});

afterEach(async () => {
  await unmountAll();
  await server[Symbol.asyncDispose]();
});

function Points({ pin, everyMs }: { readonly pin: string | undefined; readonly everyMs?: number }): ReactElement {
  const { value, subscription } = useChannel(
    pin === undefined ? undefined : `court:${pin}`,
    everyMs === undefined ? {} : { everyMs },
  );
  return <p>{`${subscription.status} ${value?.points ?? 'nothing'}`}</p>;
}

function page(children: ReactElement): ReactElement {
  return <FanfareProvider client={server.client}>{children}</FanfareProvider>;
}

describe('useChannel', () => {
  it('shows nothing, then the value, then every newer one', async () => {
    const { container } = await mount(page(<Points pin="1" />));

    await shows(container, 'subscribed nothing');
    await server.set('1', 3);
    await shows(container, 'subscribed 3');
    await server.set('1', 4);
    await shows(container, 'subscribed 4');
  });

  it('shares one subscription among the components that follow one channel', async () => {
    const both = (
      <>
        <Points pin="1" />
        <Points pin="1" />
      </>
    );
    const { container } = await mount(page(both));

    await shows(container, 'subscribed nothingsubscribed nothing');
    await server.set('1', 8);
    await shows(container, 'subscribed 8subscribed 8');
    expect(server.subscribed).toEqual(['court:1']);
  });

  it('leaves the channel when the last component is gone', async () => {
    const mounted = await mount(page(<Points pin="1" />));
    await shows(mounted.container, 'subscribed nothing');

    await mounted.unmount();

    await until(() => server.live.stats().subscriptions === 0, 'the server to see nobody');
    expect(server.client.connection.status).toBe('idle');
  });

  it('follows another channel when the name changes, and shows nothing of the old one', async () => {
    const mounted = await mount(page(<Points pin="1" />));
    await shows(mounted.container, 'subscribed nothing');
    await server.set('1', 5);
    await shows(mounted.container, 'subscribed 5');

    await mounted.render(page(<Points pin="2" />));

    await shows(mounted.container, 'subscribed nothing');
    expect(server.subscribed).toEqual(['court:1', 'court:2']);
  });

  it('follows nothing without a name', async () => {
    const { container } = await mount(page(<Points pin={undefined} />));

    expect(container.textContent).toBe('closed nothing');
    await mount(page(<Points pin="2" />));
    await until(() => server.subscribed.length > 0, 'the other component to subscribe');
    expect(server.subscribed).toEqual(['court:2']);
  });

  it('tells how the subscription of a channel without a value stands', async () => {
    function Standing(): ReactElement {
      return <p>{useChannel('chat:lobby').subscription.status}</p>;
    }
    const { container } = await mount(page(<Standing />));

    await shows(container, 'subscribed');
  });

  it('renders a burst far less often than it comes, and ends on its last value', async () => {
    let renders = 0;
    function Watched(): ReactElement {
      const { value, subscription } = useChannel('court:1', { everyMs: 80 });
      renders += 1;
      return <p>{`${subscription.status} ${value?.points ?? 'nothing'}`}</p>;
    }
    const { container } = await mount(page(<Watched />));
    await shows(container, 'subscribed nothing');
    renders = 0;
    const started = performance.now();

    for (let points = 1; points <= 200; points += 1) await server.set('1', points);
    await shows(container, 'subscribed 200');

    // One at once, one per 80 ms that have passed, one for the tail.
    expect(renders).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - started) / 80));
  });
});

describe('useEvent', () => {
  it('calls the newest handler for every event of its name, in order, over one subscription', async () => {
    const heard: string[] = [];
    function Chat({ prefix }: { readonly prefix: string }): ReactElement {
      useEvent('chat:lobby', 'said', (text) => heard.push(`${prefix}${text}`));
      return <p>{useChannel('chat:lobby').subscription.status}</p>;
    }
    const mounted = await mount(page(<Chat prefix="a-" />));
    await shows(mounted.container, 'subscribed');

    await server.say('one');
    await server.live.channel('chat:lobby').publish('left', { who: 'x' });
    await until(() => heard.length === 1, 'the first event');
    await mounted.render(page(<Chat prefix="b-" />));
    await server.say('two');
    await server.say('three');

    await until(() => heard.length === 3, 'all events');
    expect(heard).toEqual(['a-one', 'b-two', 'b-three']);
    expect(server.subscribed).toEqual(['chat:lobby']);
  });

  it('hears what was published while the connection was cut', async () => {
    const heard: string[] = [];
    function Chat(): ReactElement {
      useEvent('chat:lobby', 'said', (text) => heard.push(text));
      return <p>{useChannel('chat:lobby').subscription.status}</p>;
    }
    const { container } = await mount(page(<Chat />));
    await shows(container, 'subscribed');
    await server.say('before');
    await until(() => heard.length === 1, 'the first event');

    server.cut();
    await server.say('meanwhile');
    await until(() => server.client.connection.status !== 'live', 'the client to notice');
    server.client.reconnect();

    await until(() => heard.length === 2, 'the second event');
    expect(heard).toEqual(['before', 'meanwhile']);
  });
});

describe('useLoss', () => {
  it('calls the handler when events are gone for good', async () => {
    const losses: string[] = [];
    function Chat(): ReactElement {
      useLoss('chat:lobby', ({ cause }) => losses.push(cause));
      return <p>{useChannel('chat:lobby').subscription.status}</p>;
    }
    // A position of another history, as after a server that lost its memory.
    server.client.channel('chat:lobby', { after: 'other.9' }).on('said', () => undefined);

    const { container } = await mount(page(<Chat />));
    await shows(container, 'lost');

    expect(losses).toEqual(['epoch']);
  });
});

describe('useConnectionState', () => {
  it('tells what the client tells', async () => {
    function Connection(): ReactElement {
      return <p>{useConnectionState().status}</p>;
    }
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
  it('gives the client of the provider', async () => {
    let given: unknown;
    function Asks(): ReactElement {
      given = useClient();
      return <p />;
    }
    await mount(page(<Asks />));

    expect(given).toBe(server.client);
  });

  it('says what is missing where there is no provider', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    function Alone(): ReactElement {
      useClient();
      return <p />;
    }

    await expect(mount(<Alone />)).rejects.toThrow('no <FanfareProvider');
    silent.mockRestore();
  });
});
