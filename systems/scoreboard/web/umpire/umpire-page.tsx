/** `/court/{pin}/umpire`: the umpire's phone. */
import { ConnectionBadge, LanguageSwitch, useWords } from '@fanfare/react';
import { type ReactElement, useEffect } from 'react';
import { WrongPin } from '../board/wrong-pin.tsx';
import { Link } from '../link.tsx';
import { client } from '../live.ts';
import { spokenScore } from '../match-view.ts';
import { Announcer } from '../parts/announcer.tsx';
import { BreakIt } from '../parts/break-it.tsx';
import { Icon } from '../parts/icons.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useWakeLock } from '../parts/use-wake-lock.ts';
import { useCourt } from '../use-court.ts';
import { words as dictionary } from '../words.ts';
import { DeviceStep } from './device-step.tsx';
import { ScorePad } from './score-pad.tsx';
import { outlook } from './tap-queue.ts';
import { umpireWords } from './umpire-words.ts';
import { useDevice } from './use-device.ts';
import { useTaps } from './use-taps.ts';

export function UmpirePage({ pin }: { readonly pin: string }): ReactElement {
  const words = useWords(dictionary);
  const { title } = useWords(umpireWords);
  const court = useCourt(pin);
  const access = useDevice();
  const { sender, queue } = useTaps(pin, court.snapshot, court.connection.status);
  useWakeLock();

  const { locked } = queue;
  const { device, refused } = access;
  useEffect(() => {
    if (locked !== undefined) refused(locked);
  }, [locked, refused]);
  const isVerified = device.kind === 'verified';
  useEffect(() => {
    if (isVerified) sender.dispatch({ kind: 'unlocked' });
  }, [isVerified, sender]);

  const { snapshot } = outlook(queue);
  // What is said aloud has been counted: nobody takes a spoken point back.
  const confirmed = queue.truth?.now ?? court.snapshot;
  const name = court.pin?.kind === 'found' ? court.pin.courtName : `${words.court} ${pin}`;
  useTitle(`${snapshot === undefined ? '' : `${snapshot.score[0]}–${snapshot.score[1]} · `}${name} · ${title}`);
  if (court.pin?.kind === 'unknown' || court.pin?.kind === 'limited') {
    return <WrongPin pin={pin} outcome={court.pin} view="umpire" />;
  }
  return (
    <div className="umpire">
      <header className="umpire__top">
        <Link
          href={`/court/${pin}`}
          className="button button--quiet button--small button--icon"
          aria-label={words.watch}
        >
          <Icon name="back" />
        </Link>
        <h1 className="umpire__court">{name}</h1>
        <BreakIt />
        <ConnectionBadge connection={court.connection} onRetry={() => client.reconnect()} />
      </header>
      {isVerified || (device.kind === 'checking' && queue.locked === undefined) ? (
        <ScorePad
          sender={sender}
          queue={queue}
          away={court.pin?.kind === 'unreachable'}
          offline={court.connection.status === 'offline'}
        />
      ) : (
        <main className="umpire__step">
          <DeviceStep access={access} kept={queue.taps.length} />
          <LanguageSwitch />
        </main>
      )}
      {confirmed === undefined ? null : <Announcer sentence={spokenScore(confirmed, words)} />}
    </div>
  );
}
