/** A board that shows no match yet: says so, and what will happen. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Icon } from '../parts/icons.tsx';
import { words as dictionary } from '../words.ts';

export function NoMatch({ title }: { readonly title: string }): ReactElement {
  const words = useWords(dictionary);
  return (
    <div className="empty">
      <Icon name="shuttle" size={32} />
      <h2>{`${title}: ${words.inactive}`}</h2>
      <p>{words.inactiveHelp}</p>
    </div>
  );
}
