import {
  IconAlertTriangleFilled,
  IconClockCheck,
  IconFileText,
  IconLoader2,
  IconRubberStamp,
  IconShieldX,
  IconSignature,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { exactTime } from '../../lib/dates';
import { SignatureDetails } from './SignatureDetails';
import styles from './Verdict.module.css';
import type { Finding } from './verdict';

/** One conclusion: the sentence, when, what was added later, and on request everything that led to it. */
export function FindingRow({ finding, details }: { finding: Finding; details: boolean }): ReactElement {
  const { t, i18n } = useTranslation('verdict');
  const { signature, time, added } = finding;
  const names = finding.kind === 'person' || finding.kind === 'other';
  const agency = names && signature?.agency_name !== finding.args['who'] ? signature?.agency_name : '';
  const addedUnknown = added.length === 0 && finding.key.endsWith('.partial');
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  return (
    <li className={cx(styles['finding'], styles[finding.tone])}>
      <FindingIcon finding={finding} />
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t(finding.key, finding.args)}</p>
        {finding.reason && <p className={styles['line']}>{finding.reason}</p>}
        {(agency || time) && (
          <p className={styles['line']}>
            {[
              agency,
              time && t(`time.${finding.kind}.${time.proven ? 'proven' : 'claimed'}`, { time: exactTime(time.at) }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        )}
        {added.length > 0 && (
          <p className={styles['line']}>
            {t('later', { things: list.format(added.map((thing) => t(`addition.${thing}`))) })}
          </p>
        )}
        {addedUnknown && <p className={styles['line']}>{t('laterAllowed')}</p>}
        {finding.trial && <p className={cx(styles['line'], styles['development'])}>{t('trial')}</p>}
        {details && signature && <SignatureDetails signature={signature} />}
      </div>
    </li>
  );
}

function FindingIcon({ finding }: { finding: Finding }): ReactElement {
  const common = { size: 19, stroke: 1.6, 'aria-hidden': true } as const;
  if (finding.key === 'checking') return <IconLoader2 {...common} />;
  if (finding.key.endsWith('.changed')) return <IconShieldX {...common} />;
  if (finding.kind === 'file' && finding.tone === 'muted') return <IconFileText {...common} />;
  if (
    finding.key.endsWith('.invalid') ||
    finding.key.endsWith('.revoked') ||
    finding.key.endsWith('.unknown') ||
    finding.key === 'fileUnknown'
  ) {
    return <IconAlertTriangleFilled size={19} aria-hidden />;
  }
  if (finding.kind === 'timestamp') return <IconClockCheck {...common} />;
  return finding.kind === 'seal' ? <IconRubberStamp {...common} /> : <IconSignature {...common} />;
}
