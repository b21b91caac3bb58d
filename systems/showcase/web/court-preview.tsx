/** A court as it is right now: names, points, games. The same channel as the court's own pages. */
import { Flash, useWords } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement } from 'react';
import { useChannelState } from './live.ts';
import { words } from './words.ts';

export function CourtPreview({ pin }: { readonly pin: string }): ReactElement {
  const say = useWords(words);
  const snapshot = useChannelState(`court:${pin}`).value;
  return (
    <div className="court">
      <p className="court__status small">
        <strong>{say.court(pin)}</strong>
        <span className="muted">
          {snapshot === undefined
            ? say.waiting
            : `${say.game(snapshot.gameNumber, snapshot.bestOf ?? 3)} · ${say[snapshot.matchStatus ?? 'scheduled']}`}
        </span>
      </p>
      <Side snapshot={snapshot} side={0} />
      <Side snapshot={snapshot} side={1} />
    </div>
  );
}

function Side({ snapshot, side }: { readonly snapshot: Snapshot | undefined; readonly side: 0 | 1 }): ReactElement {
  const say = useWords(words);
  if (snapshot === undefined) {
    return (
      <p className="court__side">
        <span className="skeleton court__name" />
        <span className="skeleton court__skeleton" />
      </p>
    );
  }
  const name = snapshot.names?.[side] ?? 'AB'[side];
  return (
    <p className="court__side">
      <span className="court__name" title={name}>
        {name}
      </span>
      {snapshot.server === side && (
        <span className="court__server" role="img" aria-label={say.serves} title={say.serves} />
      )}
      <span className="court__games muted small number" title={say.gamesWon}>
        {snapshot.games[side]}
      </span>
      <Flash value={snapshot.score[side]} className="court__points number" />
    </p>
  );
}
