import { Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import classes from '../pages/RoomPage.module.css';
import { RoomAgenda } from './RoomAgenda';
import { ItemBar, type RoomParts } from './RoomDesk';
import { RoomHeader } from './RoomHeader';
import { RoomPaper } from './RoomPaper';
import { RoomPeople } from './RoomPeople';
import { VideoArea } from './VideoArea';

type Tab = 'paper' | 'agenda' | 'people';
const tabs: readonly Tab[] = ['paper', 'agenda', 'people'];

/** The room on a phone or a small tablet: picture on top, then paper, agenda or people by tabs. */
export function RoomPhone({ meeting, state, follow, onOpen, onFollow, onMute, notes, controls }: RoomParts) {
  const { t } = useTranslation('room');
  const [tab, setTab] = useState<Tab>('paper');
  return (
    <div className={classes['phone']}>
      <div className={classes['phoneHeader']}>
        <RoomHeader meeting={meeting} state={state} />
      </div>
      {notes}
      {state.media !== 'failed' && (
        <div className={classes['phoneVideo']}>
          <VideoArea people={state.people} single />
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
              {name === 'people' ? ` ${state.people.length}` : ''}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
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
        {tab === 'people' && <RoomPeople meeting={meeting} people={state.people} onMute={onMute} bare />}
      </main>
      <div className={classes['phoneControls']}>{controls}</div>
    </div>
  );
}
