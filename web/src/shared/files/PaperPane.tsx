import { lazy, type ReactElement, Suspense, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { components } from '../../api/schema';
import type { Overlay } from '../../ui/pdf/PdfPage';
import { SkeletonRows } from '../../ui/SkeletonRows';
import styles from './PaperPane.module.css';

export type DocumentFile = components['schemas']['DocumentFile'];

const PdfViewer = lazy(async () => ({ default: (await import('../../ui/pdf/PdfViewer')).PdfViewer }));

interface Props {
  files: readonly DocumentFile[];
  urlOf: (fileId: string, revision: number) => string;
  /** What is laid over the pages of the main file. */
  overlay?: Overlay | undefined;
  /** Page of the main file to show. */
  page?: number | undefined;
  /** Told how many pages of which file were looked at. */
  onSeen?: (fileId: string, seen: number, total: number) => void;
}

/** The papers of a document, one at a time: the main one first. The reader is fetched when it is first needed. */
export function PaperPane({ files, urlOf, overlay, page, onSeen }: Props): ReactElement | null {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const file = files.find((f) => f.id === chosen) ?? files[0];
  const fileId = file?.id ?? '';
  const tell = useCallback((seen: number, total: number) => onSeen?.(fileId, seen, total), [onSeen, fileId]);
  if (!file) return null;
  const tabs = (
    <div className={styles['tabs']} role="tablist" aria-label={t('pdf.files')}>
      {files.map((f) => (
        <button
          key={f.id}
          type="button"
          role="tab"
          aria-selected={f.id === file.id}
          className={styles['tab']}
          title={f.name}
          onClick={() => setChosen(f.id)}
        >
          {f.main ? t('pdf.main') : f.name.replace(/\.pdf$/i, '')}
        </button>
      ))}
    </div>
  );
  return (
    <div className={styles['pane']}>
      <Suspense fallback={<SkeletonRows />}>
        <PdfViewer
          url={urlOf(file.id, file.revision)}
          name={file.name}
          tools={tabs}
          {...(file.main && overlay ? { overlay } : {})}
          {...(file.main && page ? { page } : {})}
          {...(onSeen ? { onSeen: tell } : {})}
        />
      </Suspense>
    </div>
  );
}
