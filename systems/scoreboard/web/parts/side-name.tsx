/** The name of a side; the two of a pair stand one below the other. */
import type { ReactElement } from 'react';

export function SideName({ name, className }: { readonly name: string; readonly className: string }): ReactElement {
  return (
    <span className={className} title={name}>
      {name.split(PAIR).map((person) => (
        <span key={person} className="person">
          {person}
        </span>
      ))}
    </span>
  );
}

/** How organisers write a pair: "A / B", "A & B". */
const PAIR = /\s+[/&]\s+/;
