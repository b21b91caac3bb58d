/** Two curls to try, and the pane in which the event is seen to arrive. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Arrivals } from './arrivals.tsx';
import { CopyButton } from './copy-button.tsx';
import { words } from './words.ts';

export function TryIt({ canSend }: { readonly canSend: boolean }): ReactElement {
  const say = useWords(words);
  const here = location.origin;
  const listen = `curl -N '${here}/live/sse?channel=public:hello'`;
  const publish = [
    `curl -X POST ${here}/live/api/publish \\`,
    `  -H "X-API-Key: $(cat data/api-key)" -H 'Content-Type: application/json' \\`,
    `  -d '{"channel":"public:hello","event":"greeting","data":{"text":"hi"}}'`,
  ].join('\n');
  return (
    <section className="section" aria-labelledby="try">
      <header className="section__head">
        <h2 id="try">{say.tryIt}</h2>
        <p className="muted">{say.tryLead}</p>
      </header>
      <div className="try">
        <div className="stack try__commands">
          <Command label={say.listen} text={listen} />
          <Command label={say.publish} text={publish} />
          <p className="muted small">{say.keyHint}</p>
        </div>
        <Arrivals canSend={canSend} />
      </div>
    </section>
  );
}

function Command({ label, text }: { readonly label: string; readonly text: string }): ReactElement {
  return (
    <div className="command">
      <div className="command__head">
        <span className="label">{label}</span>
        <CopyButton text={text} label={label} />
      </div>
      {/* Scrolls sideways on a phone: reachable by keyboard, so it takes focus. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take keyboard focus (WCAG 2.1.1) */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
