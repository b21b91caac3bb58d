/** The relay's side of `messages.ts`. */
import type { ServerFrame } from '@fanfare/protocol';
import type { FromTab } from './messages.ts';

export function fromTab(message: unknown): FromTab {
  return message as FromTab;
}

/** JSON has no line break of its own, and begins with a brace. */
export function writeLine(frame: ServerFrame, tag?: number): string {
  return `${tag ?? ''}${JSON.stringify(frame)}`;
}
