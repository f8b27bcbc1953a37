import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { clock } from '../../../lib/dates';
import { ErrorState } from '../../../ui/ErrorState';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { floorRecordQuery } from '../api/queries';
import { groupRecord, lengthText, spokenSeconds } from '../logic/record';
import type { HeldTurn, Meeting } from '../types';
import classes from './FloorRecord.module.css';

/** Who spoke at a meeting that is closed, by item of the agenda: when and how long. */
export function FloorRecord({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meeting');
  const query = useQuery(floorRecordQuery(meeting.id));
  const turns = query.data ?? [];
  const groups = groupRecord(turns, meeting.items);
  const whole = turns.reduce((sum, turn) => sum + spokenSeconds(turn), 0);
  return (
    <section className={classes['record']} aria-label={t('record.title')} data-testid="floor-record">
      <div className={classes['head']}>
        <h2 className={classes['heading']}>{t('record.title')}</h2>
        {turns.length > 0 && (
          <span className={classes['meta']}>{t('record.sum', { n: turns.length, time: lengthText(whole) })}</span>
        )}
      </div>
      {query.isPending && <SkeletonRows rows={3} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && turns.length === 0 && <p className={classes['empty']}>{t('record.none')}</p>}
      {groups.map((group) => (
        <div key={group.itemId}>
          <h3 className={classes['item']}>
            {meeting.items.find((item) => item.id === group.itemId)?.title ?? t('record.noItem')}
          </h3>
          <ol className={classes['list']}>
            {group.turns.map((turn) => (
              <Row key={turn.id} turn={turn} />
            ))}
          </ol>
        </div>
      ))}
    </section>
  );
}

function Row({ turn }: { turn: HeldTurn }) {
  const { t } = useTranslation('meeting');
  return (
    <li className={classes['row']}>
      <span className={classes['time']}>{turn.called_at && clock(turn.called_at)}</span>
      <div className={classes['who']}>
        <div className={classes['name']}>{turn.full_name}</div>
        <div className={classes['meta']}>
          {[turn.position, turn.agency_short_name || turn.agency_name, turn.asked ? '' : t('record.uncalled')]
            .filter(Boolean)
            .join(' · ')}
        </div>
        {turn.topic && <div className={classes['topic']}>{turn.topic}</div>}
      </div>
      <span className={classes['time']}>{lengthText(spokenSeconds(turn))}</span>
    </li>
  );
}
