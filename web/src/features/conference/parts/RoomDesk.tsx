import { Drawer } from '@mantine/core';
import { IconChevronDown, IconFileText } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { RoomMeeting } from '../api/room';
import type { Follow } from '../logic/follow';
import { type Layout, stageOf } from '../logic/layout';
import { kindOf } from '../logic/people';
import classes from '../pages/RoomPage.module.css';
import type { RoomActions, RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
import { FloorPanel } from './FloorPanel';
import { RoomAgenda } from './RoomAgenda';
import { RoomHeader } from './RoomHeader';
import { RoomPaper } from './RoomPaper';
import { RoomPeople } from './RoomPeople';
import { VideoArea } from './VideoArea';

export interface RoomParts {
  meeting: RoomMeeting;
  state: RoomState;
  layout: Layout;
  follow: Follow;
  onOpen: (itemId: string, paperId: string) => void;
  onFollow: (following: boolean) => void;
  onLayout: (layout: Layout) => void;
  desk: FloorDesk;
  actions: RoomActions;
  /** The list of everybody is open. */
  listing: boolean;
  onListing: (open: boolean) => void;
  /** Asks before all hands are taken down. */
  onClear: () => void;
  notes: ReactNode;
  /** Lines about one's own part on the floor. */
  floorNotes: ReactNode;
  controls: ReactNode;
}

/** The room on a wide screen: agenda, stage, floor; the agenda becomes a drawer below 1280 px. */
export function RoomDesk(parts: RoomParts) {
  const { meeting, state, layout, follow, onOpen, onFollow, onLayout, desk, actions, onListing } = parts;
  const { t } = useTranslation('room');
  const [drawer, setDrawer] = useState(false);
  const hasPaper = meeting.items.some((item) => item.papers.length > 0);
  const stage = stageOf({ layout, mediaFailed: state.media === 'failed', hasPaper, sharing: state.shared !== null });
  const paper = meeting.items.flatMap((item) => item.papers).find((p) => p.id === follow.paperId);
  const agenda = (bare: boolean) => (
    <RoomAgenda meeting={meeting} paperId={follow.paperId} onOpen={onOpen} bare={bare} />
  );
  return (
    <div className={classes['room']} data-layout={layout}>
      <div className={classes['header']}>
        <RoomHeader meeting={meeting} state={state} onPeople={() => onListing(true)} />
      </div>
      <div className={classes['notes']}>
        {parts.notes}
        {parts.floorNotes}
      </div>
      <div className={classes['agenda']}>{agenda(false)}</div>
      <main className={classes['stage']} aria-label={t('stage')}>
        <ItemBar meeting={meeting} className={cx(classes['bar'], classes['itemBar'])} onClick={() => setDrawer(true)} />
        {stage.video !== 'none' && (
          <div className={cx(classes['video'], classes[places.video[stage.video]])}>
            <VideoArea
              people={state.people}
              shared={state.shared}
              kind={kindOf(meeting.invitations)}
              single={stage.video === 'corner'}
              tall={stage.video === 'full'}
              onAll={() => onListing(true)}
            />
          </div>
        )}
        {(stage.paper === 'beside' || stage.paper === 'full') && (
          <div className={classes['paper']}>
            <RoomPaper meeting={meeting} follow={follow} onFollow={onFollow} />
          </div>
        )}
        {stage.paper === 'corner' && (
          <button type="button" className={classes['paperCorner']} onClick={() => onLayout('balanced')}>
            <IconFileText size={20} stroke={1.6} aria-hidden />
            <span>{paper?.name ?? t('paper.label')}</span>
          </button>
        )}
      </main>
      <div className={classes['people']}>
        <FloorPanel
          desk={desk}
          state={state}
          actions={actions}
          onPeople={() => onListing(true)}
          onClear={parts.onClear}
        />
      </div>
      <div className={classes['controls']}>{parts.controls}</div>
      <Drawer
        opened={parts.listing}
        onClose={() => onListing(false)}
        position="right"
        title={t(`people.title.${kindOf(meeting.invitations)}`)}
        padding={0}
        size={460}
        closeButtonProps={{ 'aria-label': t('common:action.close') }}
        classNames={{
          header: classes['drawerHead'] ?? '',
          content: classes['drawer'] ?? '',
          body: classes['drawerBody'] ?? '',
        }}
      >
        <Everybody {...parts} />
      </Drawer>
      <Drawer
        opened={drawer}
        onClose={() => setDrawer(false)}
        title={t('agenda.title')}
        padding={0}
        size={340}
        closeButtonProps={{ 'aria-label': t('common:action.close') }}
      >
        {agenda(true)}
      </Drawer>
    </div>
  );
}

/** The list of everybody, with what this person may do. */
export function Everybody({
  meeting,
  state,
  desk,
  actions,
}: Pick<RoomParts, 'meeting' | 'state' | 'desk' | 'actions'>) {
  const { leads } = desk.powers;
  return (
    <RoomPeople
      meeting={meeting}
      people={state.people}
      lead={leads ? actions : undefined}
      onCall={leads && desk.floor ? desk.callPerson : undefined}
      called={desk.floor?.mode === 'called'}
    />
  );
}

const places = { video: { beside: 'videoBeside', full: 'videoFull', corner: 'videoCorner' } } as const;

/** "Mục 3/7 …": the item that is now; opens the agenda. */
export function ItemBar({
  meeting,
  className,
  onClick,
}: {
  meeting: RoomMeeting;
  className: string;
  onClick: () => void;
}) {
  const { t } = useTranslation('room');
  const at = meeting.items.findIndex((item) => item.id === meeting.current_item_id);
  return (
    <button type="button" className={className} onClick={onClick} data-testid="item-bar">
      {at >= 0 && <b>{t('itemBar.place', { n: at + 1, total: meeting.items.length })}</b>}
      <span>{meeting.items[at]?.title ?? t('itemBar.none')}</span>
      <IconChevronDown size={18} aria-hidden />
    </button>
  );
}
