import { IconMicrophone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { Countdown } from '../logic/floor';
import classes from './FloorPanel.module.css';

const radius = 28.5;
const length = 2 * Math.PI * radius;

/** The time left as a ring around its figures; beyond the end it counts upwards. */
export function CountdownRing({ countdown }: { countdown: Countdown | null }) {
  const { t } = useTranslation('room');
  const tone = countdown ? classes[countdown.phase] : undefined;
  return (
    <div
      className={cx(classes['ring'], tone)}
      data-phase={countdown?.phase}
      data-testid="countdown"
      role="timer"
      aria-label={t('floor.left')}
    >
      <svg viewBox="0 0 66 66" width={66} height={66} aria-hidden>
        <circle className={classes['track']} cx={33} cy={33} r={radius} />
        {countdown && countdown.left > 0 && (
          <circle
            className={classes['rest']}
            cx={33}
            cy={33}
            r={radius}
            strokeDasharray={`${(countdown.left * length).toFixed(1)} ${length.toFixed(1)}`}
          />
        )}
      </svg>
      <span className={classes['time']}>
        {!countdown && <IconMicrophone size={24} stroke={1.6} aria-hidden />}
        {countdown?.phase === 'over' && <span className={classes['overWord']}>{t('floor.overWord')} </span>}
        {countdown?.text}
      </span>
    </div>
  );
}
