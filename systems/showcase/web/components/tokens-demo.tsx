/** Colours and sizes, by the names that style sheets use. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Demo } from './demo.tsx';
import { words } from './words.ts';

const COLOURS = [
  'ink',
  'paper',
  'card',
  'line',
  'muted',
  'accent',
  'accent-soft',
  'live',
  'polling',
  'offline',
  'offline-soft',
  'flash',
] as const;
const SIZES = [12, 14, 16, 20, 28, 44, 72] as const;

const CODE = `color: var(--ink);
font-size: var(--text-28);`;

export function TokensDemo(): ReactElement {
  const say = useWords(words);
  return (
    <Demo id="tokens" title={say.tokens} lead={say.tokensLead} code={CODE}>
      <ul className="swatches">
        {COLOURS.map((name) => (
          <li key={name} className="swatch">
            <span className="swatch__colour" style={{ background: `var(--${name})` }} />
            <code>--{name}</code>
          </li>
        ))}
      </ul>
      <ul className="sizes card" aria-label={say.sizes}>
        {SIZES.map((size) => (
          <li key={size} className="sizes__row">
            <code className="muted">{size}</code>
            <span className="number" style={{ fontSize: `var(--text-${size})` }}>
              {say.sample}
            </span>
          </li>
        ))}
      </ul>
    </Demo>
  );
}
