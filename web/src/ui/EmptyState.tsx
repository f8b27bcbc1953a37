import { IconFileText, IconInbox, type TablerIcon } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import styles from './Notice.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  /** One button that leads on. */
  action?: ReactNode;
  icon?: TablerIcon;
  /** The list is empty because of filters. */
  filtered?: boolean;
}

/** A list or page with nothing in it: says so, and what to do next. */
export function EmptyState({ title, text, action, icon, filtered = false }: Props): ReactElement {
  const Icon = icon ?? (filtered ? IconFileText : IconInbox);
  return (
    <div className={styles['notice']} role="status">
      <Icon size={30} stroke={1.6} aria-hidden="true" />
      <p className={styles['title']}>{title}</p>
      {text && <p className={styles['text']}>{text}</p>}
      {action && <div className={styles['action']}>{action}</div>}
    </div>
  );
}
