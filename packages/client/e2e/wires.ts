/** The wires that every fault is tried on. */
export type Wire = 'ws' | 'sse' | 'poll';

export const WIRES: readonly Wire[] = ['ws', 'sse', 'poll'];
