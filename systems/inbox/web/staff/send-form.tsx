/** Sends a notification to one, to several, or to everybody with a role. */
import { useLanguage, useWords } from '@fanfare/react';
import { NOTE_TYPES } from '@fanfare-systems/inbox/rules';
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { getRecipients, type Recipients, sendNote } from '../api.ts';
import { Icon } from '../parts/icons.tsx';
import { words as inboxWords } from '../words.ts';
import { type StaffWords, staffWords } from './staff-words.ts';

type To = 'one' | 'many' | 'role';

interface Outcome {
  readonly isGood: boolean;
  readonly text: string;
  /** The name of the field that was refused. */
  readonly field?: string;
}

const OUTCOME = 'send-outcome';

export function SendForm(): ReactElement {
  const words = useWords(staffWords);
  const types = useWords(inboxWords).types;
  const recipients = useRecipients();
  const [to, setTo] = useState<To>('one');
  const { isSending, outcome, submit } = useSending(to);
  const input = (name: string) => ({
    className: 'input',
    name,
    ...(outcome?.field === name ? { 'aria-invalid': true, 'aria-describedby': OUTCOME } : {}),
  });
  return (
    <form className="card stack send" onSubmit={submit} aria-labelledby="send">
      <h2 id="send" className="row">
        <Icon name="send" />
        {words.send}
      </h2>
      <fieldset className="choice send__to">
        <legend className="visually-hidden">{words.to}</legend>
        {(['one', 'many', 'role'] as const).map((one) => (
          <button
            key={one}
            type="button"
            className="choice__option send__option"
            aria-pressed={to === one}
            onClick={() => setTo(one)}
          >
            {{ one: words.toOne, many: words.toMany, role: words.toRole }[one]}
          </button>
        ))}
      </fieldset>
      <Choice to={to} recipients={recipients} />
      <div className="send__row">
        <label className="field send__title">
          {words.heading}
          <input {...input('title')} maxLength={200} required />
        </label>
        <label className="field">
          {words.type}
          <select className="input" name="type">
            {NOTE_TYPES.map((type) => (
              <option key={type} value={type}>
                {types[type]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label className="field">
        {words.message}
        <textarea {...input('message')} rows={3} maxLength={4000} />
      </label>
      <label className="field">
        {words.url}
        <input {...input('url')} maxLength={2000} placeholder="/scoreboard" title={words.urlHelp} />
      </label>
      <div className="row send__end">
        <button type="submit" className="button button--accent" disabled={isSending}>
          {isSending ? words.sending : words.sendNow}
        </button>
        <p
          id={OUTCOME}
          className={outcome?.isGood === false ? 'field-error' : 'muted small'}
          role={outcome?.isGood === false ? 'alert' : 'status'}
        >
          {outcome?.text}
        </p>
      </div>
    </form>
  );
}

function Choice({ to, recipients }: { readonly to: To; readonly recipients: Recipients }): ReactElement {
  const words = useWords(staffWords);
  const { users, roles } = recipients;
  if (to === 'many') {
    return (
      <fieldset className="send__people">
        <legend className="label">{words.people}</legend>
        {users.map(({ id, name, username }) => (
          <label key={id} className="row send__person">
            <input type="checkbox" className="box" name="user_ids" value={id} />
            {name} <code className="muted">{username}</code>
          </label>
        ))}
      </fieldset>
    );
  }
  return (
    <label className="field">
      {to === 'one' ? words.person : words.role}
      <select className="input" name={to === 'one' ? 'user_id' : 'role'} required>
        {to === 'one'
          ? users.map(({ id, name, username }) => (
              <option key={id} value={id}>
                {name} ({username})
              </option>
            ))
          : roles.map((role) => (
              <option key={role} value={role}>
                {role}
              </option>
            ))}
      </select>
    </label>
  );
}

function useRecipients(): Recipients {
  const [recipients, setRecipients] = useState<Recipients>({ users: [], roles: [] });
  // In the page's language come the errors only; asked for again all the same, it costs nothing.
  const language = useLanguage();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    void getRecipients().then((answer) => answer.ok && setRecipients(answer.value));
  }, [language]);
  return recipients;
}

function useSending(to: To): {
  readonly isSending: boolean;
  readonly outcome: Outcome | undefined;
  readonly submit: (event: FormEvent<HTMLFormElement>) => void;
} {
  const words = useWords(staffWords);
  const { noAnswer } = useWords(inboxWords);
  const [isSending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  /** Of this order until it is answered: sent again after a lost answer, it reaches nobody twice. */
  const key = useRef<string>(undefined);

  const send = async (form: HTMLFormElement): Promise<void> => {
    const order = orderOf(new FormData(form), to);
    if (order === undefined) {
      setOutcome({ isGood: false, text: words.chooseSomebody });
      return;
    }
    setSending(true);
    key.current ??= crypto.randomUUID();
    const answer = await sendNote({ ...order, idempotency_key: key.current });
    setSending(false);
    if (answer.ok || answer.status !== 0) key.current = undefined;
    if (!answer.ok) {
      const { field, reason = noAnswer } = answer;
      const text = fieldWords(words, field) ?? reason;
      setOutcome({ isGood: false, text, ...(field === undefined ? {} : { field }) });
      return;
    }
    const { sent, muted } = answer.value;
    const aside = muted.length === 0 ? '' : ` ${words.mutedBy(muted.length)}`;
    setOutcome({ isGood: true, text: words.sentTo(sent) + aside });
  };

  return {
    isSending,
    outcome,
    submit: (event) => {
      event.preventDefault();
      void send(event.currentTarget);
    },
  };
}

/** Of a field that people fill in: its label, and what it takes. */
function fieldWords(words: StaffWords, field: string | undefined): string | undefined {
  if (field === 'title') return `${words.heading}: ${words.headingHelp}`;
  if (field === 'message') return `${words.message}: ${words.messageHelp}`;
  return field === 'url' ? `${words.url}: ${words.urlHelp}` : undefined;
}

/** undefined: to nobody. */
function orderOf(fields: FormData, to: To): Readonly<Record<string, unknown>> | undefined {
  const text = (name: string): string => String(fields.get(name) ?? '').trim();
  const url = text('url');
  const said = { title: text('title'), message: text('message'), type: text('type'), ...(url === '' ? {} : { url }) };
  if (to === 'role') return { ...said, role: text('role') };
  if (to === 'one') return { ...said, user_id: Number(text('user_id')) };
  const ids = fields.getAll('user_ids').map(Number);
  return ids.length === 0 ? undefined : { ...said, user_ids: ids };
}
