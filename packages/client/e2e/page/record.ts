/** What the harness page writes down, in the order in which it happened. */
export type RecordEntry = { readonly atMs: number } & (
  | { readonly kind: 'event'; readonly payload: string; readonly position: string }
  | { readonly kind: 'lost'; readonly cause: string }
  /** What a badge would show. */
  | { readonly kind: 'connection'; readonly status: string; readonly transport?: string; readonly reason?: string }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
);

declare global {
  interface Window {
    harness: {
      readonly record: readonly RecordEntry[];
      /** How many it was handed. */
      readonly events: number;
      has(payload: string): boolean;
      /** Counts up every 50 ms while the page is alive. */
      readonly ticks: number;
      readonly subscribed: boolean;
      status(): string;
      close(): void;
    };
  }
}
