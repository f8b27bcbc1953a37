import type { TablerIcon } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { cx } from '../lib/cx';
import styles from './Notice.module.css';

interface Props {
  tone?: 'plain' | 'red' | 'amber' | 'green' | 'accent';
  icon?: TablerIcon;
  children: ReactNode;
}

/** A remark that stays on the page, with a bar of its colour at the left. */
export function Note({ tone = 'plain', icon: Icon, children }: Props): ReactElement {
  return (
    <div className={cx(styles['inline'], tone !== 'plain' && styles[tone])}>
      {Icon && <Icon size={18} stroke={1.7} aria-hidden="true" />}
      <div>{children}</div>
    </div>
  );
}
