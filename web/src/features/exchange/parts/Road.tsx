import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { dateClock } from '../../../lib/dates';
import { Glyph, toneColor } from '../../../ui/Glyph';
import { looks } from '../../../ui/marks';
import type { DeliveryDetail } from '../api/deliveries';
import { roadOf } from '../logic/road';
import styles from './Delivery.module.css';

/** The road of the document, oldest first; the last step is where it stands or what comes next. */
export function Road({ detail }: { detail: DeliveryDetail }): ReactElement {
  const { t } = useTranslation('exchange');
  return (
    <section aria-label={t('road.title')}>
      <h3 className={styles['partTitle']}>{t('road.title')}</h3>
      <ol className={styles['road']}>
        {roadOf(detail).map((stop) => (
          <li key={`${stop.key}-${stop.at ?? 'next'}`} data-next={stop.at === null || undefined}>
            <span className={styles['bullet']} style={{ color: toneColor(looks[stop.state].tone) }}>
              <Glyph shape={stop.at === null ? 'ring' : looks[stop.state].shape} />
            </span>
            <span className={styles['stop']}>{t(`road.${stop.key}`)}</span>
            <span className={styles['stopMeta']}>
              {[stop.who, stop.at && dateClock(stop.at)].filter(Boolean).join(' · ')}
            </span>
            {stop.reason && <span className={styles['stopMeta']}>{t('road.reason', { reason: stop.reason })}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
