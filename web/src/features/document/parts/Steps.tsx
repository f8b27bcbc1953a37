import { IconCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { dateClock } from '../../../lib/dates';
import type { OfficialDocument } from '../api/documents';
import { stepsOf } from '../logic/steps';
import styles from './Document.module.css';

/** The road of an own document: what is done, by whom and when; where it stands; what is to come. */
export function Steps({ document }: { document: OfficialDocument }): ReactElement {
  const { t } = useTranslation('document');
  const steps = stepsOf(document);
  return (
    <ol className={styles['steps']} aria-label={t('road.title')}>
      {steps.map((step, index) => (
        <li
          key={step.key}
          className={cx(styles['step'], styles[step.state])}
          aria-current={step.state === 'now' ? 'step' : undefined}
        >
          <span className={styles['stepMark']} aria-hidden="true">
            {step.state === 'done' ? <IconCheck size={15} stroke={2.2} /> : index + 1}
          </span>
          <span className={styles['stepWord']}>{t(`road.${step.key}`)}</span>
          {step.state === 'done' && <span className="visually-hidden">{t('road.done')}</span>}
          <span className={styles['stepLine']}>
            {step.waitsFor ? t(`road.waits.${step.key}`, { who: step.waitsFor }) : step.who}
          </span>
          <span className={styles['stepLine']}>{step.at ? dateClock(step.at) : ''}</span>
        </li>
      ))}
    </ol>
  );
}
