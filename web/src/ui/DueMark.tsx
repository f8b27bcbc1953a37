import { IconAlertTriangleFilled, IconClock } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import { clock, type Due, dueOf, shortDate } from '../lib/dates';
import styles from './Marks.module.css';

/** A deadline: red when late, amber today, plain later. The second line tells the rest. */
export function DueMark({ at, now = new Date() }: { at: string; now?: Date }): ReactElement {
  const { t } = useTranslation();
  const due = dueOf(at, now);
  return (
    <span className={cx(styles['due'], styles[due.kind])}>
      <span className={styles['dueMain']}>
        {due.kind === 'late' && <IconAlertTriangleFilled size={15} aria-hidden="true" />}
        {due.kind === 'today' && <IconClock size={15} aria-hidden="true" />}
        {dueWords(due, at, t)}
      </span>
      <small>{dueRest(due, at, t)}</small>
    </span>
  );
}

function dueWords(due: Due, at: string, t: TFunction): string {
  if (due.kind === 'late') {
    return due.days > 0
      ? t('due.lateDays', { count: due.days })
      : t('due.lateHours', { count: Math.max(1, due.hours) });
  }
  return due.kind === 'today' ? t('due.today', { time: clock(at) }) : shortDate(at);
}

function dueRest(due: Due, at: string, t: TFunction): string {
  if (due.kind === 'late') return shortDate(at);
  if (due.kind === 'later') return t('due.inDays', { count: due.days });
  return due.hours > 0 ? t('due.inHours', { count: due.hours }) : t('due.inMinutes', { count: due.minutes });
}
