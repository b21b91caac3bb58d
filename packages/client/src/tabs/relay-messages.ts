/** The relay's side of `messages.ts`. */
import type { FromTab } from './messages.ts';

export type Hello = Extract<FromTab, readonly ['want', ...unknown[]]>;

export function fromTab(message: unknown): FromTab {
  return message as FromTab;
}
