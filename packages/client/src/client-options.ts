/** What an application says when it makes a client, and what it gets. */
import type { ChannelNames, ChannelShapes, KnownName, TransportName } from '@fanfare/protocol';
import type { ClientError } from './client-error.ts';
import type { LadderRules } from './connection-phase.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ChannelHandle } from './handles.ts';
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';
import type { PublishingRules } from './publish-queue.ts';

/** How the tabs of one user share a connection: docs/concepts/tabs.md says what is promised. */
export interface TabsOptions {
  /**
   * Whose tabs share: to be named where credentials are cookies and the user may become another while pages are open.
   * @default the `sub` of the token, or the token; tabs without a token share
   */
  readonly user?: string | undefined;
  /**
   * The script for a SharedWorker, of the page's own origin; false: none, a tab leads. Where it cannot be had, a tab leads, too.
   * @default `fanfare-worker.js` of the server, where the server has the page's origin
   */
  readonly worker?: string | URL | false | undefined;
}

/** All optional; a page of the server's own origin needs none. Looked at once, when the client is made. */
export interface ClientOptions {
  /** Where the Fanfare server is, with the path it is mounted under if any. @default the page's own origin; outside pages a TypeError */
  readonly url?: string;
  /**
   * The bearer token of the next request; undefined: none. Sent in a header or a frame, never in a URL. Asked before every attempt, and
   * once more with `refresh: true` when the server answered 401. What it throws is reported, and tried again like a network error.
   */
  readonly token?: (ask: { readonly refresh: boolean }) => string | undefined | Promise<string | undefined>;
  /** As of fetch: 'include' sends cookies to another origin. @default 'same-origin' */
  readonly credentials?: RequestCredentials;
  /**
   * Ways to connect, best first; the next is tried where one does not get through. One that there is not, or none that the platform
   * has, is a TypeError. @default ['ws', 'sse', 'poll']
   */
  readonly transports?: readonly TransportName[];
  /** How the tabs of one user in one browser share a connection; false: they do not. @default {}: they do, where they can */
  readonly tabs?: TabsOptions | false;
  /** What waits to be published. */
  readonly publishing?: PublishingRules;
  /** What the client went on from, but somebody should know. @default reportError, or console.error where there is none */
  readonly onError?: (error: ClientError) => void;
  /** Most events that wait for one `for await` loop. @default 1024 */
  readonly maxQueuedEvents?: number;
  /** How requests are made; a client with its own shares with no other tab. @default the global fetch */
  readonly fetch?: typeof fetch;
  /** Delays and patience, each with its default. @default {} */
  readonly rules?: Partial<LadderRules>;
  /** Time, randomness and network, for tests; `fetch` is then the platform's. */
  readonly platform?: Platform;
}

/** What `createClient` makes. Nothing of it throws for what a network or a server does: that is told by states, and to `onError`. */
export interface Client<S extends ChannelShapes = ChannelShapes> {
  /**
   * A handle of the channel. Nothing is sent until something listens through it, and handles of one channel share its subscription.
   * `after`, for log channels: a position kept from an earlier life (`handle.position`); everything since is delivered first.
   */
  channel<const N extends ChannelNames<S>>(
    name: N & KnownName<S, N>,
    options?: { readonly after?: string | undefined },
  ): ChannelHandle<S, N>;
  /** The same object until something in it changes. */
  readonly connection: ConnectionState;
  /** Calls the listener with the new state when it has changed; what it throws goes to `onError`. */
  onConnection(listener: (state: ConnectionState) => void): Off;
  /** Tries again now: after `failed`, out of a wait, and for channels that were refused. */
  reconnect(): void;
  /** Ends the connection, every handle and every loop; what waits to be published is rejected with CLOSED. Listening again begins anew. */
  close(): void;
}
