import { Button } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconFileText,
  IconLoader2,
  IconRubberStamp,
  IconShieldX,
  IconSignature,
} from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { exactTime, fullDate } from '../../lib/dates';
import styles from './Verdict.module.css';
import { type Finding, findingsOfFile, missingFindings, type Verdict } from './verdict';

interface Props {
  verdict: Verdict;
  /** Signatures that are still to come in the present state. */
  awaited?: readonly ('person' | 'seal')[];
  /** Side by side instead of below each other. */
  across?: boolean;
}

/** What a clerk must know about the signatures, in full sentences; the certificates on request. */
export function VerdictList({ verdict, awaited = [], across = false }: Props): ReactElement {
  const { t } = useTranslation('verdict');
  const [details, setDetails] = useState(false);
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
          <FindingRow
            key={`${finding.key}-${finding.args['who'] ?? ''}-${finding.claimedAt ?? ''}`}
            finding={finding}
            details={details}
          />
        ))}
      </ul>
      {others.map((file) => (
        <div key={file.file_id} className={styles['other']}>
          <h4 className={styles['otherName']}>{file.name}</h4>
          <ul className={styles['list']}>
            {findingsOfFile(file).map((finding) => (
              <FindingRow key={`${finding.key}-${finding.args['who'] ?? ''}`} finding={finding} details={details} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function FindingRow({ finding, details }: { finding: Finding; details: boolean }): ReactElement {
  const { t } = useTranslation('verdict');
  const { signature, claimedAt } = finding;
  return (
    <li className={cx(styles['finding'], styles[finding.tone])}>
      <FindingIcon finding={finding} />
      <div>
        <p className={styles['sentence']}>{t(finding.key, finding.args)}</p>
        {finding.reason && <p className={styles['line']}>{finding.reason}</p>}
        {claimedAt && <p className={styles['line']}>{t(`claimed.${finding.kind}`, { time: exactTime(claimedAt) })}</p>}
        {finding.remarks.map((remark) => (
          <p key={remark} className={cx(styles['line'], remark === 'development' && styles['development'])}>
            {t(`remark.${remark}`)}
          </p>
        ))}
        {details && signature && (
          <dl className={styles['certificate']}>
            <dt>{t('certificate.subject')}</dt>
            <dd>{signature.certificate_subject}</dd>
            <dt>{t('certificate.issuer')}</dt>
            <dd>{signature.certificate_issuer}</dd>
            <dt>{t('certificate.validity')}</dt>
            <dd>
              {fullDate(signature.valid_from)} – {fullDate(signature.valid_to)}
            </dd>
          </dl>
        )}
      </div>
    </li>
  );
}

function FindingIcon({ finding }: { finding: Finding }): ReactElement {
  const common = { size: 19, stroke: 1.6, 'aria-hidden': true } as const;
  if (finding.key === 'checking') return <IconLoader2 {...common} />;
  if (finding.key.endsWith('.changed')) return <IconShieldX {...common} />;
  if (finding.kind === 'file' && finding.tone === 'muted') return <IconFileText {...common} />;
  if (finding.key.endsWith('.invalid') || finding.key.endsWith('.unknown') || finding.key === 'fileUnknown') {
    return <IconAlertTriangleFilled size={19} aria-hidden />;
  }
  return finding.kind === 'seal' ? <IconRubberStamp {...common} /> : <IconSignature {...common} />;
}
