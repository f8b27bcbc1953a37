import { Button } from '@mantine/core';
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import type { RoomMeeting } from '../api/room';
import type { RoomPerson } from '../room/types';
import columns from './RoomAgenda.module.css';
import classes from './RoomPeople.module.css';

interface Props {
  meeting: RoomMeeting;
  people: readonly RoomPerson[];
  /** Chair and secretary may turn off others' microphones. */
  onMute: ((personId: string) => void) | undefined;
  bare?: boolean;
}

/** Who is here, with microphone and camera, and which invited people are not. */
export function RoomPeople({ meeting, people, onMute, bare = false }: Props) {
  const { t } = useTranslation('room');
  const here = new Set(people.map((person) => person.appointmentId));
  const absent = meeting.invitations.filter((i) => i.sent_at && !here.has(i.appointment.id));
  return (
    <section className={columns['column']} aria-label={t('people.title')}>
      {!bare && (
        <div className={columns['head']}>
          <h2 className={columns['heading']}>{t('people.title')}</h2>
          <span className={classes['office']}>{t('people.count', { here: people.length, away: absent.length })}</span>
        </div>
      )}
      <div className={columns['scroll']}>
        <ul className={classes['list']} aria-label={t('people.here')}>
          {people.map((person) => (
            <Row key={person.id} person={person} onMute={onMute} />
          ))}
        </ul>
        {absent.length > 0 && (
          <>
            <h3 className={classes['group']}>{t('people.away', { n: absent.length })}</h3>
            <ul className={classes['list']}>
              {absent.map(({ appointment, role, answer }) => (
                <li key={appointment.id} className={classes['person']}>
                  <PersonAvatar name={appointment.full_name} chair={role === 'chair'} />
                  <div>
                    <div className={classes['name']}>{appointment.full_name}</div>
                    <div className={classes['office']}>
                      {[appointment.position, appointment.agency_short_name].filter(Boolean).join(' · ')}
                    </div>
                  </div>
                  <span className={classes['office']}>{answer === 'declined' ? t('people.declined') : ''}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

function Row({ person, onMute }: { person: RoomPerson; onMute: ((id: string) => void) | undefined }) {
  const { t } = useTranslation('room');
  return (
    <li className={cx(classes['person'], person.speaking && classes['speaking'])} data-testid="room-person">
      <PersonAvatar name={person.name} chair={person.chair} />
      <div>
        <div className={classes['name']}>{person.self ? t('tile.self', { name: person.name }) : person.name}</div>
        <div className={classes['office']}>
          {person.chair && <span className={classes['gold']}>{t('tile.chair')} · </span>}
          {person.office}
        </div>
      </div>
      <span className={classes['devices']}>
        {person.mic ? (
          <IconMicrophone
            size={17}
            role="img"
            className={classes['on']}
            aria-label={t(person.speaking ? 'tile.speaking' : 'tile.micOn')}
          />
        ) : (
          <IconMicrophoneOff size={17} role="img" aria-label={t('tile.micOff')} />
        )}
        {person.camera ? (
          <IconVideo size={17} role="img" className={classes['on']} aria-label={t('tile.cameraOn')} />
        ) : (
          <IconVideoOff size={17} role="img" aria-label={t('tile.cameraOff')} />
        )}
      </span>
      {onMute && !person.self && person.mic && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('people.muteOf', { name: person.name })}
          onClick={() => onMute(person.id)}
        >
          {t('people.mute')}
        </Button>
      )}
    </li>
  );
}
