/** Reads a sentence aloud for screen readers once it has stood still, so that a fast rally does not queue up speech. */
import { type ReactElement, useEffect, useState } from 'react';

const SETTLED_MS = 900;

export function Announcer({ sentence }: { readonly sentence: string }): ReactElement {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(sentence), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <p className="visually-hidden" aria-live="polite" aria-atomic="true">
      {said}
    </p>
  );
}
