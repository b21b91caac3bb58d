/** How hub channels look on the scoreboard's own SSE paths. Made once: every reader of a path shares the same bytes. */
import { defineSseView, type SseView } from 'fanfare';

export interface ScoreboardViews {
  /** `init`, `update`, `ping`: the streams of boards and courts. */
  readonly board: SseView;
  /** The events of a match, `heartbeat`. */
  readonly scores: SseView;
  /** The same with `connected` first, which names the resource. */
  connected(resource: string): SseView;
}

/** Resources whose view is kept; one beyond takes the place of the oldest, whose readers keep theirs. */
const VIEWS_KEPT = 1000;

/** `now`: wall clock, milliseconds. */
export function scoreboardViews(now: () => number): ScoreboardViews {
  const error = errorEvent(now);
  const views = new Map<string, SseView>();
  return {
    board: boardView(error),
    scores: defineSseView({ name: 'scores', event: asItIs, heartbeat, error }),
    connected(resource) {
      const known = views.get(resource);
      if (known !== undefined) return known;
      const oldest = views.keys().next();
      if (views.size >= VIEWS_KEPT && !oldest.done) views.delete(oldest.value);
      const view = defineSseView({
        name: 'subscribe',
        event: asItIs,
        heartbeat,
        error,
        connected: ({ connection }) => message('connected', { connectionId: connection, resource, timestamp: now() }),
      });
      views.set(resource, view);
      return view;
    },
  };
}

function boardView(error: ErrorEvent): SseView {
  return defineSseView({
    name: 'board',
    snapshot: ({ dataJson }) => ({ event: 'init', dataJson }),
    event: ({ dataJson }) => ({ event: 'update', dataJson }),
    heartbeat: ({ time }) => message('ping', { timestamp: time }),
    error,
  });
}

/** The payload was made for this stream and serialised once: it is passed on, byte for byte. */
function asItIs(event: { readonly event: string; readonly dataJson: string }): Shown {
  return { event: event.event, dataJson: event.dataJson };
}

function heartbeat(facts: { readonly time: number; readonly subscribers: number }): Shown {
  const { time, subscribers } = facts;
  return message('heartbeat', {
    serverTime: new Date(time).toISOString(),
    activeConnections: subscribers,
    timestamp: time,
  });
}

interface Shown {
  readonly event: string;
  readonly dataJson: string;
}

type ErrorEvent = (refusal: { readonly code: string; readonly message: string; readonly retry: boolean }) => Shown;

function errorEvent(now: () => number): ErrorEvent {
  return ({ code, message: text, retry }) =>
    message('error', { errorCode: code, message: text, details: {}, retry, timestamp: now() });
}

function message(event: string, data: Readonly<Record<string, unknown>>): Shown {
  return { event, dataJson: JSON.stringify(data) };
}
