import { createContext, type ReactElement, type ReactNode, useContext, useEffect } from 'react';
import { createPortal } from 'react-dom';
import styles from './PageHeader.module.css';

/** Where the shell lets pages put their title; null while the shell is not there. */
export const HeaderSlot = createContext<HTMLElement | null>(null);

interface Props {
  /** Title of the page; also the title of the tab. */
  title: string;
  /** The page above this one, shown before the title. */
  parent?: ReactNode;
  /** Short text after the title, such as the date. */
  note?: ReactNode;
}

/** Title of a page, at its place in the bar of the shell. Every page has exactly one. */
export function PageHeader({ title, parent, note }: Props): ReactElement | null {
  const slot = useContext(HeaderSlot);
  useEffect(() => {
    document.title = `${title} · Nghị Sự`;
  }, [title]);
  if (!slot) return null;
  return createPortal(
    <div className={styles['header']}>
      {parent && (
        <span className={styles['parent']}>
          {parent}
          <span aria-hidden="true" className={styles['sep']}>
            ›
          </span>
        </span>
      )}
      <h1 className={styles['title']}>{title}</h1>
      {note && <span className={styles['note']}>{note}</span>}
    </div>,
    slot,
  );
}
