import { type CSSProperties, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { featured, strip } from '../logic/layout';
import type { RoomPerson } from '../room/types';
import { Tile } from './Tile';
import classes from './VideoArea.module.css';

const perPage = 7;

interface Props {
  people: readonly RoomPerson[];
  /** Only the large picture. */
  single: boolean;
  /** The area is much higher than wide tiles need. */
  tall?: boolean;
}

/**
 * The pictures: one large, the others in a strip of two columns. All tiles are children of one element
 * in a fixed order, and CSS puts them in their places: an element that is moved in the document stops
 * its video for a moment.
 */
export function VideoArea({ people, single, tall = false }: Props) {
  const { t } = useTranslation('room');
  const previous = useRef<string | undefined>(undefined);
  const [page, setPage] = useState(0);
  const big = useMemo(() => featured(people, previous.current), [people]);
  useEffect(() => {
    previous.current = big?.id;
  });
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
          single && classes['single'],
          shown.length === 0 && classes['alone'],
        )}
        style={{ '--rows': rows } as CSSProperties}
        data-testid="video-area"
      >
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
      </div>
      {!single && people.length > 1 && (
        <div className={classes['info']}>
          <span>{t('video.shown', { shown: tiles.length, total: people.length })}</span>
          {pages > 1 && (
            <button type="button" className={classes['link']} onClick={() => setPage(at + 1)}>
              {t('video.next')}
            </button>
          )}
        </div>
      )}
    </>
  );
}
