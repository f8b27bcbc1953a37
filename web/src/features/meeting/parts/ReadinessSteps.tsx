import { IconAlertTriangleFilled, IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Prepared, readiness } from '../logic/readiness';
import classes from './ReadinessSteps.module.css';

const icons = {
  done: IconCircleCheckFilled,
  act: IconAlertTriangleFilled,
  wait: IconAlertTriangleFilled,
  later: IconCircleDashed,
};

/** The four steps of preparing a meeting, each with a bar and a sentence that says what is still to do. */
export function ReadinessSteps({ meeting }: { meeting: Prepared }) {
  const { t } = useTranslation('meeting');
  return (
    <ol className={classes['steps']} aria-label={t('ready.label')}>
      {readiness(meeting).map(({ step, tone, part, key, values }) => {
        const Icon = icons[tone];
        return (
          <li key={step} className={classes[tone]}>
            <div className={classes['bar']} aria-hidden>
              <div className={classes['part']} style={{ width: `${Math.round(part * 100)}%` }} />
            </div>
            <div className={classes['name']}>
              <Icon size={16} aria-hidden />
              {t(`ready.step.${step}`)}
            </div>
            <div className={classes['detail']}>{t(`ready.${key}`, values)}</div>
          </li>
        );
      })}
    </ol>
  );
}
