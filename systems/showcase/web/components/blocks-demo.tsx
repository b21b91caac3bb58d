/** Buttons, fields, notices, empty states, skeletons: classes of the tokens that pages are laid out with. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useId } from 'react';
import { Demo } from './demo.tsx';
import { words } from './words.ts';

const CODE = `<button type="button" className="button button--accent">…</button>
<p className="notice notice--error" role="alert">…</p>
<span className="skeleton" />`;

export function BlocksDemo(): ReactElement {
  const say = useWords(words);
  return (
    <Demo id="blocks" title={say.blocks} lead={say.blocksLead} code={CODE}>
      <div className="card row">
        <button type="button" className="button">
          {say.button}
        </button>
        <button type="button" className="button button--accent">
          {say.accent}
        </button>
        <button type="button" className="button button--quiet">
          {say.quiet}
        </button>
        <button type="button" className="button button--small">
          {say.small}
        </button>
        <button type="button" className="button" disabled>
          {say.disabled}
        </button>
        <button type="button" className="button button--accent" disabled>
          {say.disabled}
        </button>
      </div>
      <div className="pair">
        <Fields />
        <div className="stack">
          <p className="notice notice--good">{say.noticeGood}</p>
          <p className="notice">{say.noticePlain}</p>
          <p className="notice notice--error">{say.noticeError}</p>
        </div>
      </div>
      <div className="pair">
        <div className="empty">
          <h3>{say.emptyTitle}</h3>
          <p>{say.emptyText}</p>
          <button type="button" className="button">
            {say.emptyAction}
          </button>
        </div>
        <div className="card stack">
          <span className="skeleton skeletons__title" />
          <span className="skeleton" />
          <span className="skeleton" />
          <span className="skeleton skeletons__end" />
          <p className="muted small">{say.skeleton}</p>
        </div>
      </div>
    </Demo>
  );
}

function Fields(): ReactElement {
  const say = useWords(words);
  const id = useId();
  return (
    <div className="card stack">
      <div className="field">
        <label htmlFor={`${id}name`}>{say.name}</label>
        <input className="input" id={`${id}name`} placeholder={say.namePlaceholder} autoComplete="off" />
      </div>
      <div className="field">
        <label htmlFor={`${id}pin`}>{say.pin}</label>
        <input
          className="input"
          id={`${id}pin`}
          defaultValue="12a"
          aria-invalid="true"
          aria-describedby={`${id}error`}
          autoComplete="off"
        />
        <p className="field-error" id={`${id}error`}>
          {say.pinError}
        </p>
      </div>
    </div>
  );
}
