import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import type { RoomMeeting } from '../api/room';
import type { Follow } from '../logic/follow';
import classes from './RoomPaper.module.css';

const PdfViewer = lazy(() => import('../../../ui/pdf/PdfViewer').then((module) => ({ default: module.PdfViewer })));

interface Props {
  meeting: RoomMeeting;
  follow: Follow;
  /** Changes between following the chair and reading on one's own. */
  onFollow: (following: boolean) => void;
}

/** The paper of the item: the one that the chair called, or one of the reader's choice. */
export function RoomPaper({ meeting, follow, onFollow }: Props) {
  const { t } = useTranslation('room');
  const item = meeting.items.find((i) => i.id === follow.itemId);
  const paper = item?.papers.find((p) => p.id === follow.paperId);
  const head = (
    <div className={classes['head']} data-head>
      <h2 className={classes['title']}>
        {paper?.name ?? item?.title ?? ''}
        {paper && <span className={classes['meta']}>{t('agenda.revision', { n: paper.revision })}</span>}
        {!follow.following && <span className={classes['meta']}>{t('paper.own')}</span>}
      </h2>
      <button
        type="button"
        className={classes['follow']}
        aria-pressed={follow.following}
        title={t(follow.following ? 'paper.followingHint' : 'paper.ownHint')}
        onClick={() => onFollow(!follow.following)}
      >
        {t('paper.follow')}
      </button>
    </div>
  );
  return (
    <section className={classes['paper']} aria-label={t('paper.label')}>
      {paper ? (
        <div className={classes['body']}>
          <Suspense fallback={<SkeletonRows rows={4} />}>
            <PdfViewer
              key={`${paper.id}-${paper.revision}`}
              url={`/api/v1/papers/${paper.id}/content?revision=${paper.revision}`}
              name={paper.name}
              tools={head}
              plain
            />
          </Suspense>
        </div>
      ) : (
        <>
          <div className={classes['bar']}>{head}</div>
          <p className={classes['empty']}>{t(item ? 'paper.none' : 'paper.noItem')}</p>
        </>
      )}
    </section>
  );
}
