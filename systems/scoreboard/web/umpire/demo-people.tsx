/** Where the server has demo users: those who may keep score, in one click. */
import { type ReactElement, useEffect, useState } from 'react';
import { field, request } from '../api.ts';
import type { UmpireWords } from './umpire-words.ts';
import { type DeviceAccess, mayScore } from './use-device.ts';

/** The password of every demo user: printed where the server started, and no secret. */
const DEMO_PASSWORD = 'demo';

interface Person {
  readonly username: string;
  readonly name: string;
}

export interface DemoPeopleProps {
  readonly logIn: DeviceAccess['logIn'];
  readonly words: UmpireWords['device'];
}

export function DemoPeople({ logIn, words }: DemoPeopleProps): ReactElement | null {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    void request('/api/showcase').then((reply) => {
      if (reply?.status === 200) setPeople(peopleIn(reply.body).filter(mayScore).map(personOf));
    });
  }, []);
  const enter = async (username: string): Promise<void> => {
    const failure = await logIn(username, DEMO_PASSWORD);
    setProblem(failure === undefined ? '' : failure.message || words.failed);
  };
  if (people.length === 0) return null;
  return (
    <fieldset className="device__people">
      <legend className="label">{words.demo}</legend>
      {people.map(({ username, name }) => (
        <button key={username} type="button" className="button" onClick={() => void enter(username)}>
          {name} <code className="muted">{username}</code>
        </button>
      ))}
      <p className="field-error" role="alert">
        {problem}
      </p>
    </fieldset>
  );
}

function peopleIn(body: unknown): readonly unknown[] {
  const people = field(body, 'people');
  return Array.isArray(people) ? people : [];
}

function personOf(user: unknown): Person {
  return { username: String(field(user, 'username')), name: String(field(user, 'name')) };
}
