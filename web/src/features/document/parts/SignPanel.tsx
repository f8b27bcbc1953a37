import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCheck,
  IconCircleCheckFilled,
  IconShieldX,
  IconSignature,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { cx } from '../../../lib/cx';
import { clock, dateClock } from '../../../lib/dates';
import { ButtonLink } from '../../../ui/ButtonLink';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { documentKey, documentsKey, documentVerdictQuery, type OfficialDocument } from '../api/documents';
import { signDocument } from '../api/signing';
import { type Check, checksOf, type Seen } from '../logic/checks';
import type { LayoutField } from '../logic/layout';
import type { Queue } from '../logic/queue';
import { useSigning } from '../logic/useSigning';
import type { Steps } from '../logic/useSteps';
import styles from './Sign.module.css';
import { SigningFields } from './SigningFields';
import { SignWaiting } from './SignWaiting';

interface Props {
  document: OfficialDocument;
  fields: readonly LayoutField[] | undefined;
  seen: Seen | undefined;
  queue: Queue;
  steps: Steps;
}

/** Beside the paper on the sign page: what is known, with what it is signed, and the signature. */
export function SignPanel({ document, fields, seen, queue, steps }: Props): ReactElement {
  const pending = document.pending_request_id;
  const [last, setLast] = useState<string | null>(pending);
  if (pending && pending !== last) setLast(pending);
  if (pending) {
    return (
      <section className={styles['part']}>
        <SignWaiting requestId={pending} />
      </section>
    );
  }
  if (!document.can.includes('sign')) return <Signed document={document} queue={queue} />;
  return (
    <section className={styles['part']}>
      {last && <SignWaiting requestId={last} />}
      <Sign document={document} fields={fields} seen={seen} steps={steps} />
    </section>
  );
}

const tones = { green: IconCheck, amber: IconAlertTriangle, red: IconShieldX };

function Checks({ checks }: { checks: readonly Check[] }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <ul className={styles['checks']} aria-label={t('sign.checks')}>
      {checks.map((check) => {
        const Icon = tones[check.tone];
        return (
          <li key={check.key} className={styles[check.tone]}>
            <Icon size={17} stroke={2} aria-hidden="true" />
            <span>{t(`sign.check.${check.key}`, check.args)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Sign({ document, fields, seen, steps }: Omit<Props, 'queue'>): ReactElement {
  const { t } = useTranslation('document');
  const client = useQueryClient();
  const verdict = useQuery(documentVerdictQuery(document.id));
  const sign = useCommand({
    run: signDocument,
    touches: () => [documentKey(document.id), documentsKey, ['work']],
    onDone: (signed) => client.setQueryData(documentKey(document.id), signed),
  });
  const { id, version } = document;
  const signing = useSigning('leader', {
    run: (certificateId) => sign.mutateAsync({ id, version, purpose: 'leader', certificateId }),
    pending: sign.isPending,
    error: sign.error,
  });
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        signing.submit();
      }}
    >
      <h3 className={styles['title']}>{t('sign.title')}</h3>
      <Checks checks={checksOf(document, fields, verdict.data, seen, (at) => dateClock(at))} />
      <div>
        <p className={styles['label']}>{t('sign.as')}</p>
        <p className={styles['as']}>
          {document.signer?.position} · {document.agency_name}
        </p>
      </div>
      <SigningFields signing={signing} />
      <ProblemNote error={signing.error} />
      {signing.certificate && (
        <Button
          type="submit"
          size="xl"
          loading={signing.pending}
          leftSection={<IconSignature size={21} stroke={1.7} />}
        >
          {t('step.sign')}
        </Button>
      )}
      {document.can.includes('return') && (
        <Button variant="default" leftSection={<IconArrowBackUp size={17} />} onClick={() => steps.ask('return')}>
          {t('step.return')}
        </Button>
      )}
      <Note>{t('after.sign')}</Note>
    </form>
  );
}

function Signed({ document, queue }: { document: OfficialDocument; queue: Queue }): ReactElement {
  const { t } = useTranslation('document');
  const step = document.steps.findLast((s) => s.state === 'signed');
  const signed = document.state !== 'draft' && document.state !== 'submitted' && document.state !== 'cancelled';
  return (
    <section className={styles['part']} aria-live="polite">
      {signed ? (
        <p className={cx(styles['signed'])}>
          <IconCircleCheckFilled size={24} aria-hidden="true" />
          {t('sign.done', { who: step?.by?.full_name ?? '', time: step ? clock(step.at) : '' })}
        </p>
      ) : (
        <Note>{t(`waiting.${document.state}`, { signer: document.signer?.full_name ?? '' })}</Note>
      )}
      {signed && <p className={styles['line']}>{t('sign.doneText')}</p>}
      {queue.next && (
        <ButtonLink to="/van-ban-di/$documentId/ky" params={{ documentId: queue.next }} size="lg">
          {t('sign.openNext', { count: queue.total })}
        </ButtonLink>
      )}
      <ButtonLink to="/van-ban-di/$documentId" params={{ documentId: document.id }} variant="default">
        {t('sign.toDocument')}
      </ButtonLink>
    </section>
  );
}
