import { IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { initials } from '../../../lib/names';
import type { RoomPerson } from '../room/types';
import { LiveVideo } from './LiveVideo';
import classes from './VideoArea.module.css';

interface Props {
  person: RoomPerson;
  big: boolean;
  wide: boolean;
  /** Place in the strip; the large one has its own. */
  order: number;
}

/** One participant: live picture, or initials when the camera is off; name, microphone, role. */
export function Tile({ person, big, wide, order }: Props) {
  const { t } = useTranslation('room');
  const mic = person.mic ? 'tile.micOn' : 'tile.micOff';
  return (
    // biome-ignore lint/a11y/useSemanticElements: <fieldset> is for inputs
    <div
      className={cx(
        classes['tile'],
        big && classes['big'],
        wide && !big && classes['wide'],
        person.speaking && classes['speaking'],
      )}
      style={{ order }}
      data-testid="tile"
      data-participant={person.id}
      role="group"
      aria-label={t('tile.label', { name: person.name, mic: t(mic) })}
    >
      {person.video && person.camera ? (
        <LiveVideo
          stream={person.video}
          className={cx(classes['video'], person.self && classes['mirrored'])}
          participant={person.id}
          testId="tile-video"
        />
      ) : (
        <div className={cx(classes['initials'], person.chair && classes['chairInitials'])} aria-hidden>
          <span>{initials(person.name)}</span>
        </div>
      )}
      {big && person.speaking ? (
        <div className={classes['badge']}>{t('tile.speaking')}</div>
      ) : (
        person.chair && <div className={cx(classes['badge'], classes['gold'])}>{t('tile.chair')}</div>
      )}
      <div className={classes['foot']} aria-hidden>
        {person.mic ? (
          <IconMicrophone
            size={big ? 20 : 14}
            stroke={1.8}
            className={person.speaking ? classes['micOn'] : undefined}
          />
        ) : (
          <IconMicrophoneOff size={big ? 20 : 14} stroke={1.8} />
        )}
        <div className={classes['name']}>
          {person.self ? t('tile.self', { name: person.name }) : person.name}
          <div className={classes['office']}>{person.office}</div>
        </div>
      </div>
    </div>
  );
}
