import { NativeSelect, SegmentedControl, Slider } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../../ui/Note';
import { QueryState } from '../../ui/QueryState';
import { type Area, type Comparison, comparisonQuery, pictureUrl, type Revision, type RevisionSource } from './api';
import { firstPage, pagesOf } from './pairs';
import styles from './Revisions.module.css';

interface Pair {
  a: number;
  b: number;
}

interface Props {
  source: RevisionSource;
  revisions: readonly Revision[];
  pair: Pair;
  onPair: (pair: Pair) => void;
}

/** Two states of a file: which pages look different, and where. */
export function Compare({ source, revisions, pair, onPair }: Props): ReactElement {
  const { t } = useTranslation('verdict');
  const query = useQuery(comparisonQuery(source, pair.a, pair.b));
  const data = revisions.map((r) => ({ value: String(r.number), label: t('revisions.number', { number: r.number }) }));
  return (
    <div className={styles['compare']}>
      <div className={styles['bar']}>
        <NativeSelect
          size="sm"
          aria-label={t('revisions.from')}
          data={data}
          value={String(pair.a)}
          onChange={(event) => onPair({ ...pair, a: Number(event.currentTarget.value) })}
        />
        <span>{t('revisions.with')}</span>
        <NativeSelect
          size="sm"
          aria-label={t('revisions.to')}
          data={data}
          value={String(pair.b)}
          onChange={(event) => onPair({ ...pair, b: Number(event.currentTarget.value) })}
        />
      </div>
      {query.data ? (
        <Pages key={`${pair.a}-${pair.b}`} source={source} pair={pair} comparison={query.data} />
      ) : (
        <QueryState query={query} rows={6} />
      )}
    </div>
  );
}

interface PagesProps {
  source: RevisionSource;
  pair: Pair;
  comparison: Comparison;
}

function Pages({ source, pair, comparison }: PagesProps): ReactElement {
  const { t } = useTranslation('verdict');
  const [page, setPage] = useState(() => firstPage(comparison));
  const [mode, setMode] = useState<'side' | 'slider'>('side');
  const changed = comparison.pages.length;
  const shown = comparison.pages.find((p) => p.page === page);
  const size = shown ?? { width: 210, height: 297 };
  const picture = (n: number) => (
    <Picture
      url={pictureUrl(source, n, page)}
      name={t('revisions.picture', { page, number: n })}
      areas={shown?.areas ?? []}
      size={size}
    />
  );
  return (
    <>
      <Note tone={changed > 0 ? 'amber' : 'green'}>
        {changed > 0 ? t('revisions.changed', { count: changed, pages: comparison.page_count }) : t('revisions.same')}
      </Note>
      <div className={styles['bar']}>
        <NativeSelect
          size="sm"
          aria-label={t('revisions.page')}
          value={String(page)}
          onChange={(event) => setPage(Number(event.currentTarget.value))}
          data={pagesOf(comparison).map((p) => ({
            value: String(p.page),
            label: t(p.changed ? 'revisions.pageChanged' : 'revisions.pageSame', { page: p.page }),
          }))}
        />
        <SegmentedControl
          aria-label={t('revisions.mode')}
          value={mode}
          onChange={(value) => setMode(value === 'slider' ? 'slider' : 'side')}
          data={[
            { value: 'side', label: t('revisions.side') },
            { value: 'slider', label: t('revisions.slider') },
          ]}
        />
      </div>
      {mode === 'side' ? (
        <div className={styles['side']}>
          <figure>
            <figcaption>{t('revisions.number', { number: pair.a })}</figcaption>
            {picture(pair.a)}
          </figure>
          <figure>
            <figcaption>{t('revisions.number', { number: pair.b })}</figcaption>
            {picture(pair.b)}
          </figure>
        </div>
      ) : (
        <Over before={picture(pair.a)} after={picture(pair.b)} />
      )}
    </>
  );
}

/** One state over the other; the slider uncovers the newer one. */
function Over({ before, after }: { before: ReactElement; after: ReactElement }): ReactElement {
  const { t } = useTranslation('verdict');
  const [share, setShare] = useState(50);
  return (
    <div className={styles['over']}>
      <Slider
        aria-label={t('revisions.sliderLabel')}
        thumbLabel={t('revisions.sliderLabel')}
        value={share}
        onChange={setShare}
        label={null}
      />
      <div className={styles['stack']}>
        {before}
        <div className={styles['top']} style={{ clipPath: `inset(0 0 0 ${share}%)` }}>
          {after}
        </div>
        <div className={styles['line']} style={{ left: `${share}%` }} />
      </div>
    </div>
  );
}

interface PictureProps {
  url: string;
  name: string;
  areas: readonly Area[];
  size: { width: number; height: number };
}

function Picture({ url, name, areas, size }: PictureProps): ReactElement {
  const { t } = useTranslation('verdict');
  const [failed, setFailed] = useState(false);
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;
  if (failed) return <p className={styles['none']}>{t('revisions.noPage')}</p>;
  return (
    <div className={styles['picture']}>
      <img src={url} alt={name} onError={() => setFailed(true)} />
      {areas.map((area) => (
        <span
          key={`${area.x}-${area.y}-${area.width}-${area.height}`}
          className={styles['area']}
          style={{
            left: percent(area.x, size.width),
            top: percent(area.y, size.height),
            width: percent(area.width, size.width),
            height: percent(area.height, size.height),
          }}
        />
      ))}
    </div>
  );
}
