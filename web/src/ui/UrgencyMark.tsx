import { IconChevronsUp, IconChevronUp, IconFlame } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import styles from './Marks.module.css';
import { urgencyOf } from './marks';

const icons = { urgent: IconChevronUp, very_urgent: IconChevronsUp, immediate: IconFlame };

/** Urgency: a filled, framed or plain red word; nothing at all for a normal document. */
export function UrgencyMark({ urgency }: { urgency: string | number | null | undefined }): ReactElement | null {
  const { t } = useTranslation();
  const value = urgencyOf(urgency);
  if (value === 'normal') return null;
  const Icon = icons[value];
  return (
    <span className={cx(styles['urgency'], styles[value])}>
      <Icon size={13} stroke={2} aria-hidden="true" />
      {t(`urgency.${value}`)}
    </span>
  );
}
