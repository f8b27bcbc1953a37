import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { kindOf } from '../logic/people';
import classes from '../pages/RoomPage.module.css';
import { FloorPanel } from './FloorPanel';
import { RoomAgenda } from './RoomAgenda';
import { Everybody, ItemBar, type RoomParts } from './RoomDesk';
import { RoomHeader } from './RoomHeader';
import { RoomPaper } from './RoomPaper';
import { TimeLeft } from './TimeLeft';
import { VideoArea } from './VideoArea';

type Tab = 'paper' | 'agenda' | 'floor' | 'people';
const tabs: readonly Tab[] = ['paper', 'agenda', 'floor', 'people'];

/** The room on a phone or a small tablet: picture on top, then paper, agenda, floor or people by tabs. */
export function RoomPhone(parts: RoomParts) {
  const { meeting, state, follow, onOpen, onFollow, desk } = parts;
  const { t } = useTranslation('room');
  // the time stands over the speaker's picture; one's own time stands in a line of its own
  const timed = state.people.some((person) => person.floor && !person.self);
  const [tab, setTab] = useState<Tab>('paper');
  return (
    <div className={classes['phone']}>
      <div className={classes['phoneHeader']}>
        <RoomHeader meeting={meeting} state={state} />
      </div>
      {parts.notes}
      {state.media !== 'failed' && (
        <div className={classes['phoneVideo']}>
          <VideoArea
            people={state.people}
            shared={state.shared}
            kind={kindOf(meeting.invitations)}
            single
            over={timed && desk.floor?.now && <TimeLeft floor={desk.floor} turn={desk.floor.now} />}
          />
        </div>
      )}
      <ItemBar meeting={meeting} className={cx(classes['bar'], classes['phoneBar'])} onClick={() => setTab('agenda')} />
      <Tabs
        className={classes['phoneTabs'] ?? ''}
        value={tab}
        onChange={(value) => setTab(tabs.find((name) => name === value) ?? 'paper')}
      >
        <Tabs.List grow aria-label={t('tabs.label')}>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tabs.${name}`)}
              {name === 'floor' && desk.waiting.length > 0 ? ` ${desk.waiting.length}` : ''}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {parts.floorNotes}
      <main className={classes['phoneBody']} aria-label={t(`tabs.${tab}`)}>
        {tab === 'paper' && <RoomPaper meeting={meeting} follow={follow} onFollow={onFollow} />}
        {tab === 'agenda' && (
          <RoomAgenda
            meeting={meeting}
            paperId={follow.paperId}
            bare
            onOpen={(itemId, paperId) => {
              onOpen(itemId, paperId);
              setTab('paper');
            }}
          />
        )}
        {tab === 'floor' && (
          <FloorPanel
            desk={desk}
            state={state}
            actions={parts.actions}
            onPeople={() => setTab('people')}
            onClear={parts.onClear}
            bare
          />
        )}
        {tab === 'people' && <Everybody {...parts} />}
      </main>
      <div className={classes['phoneControls']}>{parts.controls}</div>
    </div>
  );
}
