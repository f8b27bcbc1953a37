import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { TFunction } from 'i18next';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import type { WorkSent } from '../../../shared/work/api';
import styles from './Home.module.css';

/** Documents that the person had a hand in and that are out, with where their recipients stand. */
export function SentDocuments({ sent }: { sent: readonly WorkSent[] }): ReactElement | null {
  const { t } = useTranslation('inbox');
  if (sent.length === 0) return null;
  return (
    <section className={styles['panel']} aria-labelledby="sent">
      <div className={styles['panelHead']}>
        <h2 id="sent">{t('sent.title')}</h2>
      </div>
      {sent.map((document) => {
        const open = document.waiting + document.refused + document.failed;
        return (
          <Link
            key={document.document_id}
            className={styles['sent']}
            to="/van-ban-di/$documentId"
            params={{ documentId: document.document_id }}
            title={document.subject}
          >
            <span className={styles['sentBody']}>
              <span className={styles['sentCode']}>{document.code}</span>
              <span className={cx(styles['sentState'], open > 0 && styles['sentOpen'])}>{words(document, t)}</span>
            </span>
            <IconChevronRight size={17} aria-hidden="true" />
          </Link>
        );
      })}
    </section>
  );
}

function words(document: WorkSent, t: TFunction<'inbox'>): string {
  const parts: string[] = [];
  if (document.waiting > 0) parts.push(t('sent.waiting', { count: document.waiting }));
  if (document.refused > 0) parts.push(t('sent.refused', { count: document.refused }));
  if (document.failed > 0) parts.push(t('sent.failed', { count: document.failed }));
  if (parts.length > 0) return parts.join(', ');
  return t('sent.accepted', { accepted: document.accepted, total: document.total });
}
