import type { ReactElement } from 'react';
import { cx } from '../lib/cx';
import { initials } from '../lib/names';
import styles from './PersonAvatar.module.css';

/** Round initials beside a name, never instead of it; gold marks the chair. */
export function PersonAvatar({
  name,
  chair = false,
  small = false,
}: {
  name: string;
  chair?: boolean;
  small?: boolean;
}): ReactElement {
  return (
    <span className={cx(styles['avatar'], chair && styles['chair'], small && styles['small'])} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
