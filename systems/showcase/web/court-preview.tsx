/** A court as it is right now: names, points, games. The same channel as the court's own pages. */
import { Flash, isFollowing, useConnectionState, useWords } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import { type ReactElement, useEffect, useState } from 'react';
import { courtName } from './api.ts';
import { useChannel } from './live.ts';
import { words } from './words.ts';

export function CourtPreview({ pin }: { readonly pin: string }): ReactElement {
  const say = useWords(words);
  const snapshot = useChannel(`court:${pin}`).value;
  const name = useCourtName(pin);
  return (
    <div className="court">
      <p className="court__status small">
        <span className="court__title">
          {name === undefined ? <span className="skeleton court__place" /> : <strong>{name}</strong>}
          <span className="muted">{say.pin(pin)}</span>
        </span>
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

/** The court's own name; asked for again while there was no answer and the page is live. */
function useCourtName(pin: string): string | undefined {
  const [name, setName] = useState<string>();
  const isHeard = isFollowing(useConnectionState());
  const isKnown = name !== undefined;
  useEffect(() => {
    if (isKnown || !isHeard) return;
    let stopped = false;
    void courtName(pin).then((answer) => {
      if (answer.ok && !stopped) setName(answer.value);
    });
    return () => {
      stopped = true;
    };
  }, [pin, isHeard, isKnown]);
  return name;
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
