/** Counts of every size, on a corner, and on the tab. */
import { CountBadge, useTitleCount, useWords } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import { Icon } from '../icon.tsx';
import { Demo, Sample } from './demo.tsx';
import { words } from './words.ts';

const SIZES = [0, 1, 9, 42, 99, 100, 9999] as const;

const CODE = `<CountBadge count={unread} label="unread notifications" />
useTitleCount(unread);`;

export function CountsDemo(): ReactElement {
  const say = useWords(words);
  const [count, setCount] = useState(3);
  const [onTab, setOnTab] = useState(false);
  useTitleCount(onTab ? count : 0);
  return (
    <Demo id="counts" title={say.counts} lead={say.countsLead} code={CODE}>
      <div className="pair">
        <div className="card counts">
          <span className="counts__bell">
            <Icon name="bell" />
            <CountBadge count={count} label={say.unread} corner />
          </span>
          <p className="counts__line">
            {say.inbox} <CountBadge count={count} max={9999} label={say.unread} />
          </p>
          <p className="row">
            <button type="button" className="button button--small" onClick={() => setCount((now) => now + 1)}>
              {say.addOne}
            </button>
            <button type="button" className="button button--small" onClick={() => setCount((now) => now + 100)}>
              {say.addMany}
            </button>
            <button type="button" className="button button--small" onClick={() => setCount(0)}>
              {say.clear}
            </button>
          </p>
          <label className="check">
            <input type="checkbox" checked={onTab} onChange={(event) => setOnTab(event.target.checked)} />
            {say.onTab}
          </label>
        </div>
        <ul className="counts__sheet card" aria-label={say.countSheet}>
          {SIZES.map((size) => (
            <li key={size}>
              <Sample caption={String(size)}>
                <CountBadge count={size} />
              </Sample>
            </li>
          ))}
        </ul>
      </div>
    </Demo>
  );
}
