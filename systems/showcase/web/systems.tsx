/** One card per system. What runs shows itself live; what does not run yet says so. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import type { SessionUser } from './api.ts';
import { CourtPreview } from './court-preview.tsx';
import { Icon, type IconName } from './icon.tsx';
import { InboxPreview } from './inbox-preview.tsx';
import { RoomPreview } from './room-preview.tsx';
import { words } from './words.ts';

/** The first court of the seed data. */
const PIN = '1234';

interface Card {
  readonly icon: IconName;
  readonly name: 'inbox' | 'rooms' | 'chat' | 'clinic';
  readonly text: 'inboxText' | 'roomsText' | 'chatText' | 'clinicText';
  /** Where it runs; absent: it does not run yet. */
  readonly href?: string;
}

const CARDS: readonly Card[] = [
  { icon: 'bell', name: 'inbox', text: 'inboxText', href: '/inbox' },
  { icon: 'rooms', name: 'rooms', text: 'roomsText', href: '/rooms' },
  { icon: 'chat', name: 'chat', text: 'chatText' },
  { icon: 'paw', name: 'clinic', text: 'clinicText' },
];

export function Systems({ user }: { readonly user: SessionUser | undefined }): ReactElement {
  const say = useWords(words);
  return (
    <section className="section" aria-labelledby="systems">
      <header className="section__head">
        <h2 id="systems">{say.systems}</h2>
        <p className="muted">{say.systemsLead}</p>
      </header>
      <ul className="systems">
        <li className="card system system--running">
          <div className="system__about">
            <h3 className="system__name">
              <Icon name="shuttle" />
              {say.scoreboard}
            </h3>
            <p className="muted">{say.scoreboardText}</p>
            <nav className="row system__links" aria-label={say.scoreboard}>
              <a className="button button--accent" href="/scoreboard">
                {say.board}
              </a>
              <a className="button" href={`/court/${PIN}/display`}>
                {say.display}
              </a>
              <a className="button" href={`/court/${PIN}/umpire`}>
                {say.umpire}
              </a>
            </nav>
          </div>
          <CourtPreview pin={PIN} />
        </li>
        {CARDS.map(({ icon, name, text, href }) => (
          <li key={name} className="card system">
            <div className="system__top">
              <Icon name={icon} />
              {href === undefined && <span className="tag">{say.coming}</span>}
            </div>
            <h3>{say[name]}</h3>
            <p className="muted small">{say[text]}</p>
            {name === 'inbox' && <InboxPreview user={user} />}
            {name === 'rooms' && <RoomPreview />}
            {href !== undefined && (
              <a className="button button--small system__open" href={href}>
                {say.openIt(say[name])}
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
