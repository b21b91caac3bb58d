/** Demo users in one click: logs in, and opens what this person would use. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import type { DemoPerson } from './api.ts';
import { Icon } from './icon.tsx';
import type { Session } from './session.ts';
import { type StartWords, words } from './words.ts';

interface Destination {
  /** undefined: stays on this page. */
  readonly href: string | undefined;
  readonly what: 'opensAdmin' | 'opensOrganiser' | 'opensUmpire' | 'opensDisplay' | 'opensSpectator';
}

const DESTINATIONS: Readonly<Record<string, Destination>> = {
  admin: { href: undefined, what: 'opensAdmin' },
  organiser: { href: '/scoreboard', what: 'opensOrganiser' },
  umpire: { href: '/court/1234/umpire', what: 'opensUmpire' },
  display: { href: '/court/1234/display', what: 'opensDisplay' },
  spectator: { href: '/scoreboard', what: 'opensSpectator' },
};

const ANYWHERE: Destination = { href: '/scoreboard', what: 'opensSpectator' };

export function BeSomeone({ session }: { readonly session: Session }): ReactElement {
  const say = useWords(words);
  const [problem, setProblem] = useState<string | undefined>();
  const { people, user } = session;

  const become = async (person: DemoPerson): Promise<void> => {
    setProblem(undefined);
    const answer = await session.become(person.username);
    const { href } = destinationOf(person);
    if (!answer.ok) setProblem(say.loginFailed(answer.reason ?? say.offline));
    else if (href !== undefined) location.assign(href);
  };

  const leave = async (): Promise<void> => {
    const answer = await session.leave();
    setProblem(answer.ok ? undefined : say.logoutFailed(answer.reason ?? say.offline));
  };

  return (
    <section className="section" aria-labelledby="people">
      <header className="section__head section__head--split">
        <h2 id="people">{say.people}</h2>
        <p className="muted">{people?.length === 0 ? say.peopleNone : say.peopleLead}</p>
        <p className="you small">
          <strong role="status">{user !== undefined && say.youAre(user.name)}</strong>
          {user !== undefined && (
            <button type="button" className="button button--small" onClick={() => void leave()}>
              {say.logOut}
            </button>
          )}
        </p>
      </header>
      <ul className="people">
        {(people ?? Array.from({ length: 5 }, () => undefined)).map((person, index) => (
          <li key={person?.username ?? index}>
            {person === undefined ? (
              <span className="skeleton person" />
            ) : (
              <Person
                person={person}
                say={say}
                current={person.username === user?.username}
                choose={() => void become(person)}
              />
            )}
          </li>
        ))}
      </ul>
      {problem !== undefined && (
        <p className="notice notice--error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

interface PersonProps {
  readonly person: DemoPerson;
  readonly say: StartWords;
  readonly current: boolean;
  readonly choose: () => void;
}

function Person({ person, say, current, choose }: PersonProps): ReactElement {
  return (
    <button type="button" className="person card" aria-current={current ? 'true' : undefined} onClick={choose}>
      <Icon name="person" />
      <span className="person__name">
        {person.name} <code className="muted">{person.username}</code>
      </span>
      <span className="muted small">{say[destinationOf(person).what]}</span>
    </button>
  );
}

function destinationOf(person: DemoPerson): Destination {
  return DESTINATIONS[person.roles[0] ?? ''] ?? ANYWHERE;
}
