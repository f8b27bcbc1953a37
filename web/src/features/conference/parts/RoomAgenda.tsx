import { Button } from '@mantine/core';
import { IconChevronRight, IconCircleCheckFilled, IconFileText, IconPlayerPlayFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { delayMinutes, minutesLeft, nextItem, phaseOf } from '../../../lib/agenda';
import { cx } from '../../../lib/cx';
import { clock } from '../../../lib/dates';
import { useNow } from '../../../lib/useNow';
import { ProblemNote } from '../../../ui/ErrorState';
import { type RoomItem, type RoomMeeting, useCallItem, useOpenSession } from '../api/room';
import classes from './RoomAgenda.module.css';

interface Props {
  meeting: RoomMeeting;
  paperId: string | undefined;
  onOpen: (itemId: string, paperId: string) => void;
  /** The heading stands elsewhere (tab, drawer). */
  bare?: boolean;
}

/** Agenda of the room: what is done, what is now with the time left, what comes; the chair goes on from here. */
export function RoomAgenda({ meeting, paperId, onOpen, bare = false }: Props) {
  const { t } = useTranslation('room');
  const now = useNow(10_000);
  const delay = delayMinutes(meeting.items, meeting.current_item_id);
  return (
    <section className={classes['column']} aria-label={t('agenda.title')}>
      {!bare && (
        <div className={classes['head']}>
          <h2 className={classes['heading']}>{t('agenda.title')}</h2>
          {delay !== null && delay > 0 && (
            <span className={classes['late']}>{t('agenda.late', { minutes: delay })}</span>
          )}
        </div>
      )}
      <div className={classes['scroll']}>
        <ol className={classes['list']}>
          {meeting.items.map((item, index) => (
            <Item
              key={item.id}
              item={item}
              number={index + 1}
              now={now}
              currentId={meeting.current_item_id}
              paperId={paperId}
              onOpen={onOpen}
            />
          ))}
        </ol>
      </div>
      <Course meeting={meeting} />
    </section>
  );
}

interface ItemProps {
  item: RoomItem;
  number: number;
  now: Date;
  currentId: string | null | undefined;
  paperId: string | undefined;
  onOpen: (itemId: string, paperId: string) => void;
}

function Item({ item, number, now, currentId, paperId, onOpen }: ItemProps) {
  const { t } = useTranslation('room');
  const phase = phaseOf(item, currentId);
  const [first] = item.papers;
  const reading = item.papers.some((paper) => paper.id === paperId);
  return (
    <li
      className={cx(classes['item'], phase !== 'next' && classes[phase])}
      aria-current={phase === 'now' ? 'step' : undefined}
      data-testid="room-item"
    >
      <div className={classes['line']}>
        {phase === 'done' && (
          <IconCircleCheckFilled size={20} color="var(--green)" role="img" aria-label={t('agenda.done')} />
        )}
        {phase === 'now' && (
          <span className={classes['play']} role="img" aria-label={t('agenda.now')}>
            <IconPlayerPlayFilled size={11} aria-hidden />
          </span>
        )}
        {phase === 'next' && <span className={classes['number']}>{number}</span>}
        <div>
          <div className={classes['title']}>
            {first && phase !== 'now' && !reading ? (
              <button
                type="button"
                className={classes['open']}
                title={t('agenda.openPapers')}
                onClick={() => onOpen(item.id, first.id)}
              >
                {item.title}
              </button>
            ) : (
              item.title
            )}
          </div>
          <div className={classes['meta']}>
            <Timing item={item} now={now} running={phase === 'now'} />
            {phase !== 'now' && first && <> · {t('agenda.papers', { n: item.papers.length })}</>}
          </div>
        </div>
      </div>
      {item.papers.length > 0 && (phase === 'now' || reading) && (
        <ul className={classes['papers']}>
          {item.papers.map((paper) => (
            <li key={paper.id}>
              <button
                type="button"
                className={classes['paper']}
                aria-current={paper.id === paperId}
                onClick={() => onOpen(item.id, paper.id)}
              >
                <IconFileText size={16} stroke={1.6} aria-hidden />
                <span>
                  <span className={classes['paperName']}>{paper.name}</span>
                  <span className={classes['paperMeta']}>
                    {paper.id === paperId && <b>{t('agenda.reading')} · </b>}
                    {t('agenda.revision', { n: paper.revision })}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Timing({ item, now, running }: { item: RoomItem; now: Date; running: boolean }) {
  const { t } = useTranslation('room');
  const left = running ? minutesLeft(item, now) : null;
  if (left === null || !item.started_at) {
    return (
      <>
        {clock(item.starts_at)} · {t('agenda.minutes', { minutes: item.minutes })}
      </>
    );
  }
  return (
    <>
      {t('agenda.from', { at: clock(item.started_at) })} ·{' '}
      {left >= 0 ? (
        <span className={classes['left']}>{t('agenda.left', { minutes: left })}</span>
      ) : (
        <span className={classes['over']}>{t('agenda.over', { minutes: -left })}</span>
      )}
    </>
  );
}

// What the chair does with the agenda: begin the session, then go on item by item.
function Course({ meeting }: { meeting: RoomMeeting }) {
  const { t } = useTranslation('room');
  const open = useOpenSession(meeting.id);
  const call = useCallItem(meeting.id);
  const next = nextItem(meeting.items, meeting.current_item_id);
  const mayOpen = meeting.can.includes('open');
  const mayCall = meeting.can.includes('call_item') && next !== undefined;
  if (!mayOpen && !mayCall) return null;
  return (
    <div className={classes['foot']}>
      <ProblemNote error={open.error ?? call.error} />
      {mayOpen ? (
        <Button loading={open.isPending} onClick={() => open.mutate(null)}>
          {t('agenda.open')}
        </Button>
      ) : (
        next && (
          <Button
            variant={meeting.current_item_id ? 'default' : 'filled'}
            rightSection={<IconChevronRight size={17} aria-hidden />}
            loading={call.isPending}
            onClick={() => call.mutate(next.id)}
          >
            {t('agenda.call', { n: meeting.items.indexOf(next) + 1 })}
          </Button>
        )
      )}
    </div>
  );
}
