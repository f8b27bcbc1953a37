import { Button } from '@mantine/core';
import { IconDeviceMobile, IconExternalLink, IconHourglass, IconUsb } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { useCommand } from '../../../api/useCommand';
import { clock, minutesUntil } from '../../../lib/dates';
import { useNow } from '../../../lib/useNow';
import { ErrorState, ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { documentsKey } from '../api/documents';
import { cancelRequest, isOpen, requestKey, requestQuery, type SignatureRequest } from '../api/requests';
import { AgentSteps } from './AgentSteps';
import styles from './Sign.module.css';

const icons = { none: IconHourglass, app: IconDeviceMobile, link: IconExternalLink, agent: IconUsb };

/** A signature that the provider or the signing program must still make: what to do there, how long, and giving up. */
export function SignWaiting({ requestId }: { requestId: string }): ReactElement | null {
  const { t } = useTranslation('document');
  const query = useQuery(requestQuery(requestId));
  if (query.error && asApiError(query.error).status === 404) return <Note>{t('sign.waiting.others')}</Note>;
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <SkeletonRows rows={2} />;
  return isOpen(query.data) ? <Waiting request={query.data} /> : <Outcome request={query.data} />;
}

function Waiting({ request }: { request: SignatureRequest }): ReactElement {
  const { t } = useTranslation('document');
  const now = useNow(1000);
  const cancel = useCommand({
    run: cancelRequest,
    touches: () => [requestKey(request.id), ['document'], documentsKey, ['work']],
  });
  const consent = request.consent as SignatureRequest['consent'] | null;
  const kind = consent?.kind ?? 'none';
  const Icon = icons[kind];
  const minutes = minutesUntil(request.expires_at, now);
  return (
    <div className={styles['waiting']} role="status">
      <p className={styles['waitingTitle']}>
        <Icon size={22} stroke={1.6} aria-hidden="true" />
        {t(`sign.waiting.${kind}`, { provider: consent?.text ?? '' })}
      </p>
      <p className={styles['line']}>
        {minutes > 1
          ? t('sign.waiting.until', { time: clock(request.expires_at), count: minutes })
          : t('sign.waiting.lastMinute')}
      </p>
      {kind === 'agent' && <AgentSteps requestId={request.id} />}
      {consent?.url && (
        <Button
          component="a"
          href={consent.url}
          target="_blank"
          rel="noreferrer"
          size="lg"
          fullWidth
          leftSection={<IconExternalLink size={18} stroke={1.7} />}
        >
          {t('sign.waiting.open', { provider: consent.text })}
        </Button>
      )}
      <ProblemNote error={cancel.error} />
      <Button variant="default" fullWidth loading={cancel.isPending} onClick={() => cancel.mutate(request.id)}>
        {t('sign.waiting.cancel')}
      </Button>
    </div>
  );
}

/** How a request ended when it did not end well; the reasons come worded from the server. */
function Outcome({ request }: { request: SignatureRequest }): ReactElement | null {
  const { t } = useTranslation('document');
  if (request.state === 'done') return null;
  const reasons = [...new Set([request.reason, ...request.items.map((item) => item.reason)].filter(Boolean))];
  return (
    <div role="alert">
      <Note tone={request.state === 'failed' ? 'red' : 'amber'}>
        <strong>{t(`sign.outcome.${request.state}`)}</strong> {reasons.join(' ')} {t('sign.outcome.again')}
      </Note>
    </div>
  );
}
