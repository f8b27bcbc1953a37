import { ActionIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactElement, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { topic, useLive } from '../../../live/live';
import { PaperPane } from '../../../shared/files/PaperPane';
import { workQuery } from '../../../shared/work/api';
import { ErrorState } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import { ViewTabs } from '../../../ui/ViewTabs';
import { documentFileUrl, documentKey, documentQuery, type OfficialDocument } from '../api/documents';
import { layoutQuery } from '../api/layout';
import type { Seen } from '../logic/checks';
import { type Queue, queueOf } from '../logic/queue';
import { fieldsToCome } from '../logic/steps';
import { useSteps } from '../logic/useSteps';
import styles from '../parts/Document.module.css';
import { FieldMarks } from '../parts/FieldMarks';
import sign from '../parts/Sign.module.css';
import { SignPanel } from '../parts/SignPanel';
import { StepDialogs } from '../parts/StepDialogs';
import { Steps } from '../parts/Steps';

/** One document before its signer: the paper with the place of the signature, and beside it the signature. */
export function SignPage(): ReactElement {
  const { t } = useTranslation('document');
  const { documentId } = useParams({ from: '/session/shell/van-ban-di/$documentId/ky' });
  const document = useQuery(documentQuery(documentId));
  const work = useQuery(workQuery);
  useLive([topic.document(documentId)], [documentKey(documentId)]);
  const queue = queueOf(work.data?.items ?? [], documentId);
  return (
    <>
      <PageHeader title={t('sign.page')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {document.data ? (
        <View key={documentId} document={document.data} queue={queue} />
      ) : document.error ? (
        <ErrorState error={document.error} onRetry={() => void document.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function View({ document, queue }: { document: OfficialDocument; queue: Queue }): ReactElement {
  const { t } = useTranslation('document');
  const steps = useSteps(document);
  const [seen, setSeen] = useState<Record<string, Seen>>({});
  const [pane, setPane] = useState<'paper' | 'sign'>('paper');
  const wide = useMediaQuery('(min-width: 1024px)', undefined, { getInitialValueInEffect: false });
  const onSeen = useCallback((fileId: string, count: number, total: number) => {
    setSeen((before) => ({ ...before, [fileId]: { seen: Math.max(count, before[fileId]?.seen ?? 0), total } }));
  }, []);
  const layout = useQuery(layoutQuery(document.id));
  const toCome = fieldsToCome(document.state);
  const main = document.files[0];
  const paper = (
    <PaperPane
      files={document.files}
      urlOf={(file, revision) => documentFileUrl(document.id, file, revision)}
      overlay={
        layout.data &&
        ((box) => (
          <FieldMarks
            box={box}
            pages={layout.data.pages}
            fields={layout.data.fields.filter((f) => toCome.includes(f.kind))}
            {...(document.can.includes('sign') ? { mine: 'person' as const } : {})}
          />
        ))
      }
      onSeen={onSeen}
    />
  );
  const panel = (
    <SignPanel
      document={document}
      fields={layout.data?.fields}
      seen={main && seen[main.id]}
      queue={queue}
      steps={steps}
    />
  );
  return (
    <article className={sign['page']} aria-labelledby="document-subject">
      <header className={styles['head']}>
        <div className={sign['headLine']}>
          <h2 id="document-subject" className={styles['subject']}>
            <UrgencyMark urgency={document.urgency} /> {document.subject}
          </h2>
          {queue.position > 0 && queue.total > 1 && <QueueLine queue={queue} />}
        </div>
        <Steps document={document} />
      </header>
      {wide ? (
        <div className={sign['body']}>
          <div className={sign['paper']}>{paper}</div>
          <aside className={sign['panel']}>{panel}</aside>
        </div>
      ) : (
        <>
          <ViewTabs
            label={t('sign.panes')}
            value={pane}
            onChange={(value) => setPane(value === 'sign' ? 'sign' : 'paper')}
            items={[
              { value: 'paper', label: t('one') },
              { value: 'sign', label: t('sign.pane') },
            ]}
          />
          <div className={sign['single']}>
            {pane === 'paper' ? paper : <div className={sign['alone']}>{panel}</div>}
          </div>
        </>
      )}
      <StepDialogs document={document} steps={steps} />
    </article>
  );
}

function QueueLine({ queue }: { queue: Queue }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <nav className={sign['queue']} aria-label={t('sign.queueLabel')}>
      {t('sign.queue', { position: queue.position, total: queue.total })}
      {queue.previous && (
        <ActionIcon
          aria-label={t('sign.previous')}
          renderRoot={(props) => (
            <Link to="/van-ban-di/$documentId/ky" params={{ documentId: queue.previous ?? '' }} {...props} />
          )}
        >
          <IconChevronLeft size={18} />
        </ActionIcon>
      )}
      {queue.next && (
        <ActionIcon
          aria-label={t('sign.next')}
          renderRoot={(props) => (
            <Link to="/van-ban-di/$documentId/ky" params={{ documentId: queue.next ?? '' }} {...props} />
          )}
        >
          <IconChevronRight size={18} />
        </ActionIcon>
      )}
    </nav>
  );
}
