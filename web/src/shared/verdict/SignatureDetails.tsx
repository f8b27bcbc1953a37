import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { exactTime, fullDate } from '../../lib/dates';
import { readableName } from '../../lib/distinguishedName';
import styles from './Verdict.module.css';
import type { SignatureVerdict } from './verdict';

/** All that the judgement on one signature rests on, in the words of the standard where it has some. */
export function SignatureDetails({ signature: s }: { signature: SignatureVerdict }): ReactElement {
  const { t } = useTranslation('verdict');
  const rows: [string, ReactNode][] = [
    [
      'conclusion',
      <span key="conclusion" lang="en">
        {[s.status, s.sub_indication].filter(Boolean).join(' · ')}
      </span>,
    ],
    ['level', s.level && t(`level.${s.level}`)],
    ['subject', readableName(s.certificate_subject)],
    ['issuer', readableName(s.certificate_issuer)],
    ['validity', s.valid_from && s.valid_to && `${fullDate(s.valid_from)} – ${fullDate(s.valid_to)}`],
    ['trustList', s.trust_list ? t(`list.${s.trust_list}`, { defaultValue: s.trust_list }) : t('list.none')],
    ['revocation', t(`revocation.${s.revocation}`)],
    ['claimedTime', s.claimed_at && exactTime(s.claimed_at)],
    ['provenTime', s.time_proven && s.best_time ? exactTime(s.best_time) : t('notProven')],
    ['field', [s.field, s.revision > 0 && t('savedAs', { number: s.revision })].filter(Boolean).join(' · ')],
    [
      'changes',
      <Lines
        key="changes"
        lines={s.changes.map((c) => (c.page > 0 ? t('onPage', { text: c.text, page: c.page }) : c.text))}
      />,
    ],
    ['findings', <Lines key="findings" lines={s.findings} />],
  ];
  const empty = (key: string) =>
    (key === 'changes' && s.changes.length === 0) || (key === 'findings' && s.findings.length === 0);
  return (
    <dl className={styles['details']}>
      {rows.map(([key, value]) =>
        value && !empty(key) ? (
          <div key={key}>
            <dt>{t(`detail.${key}`)}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

function Lines({ lines }: { lines: readonly string[] }): ReactElement {
  return (
    <ul className={styles['lines']}>
      {[...new Set(lines)].map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
