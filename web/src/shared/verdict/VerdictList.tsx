import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { ProblemNote } from '../../ui/ErrorState';
import type { RevisionSource } from '../revisions/api';
import { FileFoot } from './FileFoot';
import { FindingRow } from './FindingRow';
import styles from './Verdict.module.css';
import { type Finding, findingsOfFile, missingFindings, type Verdict } from './verdict';

/** A command that judges again. */
export interface Recheck {
  mutate: () => void;
  isPending: boolean;
  error: unknown;
}

interface Props {
  verdict: Verdict;
  /** Signatures that are still to come in the present state. */
  awaited?: readonly ('person' | 'seal')[];
  /** Where the saved states of a file can be looked at. */
  sourceOf?: (fileId: string) => RevisionSource;
  /** The details are shown from the start. */
  open?: boolean;
  /** Judges again; the button stands with the details. */
  recheck?: Recheck;
  /** Side by side instead of below each other. */
  across?: boolean;
}

/** What a clerk must know about the signatures, in full sentences; the certificates on request. */
export function VerdictList({
  verdict,
  awaited = [],
  sourceOf,
  open = false,
  recheck,
  across = false,
}: Props): ReactElement {
  const { t } = useTranslation('verdict');
  const [details, setDetails] = useState(open);
  const [main, ...others] = verdict.files;
  const findings = [...(main ? findingsOfFile(main) : []), ...missingFindings(verdict, awaited)];
  const hasCertificates = verdict.files.some((file) => file.signatures.length > 0);
  return (
    <section className={styles['section']} aria-label={t('title')}>
      <div className={styles['head']}>
        <h3 className={styles['title']}>{t('title')}</h3>
        {hasCertificates && (
          <Button
            size="compact-xs"
            variant="transparent"
            mr={-8}
            aria-expanded={details}
            onClick={() => setDetails(!details)}
          >
            {details ? t('hideDetails') : t('details')}
          </Button>
        )}
      </div>
      <ul className={cx(styles['list'], across && styles['across'])}>
        {findings.map((finding) => (
          <FindingRow key={rowKey(finding)} finding={finding} details={details} />
        ))}
      </ul>
      {details && main && <FileFoot file={main} source={sourceOf?.(main.file_id)} />}
      {details && recheck && (
        <div>
          <ProblemNote error={recheck.error} />
          <Button
            size="xs"
            variant="default"
            loading={recheck.isPending}
            leftSection={<IconRefresh size={16} />}
            onClick={() => recheck.mutate()}
          >
            {t('recheck')}
          </Button>
        </div>
      )}
      {others.map((file) => (
        <div key={file.file_id} className={styles['other']}>
          <h4 className={styles['otherName']}>{file.name}</h4>
          <ul className={styles['list']}>
            {findingsOfFile(file).map((finding) => (
              <FindingRow key={rowKey(finding)} finding={finding} details={details} />
            ))}
          </ul>
          {details && <FileFoot file={file} source={sourceOf?.(file.file_id)} />}
        </div>
      ))}
    </section>
  );
}

const rowKey = ({ key, args, signature }: Finding) =>
  `${key}-${args['who'] ?? ''}-${signature?.revision ?? ''}-${signature?.field ?? ''}`;
