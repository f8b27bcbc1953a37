import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { exactTime } from '../../lib/dates';
import { fileSize } from '../../lib/sizes';
import { QueryState } from '../../ui/QueryState';
import { SkeletonRows } from '../../ui/SkeletonRows';
import { type Revision, type RevisionSource, revisionsQuery, revisionUrl } from './api';
import { Compare } from './Compare';
import { firstPair } from './pairs';
import styles from './Revisions.module.css';

const PdfViewer = lazy(async () => ({ default: (await import('../../ui/pdf/PdfViewer')).PdfViewer }));

interface Props {
  source: RevisionSource;
  name: string;
  onClose: () => void;
}

type Shown = { open: number } | { a: number; b: number };

/** The states a file went through: each can be opened, and any two compared. */
export function RevisionsDialog({ source, name, onClose }: Props): ReactElement {
  const { t } = useTranslation(['verdict', 'common']);
  const query = useQuery(revisionsQuery(source));
  return (
    <Modal
      opened
      fullScreen
      onClose={onClose}
      title={t('revisions.title', { name })}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      classNames={{ content: styles['content'] ?? '', body: styles['modalBody'] ?? '' }}
    >
      {query.data ? (
        <Revisions source={source} name={name} revisions={query.data.revisions} />
      ) : (
        <QueryState query={query} rows={5} />
      )}
    </Modal>
  );
}

function Revisions({ source, name, revisions }: { source: RevisionSource; name: string; revisions: Revision[] }) {
  const { t, i18n } = useTranslation('verdict');
  const several = revisions.length > 1;
  const [shown, setShown] = useState<Shown>(several ? firstPair(revisions) : { open: 1 });
  return (
    <div className={styles['layout']}>
      <ol className={styles['states']}>
        {[...revisions].reverse().map((r) => (
          <li key={r.number} aria-current={'open' in shown && shown.open === r.number ? 'true' : undefined}>
            <p className={styles['number']}>{t('revisions.number', { number: r.number })}</p>
            <p className={styles['what']}>{t(`revisions.kind.${r.kind}`, { who: r.signer_name })}</p>
            <p className={styles['meta']}>
              {[r.at && exactTime(r.at), fileSize(r.size, i18n.language)].filter(Boolean).join(' · ')}
            </p>
            <div className={styles['acts']}>
              <Button size="compact-sm" variant="default" onClick={() => setShown({ open: r.number })}>
                {t('revisions.open')}
              </Button>
              {r.number > 1 && (
                <Button size="compact-sm" variant="default" onClick={() => setShown({ a: r.number - 1, b: r.number })}>
                  {t('revisions.before')}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
      <div className={styles['view']}>
        {'open' in shown ? (
          <Suspense fallback={<SkeletonRows />}>
            <PdfViewer
              url={revisionUrl(source, shown.open)}
              name={`${t('revisions.number', { number: shown.open })} · ${name}`}
            />
          </Suspense>
        ) : (
          <Compare source={source} revisions={revisions} pair={shown} onPair={setShown} />
        )}
      </div>
    </div>
  );
}
