/** Toasts of every kind, here and on every page that is open. */
import { AlertsSwitch, type ToastMessage, toast, useWords } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import { useEvent, usePublish } from '../live.ts';
import { Demo } from './demo.tsx';
import { usePublishWords } from './publish-words.ts';
import { words } from './words.ts';

const CODE = `toast({ title: 'Result confirmed', tone: 'good' });
toast({ title: 'Removed', action: { label: 'Undo', run: restore } });
<Toaster /> // once per page`;

const RESULTS = 5;

export function ToastsDemo(): ReactElement {
  const say = useWords(words);
  return (
    <Demo id="toasts" title={say.toasts} lead={say.toastsLead} code={CODE}>
      <div className="pair">
        <div className="card stack">
          <h3>{say.toastsHere}</h3>
          <HereButtons />
          <p className="muted small">
            <kbd>Alt</kbd> <kbd>T</kbd> {say.toastsKeys} <kbd>Tab</kbd> {say.toastsKeysWalk} <kbd>Esc</kbd>{' '}
            {say.toastsKeysDismiss}
          </p>
        </div>
        <div className="card stack">
          <h3>{say.toastsEverywhere}</h3>
          <Everywhere />
          <p className="row small">
            <AlertsSwitch /> {say.alerts}
          </p>
        </div>
      </div>
    </Demo>
  );
}

function HereButtons(): ReactElement {
  const say = useWords(words);
  const [done, setDone] = useState(0);
  const samples: readonly (readonly [string, ToastMessage])[] = [
    [say.plain, { title: say.plainTitle, text: say.plainText }],
    [say.good, { title: say.goodTitle, tone: 'good' }],
    [say.warning, { title: say.warningTitle, text: say.warningText, tone: 'warning' }],
    [say.bad, { title: say.badTitle, text: say.badText, tone: 'bad' }],
    [
      say.withAction,
      { title: say.actionTitle, action: { label: say.undo, run: () => toast({ title: say.undone, tone: 'good' }) } },
    ],
    [say.long, { title: say.longTitle, text: say.longText }],
  ];
  const again = (): void => {
    const next = (done % RESULTS) + 1;
    setDone(next);
    toast({ id: 'results', title: say.progress(next) });
  };
  const twelve = (): void => {
    for (let n = 1; n <= 12; n += 1) toast({ title: say.numbered(n) });
  };
  return (
    <p className="row">
      {samples.map(([name, message]) => (
        <button key={name} type="button" className="button button--small" onClick={() => toast(message)}>
          {name}
        </button>
      ))}
      <button type="button" className="button button--small" onClick={again}>
        {say.again}
      </button>
      <button type="button" className="button button--small" onClick={twelve}>
        {say.twelve}
      </button>
    </p>
  );
}

/** Any visitor may; the server decides how often. */
function Everywhere(): ReactElement {
  const say = useWords(words);
  const { publish, pending, error } = usePublish('components:toasts');
  const problem = usePublishWords(error);
  useEvent('components:toasts', 'hello', ({ tone }) => toast({ title: say.fromSomebody, tone }));
  return (
    <>
      <p className="row">
        {(['plain', 'good', 'warning', 'bad'] as const).map((tone) => (
          <button
            key={tone}
            type="button"
            className="button button--small"
            onClick={() => void publish('hello', { tone })}
          >
            {say[tone]}
          </button>
        ))}
      </p>
      <p className="answer small" role="status">
        {pending ? <span className="muted">{say.sending}</span> : <span className="field-error">{problem}</span>}
      </p>
    </>
  );
}
