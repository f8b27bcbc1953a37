import { IconAlertTriangleFilled, IconHandStop, IconMicrophone, IconMicrophoneOff } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { initials } from '../../../lib/names';
import { useOnScreen } from '../logic/useOnScreen';
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

/** One participant: live picture, or initials when the camera is off; name, microphone, role, hand. */
export function Tile({ person, big, wide, order }: Props) {
  const { t } = useTranslation('room');
  const place = useRef<HTMLDivElement>(null);
  useOnScreen(place, person.id, big ? 'contain' : 'cover');
  const name = useTileName(person);
  const lost = person.line === 'lost';
  const said = [
    t(person.mic ? 'tile.micOn' : 'tile.micOff'),
    person.floor ? t('tile.speaking') : '',
    person.hand > 0 ? t('tile.hand', { place: person.hand }) : '',
    lost ? t('tile.lost') : '',
  ].filter(Boolean);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <fieldset> is for inputs
    <div
      ref={place}
      className={cx(
        classes['tile'],
        big && classes['big'],
        wide && !big && classes['wide'],
        (person.floor || person.speaking) && classes['speaking'],
      )}
      style={{ order }}
      data-testid="tile"
      data-participant={person.id}
      data-floor={person.floor || undefined}
      role="group"
      aria-label={t('tile.label', { name: big ? person.name : name, mic: said.join(', ') })}
    >
      <TilePicture person={person} lost={lost} />
      {big && person.floor ? (
        <div className={classes['badge']}>{t('tile.speaking')}</div>
      ) : (
        person.chair && <div className={cx(classes['badge'], classes['gold'])}>{t('tile.chair')}</div>
      )}
      {person.hand > 0 && (
        <div className={classes['hand']} aria-hidden>
          <IconHandStop size={big ? 20 : 15} stroke={1.9} />
        </div>
      )}
      <div className={classes['foot']} aria-hidden>
        {person.mic ? (
          <IconMicrophone
            size={big ? 20 : 14}
            stroke={1.8}
            className={person.floor || person.speaking ? classes['micOn'] : undefined}
          />
        ) : (
          <IconMicrophoneOff size={big ? 20 : 14} stroke={1.8} />
        )}
        <div className={classes['name']}>
          {big ? (person.self ? t('tile.self', { name: person.name }) : person.name) : name}
          <div className={classes['office']}>
            {[person.office, person.role === 'point' ? t('tile.pointOf', { agency: person.agency }) : '']
              .filter(Boolean)
              .join(' · ')}
          </div>
        </div>
      </div>
    </div>
  );
}

function TilePicture({ person, lost }: { person: RoomPerson; lost: boolean }) {
  const { t } = useTranslation('room');
  if (lost) {
    return (
      <div className={classes['lost']} aria-hidden>
        <IconAlertTriangleFilled size={18} />
        {t('tile.lost')}
      </div>
    );
  }
  if (person.video && person.camera) {
    return (
      <LiveVideo
        stream={person.video}
        className={cx(classes['video'], person.self && classes['mirrored'])}
        participant={person.id}
        testId="tile-video"
      />
    );
  }
  return (
    <div className={cx(classes['initials'], person.chair && classes['chairInitials'])} aria-hidden>
      <span>{initials(person.name)}</span>
    </div>
  );
}

// A room is known by its place, a person by the name.
function useTileName(person: RoomPerson): string {
  const { t } = useTranslation('room');
  const name = person.role === 'hall' ? t('role.hall') : person.role === 'point' ? person.agency : person.name;
  return person.self ? t('tile.self', { name }) : name;
}
