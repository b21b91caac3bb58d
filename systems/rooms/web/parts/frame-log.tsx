/** Every frame of the client, newest first: what went out, what came in, how it ended. */
import { formatExact, useLanguage, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { type Frame, store } from '../console/console-store.ts';
import { meaningOf, type RoomsWords, words } from '../words.ts';
import { Card } from './card.tsx';
import { Icon, type IconName } from './icons.tsx';

const ICONS: Readonly<Record<Frame['direction'], IconName>> = { in: 'down', out: 'up', note: 'end' };

export function FrameLog({ frames }: { readonly frames: readonly Frame[] }): ReactElement {
  const say = useWords(words);
  const language = useLanguage();
  const clear = (
    <button
      type="button"
      className="button button--small button--quiet"
      disabled={frames.length === 0}
      onClick={() => store.clear()}
    >
      {say.clear}
    </button>
  );
  const kinds = { in: say.cameIn, out: say.sentIt, note: say.ended };
  return (
    <Card icon="list" name="frames" title={say.frames} beside={clear}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach what scrolls */}
      <div className="frames" role="log" aria-live="polite" aria-label={say.frames} tabIndex={0}>
        {frames.length === 0 ? (
          <div className="empty frames__empty">
            <h3>{say.framesEmpty}</h3>
            <p>{say.framesEmptyHelp}</p>
          </div>
        ) : (
          <ol className="frames__list">
            {frames.map((frame) => (
              <li key={frame.id} className="frame" data-direction={frame.direction} data-type={frame.type}>
                <span className="frame__way">
                  <Icon name={ICONS[frame.direction]} size={16} />
                  <span className="visually-hidden">{kinds[frame.direction]}</span>
                </span>
                <code className="frame__text">{textOf(frame, say)}</code>
                <time
                  className="muted frame__time"
                  dateTime={new Date(frame.at).toISOString()}
                  title={formatExact(frame.at, language)}
                >
                  {new Date(frame.at).toTimeString().slice(0, 8)}
                </time>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}

function textOf({ direction, text, type }: Frame, say: RoomsWords): string {
  if (direction !== 'note') return text;
  const code = Number(text);
  if (!Number.isInteger(code)) return say.closedFor(text);
  return say.closedWith(code, meaningOf(code, say)) + (type === '' ? '' : ` (${type})`);
}
