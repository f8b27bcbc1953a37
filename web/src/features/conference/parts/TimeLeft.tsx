import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { Floor, Turn } from '../../../media/types';
import { countdownOf } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import classes from './TimeLeft.module.css';

/** The speaker's time left, over the picture. */
export function TimeLeft({ floor, turn }: { floor: Floor; turn: Turn }) {
  const { t } = useTranslation('room');
  const countdown = countdownOf(turn, useServerNow(floor));
  if (!countdown) return null;
  const { phase, text } = countdown;
  return (
    <div className={cx(classes['time'], classes[phase])} data-testid="time-left">
      {phase === 'last' && <span className={classes['word']}>{t('floor.lastWord')}</span>}
      {phase === 'over' && <span className={classes['word']}>{t('floor.overWord')}</span>}
      {text}
    </div>
  );
}
