/** A number that everybody may change, and one that only this page knows: both flash where they change. */
import { Flash, useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { turnDial } from '../api.ts';
import { useChannel } from '../live.ts';
import { Demo } from './demo.tsx';
import { words } from './words.ts';

const HIGHEST = 99;
const BURST = 20;
const BURST_EVERY_MS = 50;

const CODE = `const { value } = useChannel('components:dial');
<Flash value={value?.points} />`;

export function ValueDemo(): ReactElement {
  const say = useWords(words);
  return (
    <Demo id="live" title={say.live} lead={say.liveLead} code={CODE}>
      <div className="pair">
        <Everybodys />
        <Yours />
      </div>
    </Demo>
  );
}

function Everybodys(): ReactElement {
  const say = useWords(words);
  const { value, subscription } = useChannel('components:dial');
  const [problem, setProblem] = useState('');
  const known = subscription.status === 'subscribed' || subscription.status === 'lost';
  const points = value?.points ?? 0;
  const change = async (by: number): Promise<void> => {
    const answer = await turnDial(Math.min(HIGHEST, Math.max(0, points + by)));
    setProblem(answer.ok ? '' : say.notSent(answer.reason ?? say.noAnswer));
  };
  return (
    <div className="card dial">
      <h3>{say.everybodys}</h3>
      <p className="dial__number">
        {known ? (
          <Flash value={value?.points} className="number">
            {points}
          </Flash>
        ) : (
          <span className="skeleton dial__skeleton" />
        )}
      </p>
      <p className="row">
        <button type="button" className="button" onClick={() => void change(-1)} disabled={!known || points === 0}>
          {say.less}
        </button>
        <button type="button" className="button" onClick={() => void change(1)} disabled={!known || points === HIGHEST}>
          {say.more}
        </button>
      </p>
      <p className="answer small" role="status">
        <span className="field-error">{problem}</span>
      </p>
    </div>
  );
}

function Yours(): ReactElement {
  const say = useWords(words);
  const [points, setPoints] = useState(7);
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => {
      setPoints((now) => (now + 1) % (HIGHEST + 1));
      setLeft(left - 1);
    }, BURST_EVERY_MS);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <div className="card dial">
      <h3>{say.yours}</h3>
      <p className="dial__number">
        <Flash value={points} className="number" />
      </p>
      <p className="row">
        <button type="button" className="button" onClick={() => setPoints((now) => (now + 1) % (HIGHEST + 1))}>
          {say.more}
        </button>
        <button type="button" className="button" onClick={() => setLeft(BURST)}>
          {say.burst}
        </button>
      </p>
      <p className="answer small" />
    </div>
  );
}
