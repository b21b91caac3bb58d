/** Renders into the document of a test, and takes everything down again. */
import { act, type ReactElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);

/** Long enough for a busy machine; a fact that is there ends the wait at once. */
const DEADLINE_MS = 18_000;

export interface Mounted {
  readonly container: HTMLElement;
  /** Renders again, in place. */
  render(element: ReactElement): Promise<void>;
  unmount(): Promise<void>;
}

const roots = new Set<Root>();

export async function mount(element: ReactElement): Promise<Mounted> {
  const container = document.createElement('div');
  document.body.append(container);
  const root = createRoot(container);
  roots.add(root);
  const render = (next: ReactElement): Promise<void> => act(async () => root.render(next));
  await render(element);
  return {
    container,
    render,
    unmount: async () => {
      roots.delete(root);
      await act(async () => root.unmount());
    },
  };
}

/** For `afterEach`. */
export async function unmountAll(): Promise<void> {
  for (const root of roots) await act(async () => root.unmount());
  roots.clear();
  document.body.replaceChildren();
}

/** Waits for a fact; React's work is done in between, as it comes. */
export async function until(fact: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`waited for ${what}; there is: ${document.body.textContent}`);
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 2)));
  }
}

export async function shows(container: HTMLElement, text: string): Promise<void> {
  await until(() => container.textContent === text, `the page to show "${text}"`);
}

/** The first element that a selector finds; a test without it has failed. */
export function find(container: ParentNode, selector: string): HTMLElement {
  const found = container.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`there is no ${selector}`);
  return found;
}
