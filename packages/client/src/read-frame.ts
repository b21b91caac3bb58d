/**
 * Reads what the server sent. It is trusted to send what it promises [PROTOCOL §5]: looked at is only what nobody can do without, that
 * it is a frame of a type that this client knows. Unknown fields stay, and nobody looks at them.
 */
import type { ServerFrame } from '@fanfare/protocol';
import type { WireEvent } from './wire.ts';

const TYPES = /^(event|connected|subscribed|unsubscribed|heartbeat|error|close|published|authenticated|transports)$/;

/** The frame, or that there is none to be read. */
export function readFrame(text: string): ServerFrame | Extract<WireEvent, { readonly type: 'unreadable' }> {
  try {
    const frame: unknown = JSON.parse(text);
    if (isFrame(frame)) return frame;
  } catch {
    // Told below, with all else that is none.
  }
  return { type: 'unreadable', problem: text };
}

export function isFrame(value: unknown): value is ServerFrame {
  return TYPES.test((value as { readonly type?: string } | null)?.type ?? '');
}
