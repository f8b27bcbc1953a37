import { Button } from '@mantine/core';
import { IconHandStop, IconMicrophone2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { ProblemNote } from '../../../ui/ErrorState';
import type { RoomActions, RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
import { FloorNow } from './FloorNow';
import classes from './FloorPanel.module.css';
import { FloorQueue } from './FloorQueue';
import { FloorSettings } from './FloorSettings';
import columns from './RoomAgenda.module.css';

export interface FloorPanelProps {
  desk: FloorDesk;
  state: RoomState;
  actions: RoomActions;
  /** Opens the list of everybody, to call somebody who did not ask. */
  onPeople: () => void;
  onClear: () => void;
  /** The heading stands elsewhere (tab). */
  bare?: boolean;
}

/** The floor: who speaks with the time left, who is next, who waits. */
export function FloorPanel({ desk, state, actions, onPeople, onClear, bare = false }: FloorPanelProps) {
  const { t } = useTranslation('room');
  const { floor, waiting, powers } = desk;
  const turn = floor?.now ?? null;
  const speaker = turn && state.people.find((person) => person.appointmentId === turn.appointment_id && person.mic);
  const [next] = waiting;
  return (
    <section className={columns['column']} aria-label={t('floor.title')} data-testid="floor">
      <div className={cx(classes['head'], bare && classes['bare'])}>
        {!bare && <h2 className={columns['heading']}>{t('floor.title')}</h2>}
        <span className={classes['counts']} data-testid="floor-counts">
          {t('floor.counts', { spoken: floor?.spoken ?? 0, waiting: waiting.length })}
        </span>
        {powers.leads && <FloorSettings desk={desk} onMuteAll={actions.muteAll} onClear={onClear} />}
      </div>
      <div className={classes['docked']}>
        {turn && (
          <FloorNow
            desk={desk}
            turn={turn}
            onMute={powers.leads && speaker && !speaker.self ? () => actions.mute(speaker.id) : undefined}
          />
        )}
        {powers.leads && next && (
          <Button
            className={classes['next'] ?? ''}
            fullWidth
            leftSection={<IconMicrophone2 size={18} aria-hidden />}
            loading={desk.busy.call}
            aria-keyshortcuts="N"
            title={t('floor.nextKey')}
            onClick={() => desk.call(next)}
          >
            {t('floor.next', { name: next.full_name })}
          </Button>
        )}
        <ProblemNote error={desk.error} />
        {desk.withdrawn && desk.standing.kind === 'none' && (
          <div className={classes['undo']} role="status">
            <span>{t('floor.withdrawn')}</span>
            <Button variant="subtle" size="xs" onClick={desk.askAgain}>
              {t('floor.undo')}
            </Button>
          </div>
        )}
      </div>
      <div className={columns['scroll']}>
        {waiting.length > 0 ? (
          <FloorQueue desk={desk} me={state.me} />
        ) : (
          <div className={classes['empty']}>
            <IconHandStop size={26} stroke={1.5} aria-hidden />
            <p>{t('floor.empty')}</p>
            <p className={classes['hint']}>
              {t(powers.leads ? 'floor.emptyLeads' : powers.asks ? 'floor.emptyAsks' : 'floor.emptyWatches')}
            </p>
            {powers.leads && (
              <Button variant="default" size="xs" onClick={onPeople}>
                {t('floor.choose')}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
