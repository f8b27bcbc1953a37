import { SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Form.module.css';

/** How urgent a document is: four words beside each other. */
export function UrgencyField({ value, onChange }: { value: number; onChange: (value: number) => void }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <fieldset className={styles['urgency']}>
      <legend>{t('form.urgency')}</legend>
      <SegmentedControl
        aria-label={t('form.urgency')}
        value={String(value)}
        onChange={(chosen) => onChange(Number(chosen))}
        data={(['normal', 'urgent', 'very_urgent', 'immediate'] as const).map((word, i) => ({
          value: String(i),
          label: t(`urgency.${word}`, { ns: 'common' }),
        }))}
      />
    </fieldset>
  );
}
