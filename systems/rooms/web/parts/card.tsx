/** A part of the console: a heading with its icon, and what belongs to it. */
import { type ReactElement, type ReactNode, useId } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface CardProps {
  readonly icon: IconName;
  readonly title: string;
  readonly name: string;
  readonly beside?: ReactNode;
  readonly children: ReactNode;
}

export function Card({ icon, title, name, beside, children }: CardProps): ReactElement {
  const id = useId();
  return (
    <section className={`card part part--${name}`} aria-labelledby={id}>
      <header className="part__head">
        <h2 id={id} className="part__title">
          <Icon name={icon} />
          {title}
        </h2>
        {beside}
      </header>
      {children}
    </section>
  );
}
