import { useId, type ReactNode } from 'react';

/** A part of a page with a heading. */
export function Card({
  title,
  note,
  aside,
  span = 12,
  children,
}: {
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  span?: 3 | 4 | 5 | 6 | 7 | 8 | 12;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={`card span-${span}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note && <span className="note">{note}</span>}
        {aside}
      </header>
      {children}
    </section>
  );
}
