import { IconScreenShare } from '@tabler/icons-react';
import { type CSSProperties, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { featured, strip } from '../logic/layout';
import type { RoomPerson, SharedScreen } from '../room/types';
import { LiveVideo } from './LiveVideo';
import { Tile } from './Tile';
import classes from './VideoArea.module.css';

const perPage = 7;

interface Props {
  people: readonly RoomPerson[];
  shared: SharedScreen | null;
  /** What the meeting joins. */
  kind: 'points' | 'persons';
  /** Only the large picture. */
  single: boolean;
  /** The area is much higher than wide tiles need. */
  tall?: boolean;
  /** Opens the list of everybody. */
  onAll?: () => void;
  /** Stands over the large picture, such as the time left. */
  over?: ReactNode;
}

/**
 * The pictures: one large, the others in a strip of two columns. All tiles are children of one element
 * in a fixed order, and CSS puts them in their places: an element that is moved in the document stops
 * its video for a moment. A screen that somebody shows takes the large place.
 */
export function VideoArea({ people, shared, kind, single, tall = false, onAll, over }: Props) {
  const { t } = useTranslation('room');
  const previous = useRef<string | undefined>(undefined);
  const [page, setPage] = useState(0);
  const speaker = useMemo(() => featured(people, previous.current), [people]);
  useEffect(() => {
    previous.current = speaker?.id;
  });
  const big = shared ? undefined : speaker;
  const small = useMemo(() => strip(people, big?.id), [people, big?.id]);
  const pages = Math.max(1, Math.ceil(small.length / perPage));
  const at = page % pages;
  const shown = single ? [] : small.slice(at * perPage, at * perPage + perPage);
  const rows = shown.length <= 4 ? Math.max(2, shown.length) : 4;
  const tiles = [...(big ? [big] : []), ...shown].sort((a, b) => (a.id < b.id ? -1 : 1));

  return (
    <>
      <div
        className={cx(
          classes['area'],
          tall && classes['tall'],
          shared && classes['sharing'],
          single && classes['single'],
          shown.length === 0 && classes['alone'],
        )}
        style={{ '--rows': rows } as CSSProperties}
        data-testid="video-area"
      >
        {shared && <ScreenTile shared={shared} />}
        {tiles.map((person) => {
          const place = shown.indexOf(person);
          return (
            <Tile
              key={person.id}
              person={person}
              big={person === big}
              wide={shown.length <= 4 || place === 0}
              order={place}
            />
          );
        })}
        {over && <div className={classes['over']}>{over}</div>}
      </div>
      {!single && people.length > 1 && (
        <div className={classes['info']}>
          <span>
            {t(`video.shown.${kind}`, { shown: tiles.length, total: people.length })}
            {pages > 1 && t('video.handsFirst')}
          </span>
          <span className={classes['links']}>
            {pages > 1 && (
              <button type="button" className={classes['link']} onClick={() => setPage((at + 1) % pages)}>
                {t('video.next', { at: at + 1, pages })}
              </button>
            )}
            {onAll && (
              <button type="button" className={classes['link']} onClick={onAll}>
                {t(`video.all.${kind}`)}
              </button>
            )}
          </span>
        </div>
      )}
    </>
  );
}

function ScreenTile({ shared }: { shared: SharedScreen }) {
  const { t } = useTranslation('room');
  const words = shared.by.self ? t('video.ownScreen') : t('video.screenOf', { name: shared.by.name });
  return (
    // biome-ignore lint/a11y/useSemanticElements: <fieldset> is for inputs
    <div className={cx(classes['tile'], classes['big'])} role="group" aria-label={words} data-testid="screen">
      {shared.stream && (
        <LiveVideo
          stream={shared.stream}
          className={classes['video']}
          participant={shared.by.id}
          testId="screen-video"
        />
      )}
      <div className={cx(classes['badge'], classes['screenBadge'])} aria-hidden>
        <IconScreenShare size={16} stroke={1.8} />
        {words}
      </div>
    </div>
  );
}
