import { Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { whenShort } from '../../../lib/dates';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import type { DocumentSummary } from '../api/documents';
import styles from './Batch.module.css';

interface Props {
  documents: readonly DocumentSummary[];
  chosen: ReadonlySet<string>;
  onChange: (ids: ReadonlySet<string>) => void;
}

/** The documents that wait, each with its own choice and its own way to be opened. */
export function BatchList({ documents, chosen, onChange }: Props): ReactElement {
  const { t } = useTranslation('document');
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  const all = documents.every((d) => chosen.has(d.id));
  return (
    <section className={styles['listPane']} aria-label={t('batch.list')}>
      <div className={styles['listHead']}>
        <Checkbox
          label={t('batch.all', { count: documents.length })}
          checked={all}
          indeterminate={!all && chosen.size > 0}
          onChange={() => onChange(new Set(all ? [] : documents.map((d) => d.id)))}
        />
      </div>
      <ul className={styles['list']}>
        {documents.map((d) => (
          <li key={d.id} className={styles['row']}>
            <Checkbox
              aria-label={t('batch.choose', { subject: d.subject })}
              checked={chosen.has(d.id)}
              onChange={(event) => toggle(d.id, event.currentTarget.checked)}
            />
            <div className={styles['what']}>
              <Link to="/van-ban-di/$documentId/ky" params={{ documentId: d.id }} className={styles['subject']}>
                <UrgencyMark urgency={d.urgency} /> {d.subject}
              </Link>
              <p className={styles['meta']}>
                {[d.type_name, d.created_by_name, t('batch.files', { count: d.file_count })].join(' · ')}
              </p>
            </div>
            <span className={styles['time']}>{whenShort(d.updated_at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
