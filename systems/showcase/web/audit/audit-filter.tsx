/** What of the trail is shown: refused or done, of whom, and what. */
import { useWords } from '@fanfare/react';
import { type FormEvent, type ReactElement, useId } from 'react';
import type { AuditFilter } from './read-audit.ts';
import { words } from './words.ts';

export interface AuditFilterFormProps {
  readonly filter: AuditFilter;
  readonly choose: (filter: AuditFilter) => void;
}

const OUTCOMES = ['refused', 'done'] as const;

export function AuditFilterForm({ filter, choose }: AuditFilterFormProps): ReactElement {
  const say = useWords(words);
  const id = useId();
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    choose({ ...filter, who: String(data.get('who') ?? ''), what: String(data.get('what') ?? '') });
  };
  return (
    <form className="audit__filter card" onSubmit={submit} onReset={() => choose({ ...filter, who: '', what: '' })}>
      <fieldset className="choice audit__outcome">
        <legend className="visually-hidden">{say.outcome}</legend>
        {OUTCOMES.map((outcome) => (
          <button
            key={outcome}
            type="button"
            className="choice__option audit__option"
            aria-pressed={filter.outcome === outcome}
            onClick={() => choose({ ...filter, outcome })}
          >
            {say[outcome]}
          </button>
        ))}
      </fieldset>
      <p className="audit__field">
        <label htmlFor={`${id}-who`}>{say.who}</label>
        <input className="input" id={`${id}-who`} name="who" maxLength={128} placeholder={say.whoHint} />
      </p>
      <p className="audit__field">
        <label htmlFor={`${id}-what`}>{say.what}</label>
        <input className="input" id={`${id}-what`} name="what" maxLength={128} placeholder={say.whatHint} />
      </p>
      <div className="row">
        <button type="submit" className="button button--accent">
          {say.show}
        </button>
        <button type="reset" className="button button--quiet">
          {say.clear}
        </button>
      </div>
    </form>
  );
}
