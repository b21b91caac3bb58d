/** `/components`: every live component on a small section of its own. Also the sheet on which their looks are checked. */
import { Toaster, useWords } from '@fanfare/react';
import { type ReactElement, useEffect } from 'react';
import { PageHeader } from '../page-header.tsx';
import { BadgeDemo } from './badge-demo.tsx';
import { BlocksDemo } from './blocks-demo.tsx';
import { ChoicesDemo } from './choices-demo.tsx';
import { CountsDemo } from './counts-demo.tsx';
import { ToastsDemo } from './toasts-demo.tsx';
import { TokensDemo } from './tokens-demo.tsx';
import { ValueDemo } from './value-demo.tsx';
import { words } from './words.ts';
import './components.css';

const SECTIONS = ['badge', 'live', 'toasts', 'counts', 'choices', 'blocks', 'tokens'] as const;

export function ComponentsPage(): ReactElement {
  const say = useWords(words);
  useEffect(() => {
    document.title = `${say.title} · Fanfare`;
  }, [say]);
  return (
    <>
      <a className="skip" href="#content">
        {say.skip}
      </a>
      <div className="page frame">
        <PageHeader alerts />
        <main id="content" tabIndex={-1}>
          <section className="intro">
            <h1 className="intro__title">{say.heading}</h1>
            <p className="muted intro__lead">{say.lead}</p>
            <nav aria-label={say.index}>
              <ul className="row intro__index">
                {SECTIONS.map((id) => (
                  <li key={id}>
                    <a className="button button--small" href={`#${id}`}>
                      {say[id]}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
          </section>
          <BadgeDemo />
          <ValueDemo />
          <ToastsDemo />
          <CountsDemo />
          <ChoicesDemo />
          <BlocksDemo />
          <TokensDemo />
        </main>
      </div>
      <Toaster />
    </>
  );
}
