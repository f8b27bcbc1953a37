import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoomMeeting } from '../api/room';
import { groupPeople, kindOf } from '../logic/people';
import type { RoomActions, RoomPerson } from '../room/types';
import { PeopleRow, type RowActs } from './PeopleRow';
import columns from './RoomAgenda.module.css';
import classes from './RoomPeople.module.css';

interface Props {
  meeting: RoomMeeting;
  people: readonly RoomPerson[];
  /** Undefined for those who do not lead. */
  lead: Pick<RoomActions, 'mute' | 'askMic'> | undefined;
  onCall: ((appointmentId: string) => void) | undefined;
  /** Only who is called may speak: there is nothing to ask a microphone of. */
  called: boolean;
}

/** Everybody: who speaks, who asks, who is here, whose line is lost, who has not come. Searched by name or office. */
export function RoomPeople({ meeting, people, lead, onCall, called }: Props) {
  const { t } = useTranslation('room');
  const [query, setQuery] = useState('');
  const wanted = useDeferredValue(query);
  const groups = useMemo(() => groupPeople(people, meeting.invitations, wanted), [people, meeting.invitations, wanted]);
  const kind = kindOf(meeting.invitations);
  const acts = useMemo<RowActs>(
    () => ({ onMute: lead?.mute, onAskMic: called ? undefined : lead?.askMic, onCall }),
    [lead, onCall, called],
  );
  return (
    <section className={columns['column']} aria-label={t(`people.title.${kind}`)}>
      <div className={classes['search']}>
        <TextInput
          aria-label={t('people.search')}
          placeholder={t('people.searchHint')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
      </div>
      <div className={columns['scroll']}>
        {groups.map((group) => (
          <section key={group.name} aria-label={t(`people.group.${group.name}`)}>
            <h3 className={classes['group']}>
              {t(`people.group.${group.name}`)} <span>{group.people.length}</span>
            </h3>
            <ul className={classes['list']}>
              {group.people.map((row) => (
                <PeopleRow key={row.key} row={row} acts={acts} />
              ))}
            </ul>
          </section>
        ))}
        {groups.length === 0 && <p className={classes['nobody']}>{t('people.nobody')}</p>}
      </div>
    </section>
  );
}
