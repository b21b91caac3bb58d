// @vitest-environment jsdom
/** Publishing from components, to a real server that checks what it gets. */
import { act, type ReactElement, StrictMode } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHooks, FanfareProvider, type PublishOutcome } from '../src/index.ts';
import { LiveServer, type Shapes } from './live-server.ts';
import { find, mount, shows, unmountAll, until } from './mount.ts';

const { useChannel, usePublish } = createHooks<Shapes>();

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

interface LampProps {
  readonly id: string | undefined;
  readonly watts: number;
  readonly outcomes?: PublishOutcome[];
}

/** A button that sets a lamp, and everything that the hook says about it. */
function Lamp({ id, watts, outcomes = [] }: LampProps): ReactElement {
  const { set, pending, error } = usePublish(id === undefined ? undefined : `lamp:${id}`);
  const press = async (): Promise<void> => {
    outcomes.push(await set({ watts }));
  };
  return (
    <button type="button" onClick={() => void press()}>
      {`${pending ? 'pending' : 'at rest'} ${error?.code ?? 'fine'}`}
    </button>
  );
}

function Shown({ id }: { readonly id: string }): ReactElement {
  const { value, subscription } = useChannel(`lamp:${id}`);
  return <p>{`${subscription.status} ${value?.watts ?? 'nothing'}`}</p>;
}

async function press(container: HTMLElement): Promise<void> {
  await act(async () => find(container, 'button').click());
}

describe('usePublish', () => {
  it('says that it is pending, then that it is not, and everybody sees the value', async () => {
    const outcomes: PublishOutcome[] = [];
    const watching = await mount(page(<Shown id="a" />));
    await shows(watching.container, 'subscribed nothing');
    const { container } = await mount(page(<Lamp id="a" watts={40} outcomes={outcomes} />));
    await shows(container, 'at rest fine');

    act(() => find(container, 'button').click());
    expect(container.textContent).toBe('pending fine');

    await shows(container, 'at rest fine');
    await shows(watching.container, 'subscribed 40');
    expect(outcomes).toMatchObject([{ ok: true, receipt: { duplicate: false, ack: 'accepted' } }]);
  });

  it('publishes once for one press, also under StrictMode, over the one connection', async () => {
    const { container } = await mount(
      page(
        <>
          <Lamp id="a" watts={7} />
          <Shown id="a" />
        </>,
      ),
    );
    await until(() => container.textContent?.includes('subscribed') === true, 'the subscription');

    await press(container);
    await until(() => container.textContent?.endsWith('subscribed 7') === true, 'the value');

    expect(server.live.stats().published).toBe(1);
    expect(server.connections).toBe(1);
  });

  it('never rejects: what the server refuses is told, and is gone when the next begins', async () => {
    const outcomes: PublishOutcome[] = [];
    const mounted = await mount(page(<Lamp id="a" watts={-1} outcomes={outcomes} />));

    await press(mounted.container);
    await shows(mounted.container, 'at rest PAYLOAD_INVALID');
    await mounted.render(page(<Lamp id="a" watts={5} outcomes={outcomes} />));
    act(() => find(mounted.container, 'button').click());
    expect(mounted.container.textContent).toBe('pending fine');
    await shows(mounted.container, 'at rest fine');

    expect(outcomes).toMatchObject([{ ok: false, error: { code: 'PAYLOAD_INVALID' } }, { ok: true }]);
  });

  it('tells who may not', async () => {
    function Say(): ReactElement {
      const { publish, error } = usePublish('chat:lobby');
      return (
        <button type="button" onClick={() => void publish('said', 'hello')}>
          {error?.code ?? 'fine'}
        </button>
      );
    }
    const { container } = await mount(page(<Say />));

    await press(container);

    await shows(container, 'FORBIDDEN');
  });

  it('gives the same functions at every render of one name, and begins at rest with another', async () => {
    const given = new Set<unknown>();
    function Looks({ id, watts }: { readonly id: string; readonly watts: number }): ReactElement {
      const { set, error } = usePublish(`lamp:${id}`);
      given.add(set);
      return (
        <button type="button" onClick={() => void set({ watts })}>
          {error?.code ?? 'fine'}
        </button>
      );
    }
    // Without StrictMode, whose second render of the first mount is thrown away, function and all.
    const looks = (id: string, watts: number): ReactElement => (
      <FanfareProvider client={server.client}>
        <Looks id={id} watts={watts} />
      </FanfareProvider>
    );
    const mounted = await mount(looks('a', -1));

    await press(mounted.container);
    await shows(mounted.container, 'PAYLOAD_INVALID');
    await mounted.render(looks('a', 3));
    expect(given.size).toBe(1);
    await mounted.render(looks('b', 3));

    expect(mounted.container.textContent).toBe('fine');
    expect(given.size).toBe(2);
  });

  it('goes through after the wire was cut, and counts once', async () => {
    const outcomes: PublishOutcome[] = [];
    const { container } = await mount(page(<Lamp id="a" watts={60} outcomes={outcomes} />));
    await press(container);
    await until(() => outcomes.length === 1, 'the first answer');

    server.cut();
    await press(container);
    await until(() => outcomes.length === 2, 'the second answer');

    expect(outcomes).toMatchObject([{ ok: true }, { ok: true }]);
    expect(server.live.stats().published).toBe(2);
  });

  it('ends quietly when its component is gone before the answer', async () => {
    const outcomes: PublishOutcome[] = [];
    const { container, unmount } = await mount(page(<Lamp id="a" watts={9} outcomes={outcomes} />));

    act(() => find(container, 'button').click());
    await unmount();

    await until(() => outcomes.length === 1, 'the answer');
    expect(outcomes).toMatchObject([{ ok: true }]);
  });

  it('of no channel says so', async () => {
    const { container } = await mount(page(<Lamp id={undefined} watts={1} />));

    await press(container);

    await shows(container, 'at rest CHANNEL_MISSING');
    expect(server.connections).toBe(0);
  });
});
