/** For whoever is not logged in: a form, and where the server has demo users, one click. */
import { LanguageSwitch, ThemeSwitch, useWords } from '@fanfare/react';
import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { demoPeople, logIn, type SessionUser } from '../api.ts';
import { words as dictionary } from '../words.ts';
import { Icon } from './icons.tsx';

/** The password of every demo user: printed where the server started, and no secret. */
const DEMO_PASSWORD = 'demo';

type Person = Omit<SessionUser, 'id'>;

export function SignIn({ forStaff }: { readonly forStaff: boolean }): ReactElement {
  const words = useWords(dictionary);
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    document.title = words.inbox;
  }, [words]);
  useEffect(() => {
    void demoPeople().then((answer) => answer.ok && setPeople(answer.value.people));
  }, []);

  const enter = async (username: string, password: string): Promise<void> => {
    setProblem(undefined);
    const answer = await logIn(username, password);
    // Anew: nothing of whoever was here before stays on the page.
    if (answer.ok) window.location.reload();
    else setProblem(answer.reason ?? words.noAnswer);
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void enter(String(fields.get('username')), String(fields.get('password')));
  };

  return (
    <div className="page sign-in">
      <div className="row sign-in__choices">
        <a className="sign-in__home" href="/">
          {words.home}
        </a>
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <main className="card stack sign-in__card">
        <h1 className="row">
          <Icon name="bell" size={28} />
          {forStaff ? words.staff : words.inbox}
        </h1>
        <p className="muted">{forStaff ? words.signInStaff : words.signInLead}</p>
        <form className="stack" onSubmit={submit}>
          <label className="field">
            {words.username}
            <input className="input" name="username" autoComplete="username" autoCapitalize="none" required />
          </label>
          <label className="field">
            {words.password}
            <input className="input" name="password" type="password" autoComplete="current-password" required />
          </label>
          {problem !== undefined && (
            <p className="notice notice--error" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" className="button button--accent">
            {words.logIn}
          </button>
        </form>
        {people.length > 0 && (
          <section className="stack" aria-labelledby="demo">
            <h2 id="demo" className="label">
              {words.demo}
            </h2>
            <ul className="sign-in__people">
              {people.map(({ username, name }) => (
                <li key={username}>
                  <button type="button" className="button" onClick={() => void enter(username, DEMO_PASSWORD)}>
                    {name} <code className="muted">{username}</code>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
    </div>
  );
}
