import type { ReactElement, ReactNode } from 'react';
import { cx } from '../lib/cx';
import styles from './Bars.module.css';

interface Props {
  label: string;
  items: readonly { value: string; label: string; count?: number | undefined; urgent?: boolean }[];
  value: string;
  onChange: (value: string) => void;
  /** Buttons at the right end. */
  children?: ReactNode;
}

/** The views of a list, with counts as plain figures; red only where something must be done. */
export function ViewTabs({ label, items, value, onChange, children }: Props): ReactElement {
  return (
    <div className={styles['views']}>
      <nav className={styles['tabs']} aria-label={label}>
        {items.map((item) => (
          <button
            key={item.value}
            type="button"
            className={styles['tab']}
            aria-current={item.value === value ? 'page' : undefined}
            onClick={() => onChange(item.value)}
          >
            {item.label}
            {item.count !== undefined && item.count > 0 && (
              <span className={cx(styles['count'], item.urgent && styles['urgent'])}>{item.count}</span>
            )}
          </button>
        ))}
      </nav>
      {children && <div className={styles['actions']}>{children}</div>}
    </div>
  );
}
