import { Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type Counts, groupsOf } from '../logic/recipients';
import styles from './Document.module.css';

const parts = [
  { key: 'accepted', color: 'var(--bar-done)' },
  { key: 'waiting', color: 'var(--bar-waiting)' },
  { key: 'sending', color: 'var(--bar-below)' },
  { key: 'trouble', color: 'var(--bar-missing)' },
] as const;

/** Where the recipients stand: a bar, and the figures in words beside it. */
export function CountsBar({ counts }: { counts: Counts }): ReactElement {
  const { t } = useTranslation('document');
  const groups = groupsOf(counts);
  const total = parts.reduce((sum, part) => sum + groups[part.key], 0);
  const shown = parts.filter((part) => groups[part.key] > 0);
  return (
    <div className={styles['counts']}>
      <Progress.Root size={10} radius={2} className={styles['countsBar'] ?? ''} aria-hidden="true">
        {shown.map((part) => (
          <Progress.Section key={part.key} value={(groups[part.key] / total) * 100} color={part.color} />
        ))}
      </Progress.Root>
      <span className={styles['countsWords']}>
        {shown.map((part) => t(`counts.${part.key}`, { count: groups[part.key] })).join(' · ')}
      </span>
    </div>
  );
}
