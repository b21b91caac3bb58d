/** The frame of one component's demonstration: what it is, how it is written, and a place to try it. */
import type { ReactElement, ReactNode } from 'react';

export interface DemoProps {
  /** Its anchor, and the key of its place in the index. */
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  /** How it is written in an application. */
  readonly code: string;
  readonly children: ReactNode;
}

export function Demo({ id, title, lead, code, children }: DemoProps): ReactElement {
  return (
    <section className="section demo" id={id} aria-labelledby={`${id}-title`}>
      <header className="section__head">
        <h2 id={`${id}-title`}>{title}</h2>
        <p className="muted demo__lead">{lead}</p>
      </header>
      {children}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take keyboard focus (WCAG 2.1.1) */}
      <pre className="demo__code" tabIndex={0}>
        <code>{code}</code>
      </pre>
    </section>
  );
}

/** A box with a caption, for one thing of several. */
export function Sample({
  caption,
  children,
}: {
  readonly caption: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <figure className="sample card">
      <div className="sample__stage">{children}</div>
      <figcaption className="muted small">{caption}</figcaption>
    </figure>
  );
}
