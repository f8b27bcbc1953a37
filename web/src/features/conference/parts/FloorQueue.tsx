import { ActionIcon, Button } from '@mantine/core';
import { IconGripVertical, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { type Reorder, useReorder } from '../../../lib/useReorder';
import type { Turn } from '../../../media/types';
import { isFresh, officeOf, waitedMinutes } from '../logic/floor';
import { useServerNow } from '../logic/serverNow';
import type { FloorDesk } from '../room/useFloor';
import classes from './FloorPanel.module.css';

/** Who waits to speak, in order. Who leads calls, moves and removes; the others see their place. */
export function FloorQueue({ desk, me }: { desk: FloorDesk; me: string }) {
  const { t } = useTranslation('room');
  const { waiting, powers } = desk;
  const now = useServerNow(desk.floor);
  const [said, setSaid] = useState('');
  const reorder = useReorder(waiting.length, (from, to) => {
    const turn = waiting[from];
    if (!turn) return;
    desk.move(from, to);
    setSaid(t('floor.moved', { name: turn.full_name, place: to + 1, total: waiting.length }));
  });
  return (
    <>
      <ol className={classes['queue']} aria-label={t('floor.queueLabel')} ref={reorder.listRef}>
        {waiting.map((turn, index) => (
          <Row
            key={turn.id}
            turn={turn}
            index={index}
            now={now}
            own={turn.appointment_id === me}
            leads={powers.leads}
            desk={desk}
            reorder={reorder}
          />
        ))}
      </ol>
      <div className="visually-hidden" role="status">
        {said}
      </div>
    </>
  );
}

interface RowProps {
  turn: Turn;
  index: number;
  now: number;
  own: boolean;
  leads: boolean;
  desk: FloorDesk;
  reorder: Reorder;
}

function Row({ turn, index, now, own, leads, desk, reorder }: RowProps) {
  const { t } = useTranslation('room');
  const minutes = waitedMinutes(turn, now);
  const { drag, handle } = reorder;
  const before = drag?.to === index && drag.to < drag.from;
  const after = drag?.to === index && drag.to > drag.from;
  return (
    <li
      className={cx(
        classes['row'],
        !leads && classes['plain'],
        own && classes['own'],
        isFresh(turn, now) && classes['fresh'],
        drag?.from === index && classes['dragged'],
        before && classes['dropBefore'],
        after && classes['dropAfter'],
      )}
      data-testid="floor-row"
    >
      {leads && (
        <button
          type="button"
          className={classes['handle']}
          aria-label={t('floor.handle', { place: index + 1, name: turn.full_name })}
          title={t('floor.handleHint')}
          {...handle(index)}
        >
          <IconGripVertical size={16} aria-hidden />
        </button>
      )}
      <span className={classes['place']}>{index + 1}</span>
      <div className={classes['who']}>
        <div className={classes['rowName']}>{own ? t('tile.self', { name: turn.full_name }) : turn.full_name}</div>
        <div className={classes['rowMeta']} title={[turn.topic, officeOf(turn)].filter(Boolean).join(' · ')}>
          {turn.topic && <span className={classes['topic']}>{turn.topic} · </span>}
          {officeOf(turn)}
        </div>
      </div>
      <span className={classes['waited']}>{minutes === 0 ? t('floor.justNow') : t('floor.waited', { minutes })}</span>
      {leads && (
        <>
          <ActionIcon
            className={classes['remove'] ?? ''}
            size={28}
            aria-label={t('floor.removeOf', { name: turn.full_name })}
            title={t('floor.remove')}
            onClick={() => (own ? desk.withdraw(turn) : desk.remove(turn))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
          <Button
            variant="default"
            size="xs"
            className={classes['call'] ?? ''}
            disabled={desk.busy.call}
            aria-label={t('floor.callOf', { name: turn.full_name })}
            onClick={() => desk.call(turn)}
          >
            {t('floor.call')}
          </Button>
        </>
      )}
      {!leads && own && (
        <Button variant="subtle" size="xs" className={classes['call'] ?? ''} onClick={() => desk.withdraw(turn)}>
          {t('floor.withdraw')}
        </Button>
      )}
    </li>
  );
}
