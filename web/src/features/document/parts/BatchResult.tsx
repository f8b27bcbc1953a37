import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { Glyph } from '../../../ui/Glyph';
import { isOpen, type SignatureRequest } from '../api/requests';
import { resultsOf } from '../logic/batch';
import styles from './Batch.module.css';
import { SignWaiting } from './SignWaiting';

const shapes = { signed: 'check', failed: 'cross', waiting: 'dashed' } as const;

/** How the signing of each document ended; while a provider is asked, how that stands. */
export function BatchResult({ request, onBack }: { request: SignatureRequest; onBack: () => void }): ReactElement {
  const { t } = useTranslation('document');
  const results = resultsOf(request);
  const signed = results.filter((r) => r.outcome === 'signed').length;
  const failed = results.filter((r) => r.outcome === 'failed').length;
  const open = isOpen(request);
  return (
    <div className={styles['result']}>
      {open ? (
        <SignWaiting requestId={request.id} />
      ) : (
        <div role="status">
          <h2 className={styles['title']}>
            {[signed > 0 && t('batch.signed', { count: signed }), failed > 0 && t('batch.failed', { count: failed })]
              .filter(Boolean)
              .join(' ')}
          </h2>
        </div>
      )}
      <ul className={styles['list']} aria-label={t('batch.results')}>
        {results.map((r) => (
          <li key={r.documentId} className={cx(styles['row'], styles[r.outcome])}>
            <span className={styles['mark']}>
              <Glyph shape={shapes[r.outcome]} size={18} />
            </span>
            <div className={styles['what']}>
              <Link to="/van-ban-di/$documentId" params={{ documentId: r.documentId }} className={styles['subject']}>
                {r.subject}
              </Link>
              <p className={styles['meta']}>
                {t(`batch.outcome.${r.outcome}`)} {r.reason}
              </p>
            </div>
          </li>
        ))}
      </ul>
      {!open && (
        <div>
          <Button variant="default" onClick={onBack}>
            {t('batch.back')}
          </Button>
        </div>
      )}
    </div>
  );
}
