import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { topic, useLive } from '../../../live/live';
import { PaperPane } from '../../../shared/files/PaperPane';
import { ErrorState } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import { documentFileUrl, documentKey, documentQuery, type OfficialDocument } from '../api/documents';
import { layoutQuery } from '../api/layout';
import { fieldsToCome } from '../logic/steps';
import { useSteps } from '../logic/useSteps';
import styles from '../parts/Document.module.css';
import { DocumentPanel } from '../parts/DocumentPanel';
import { FieldMarks } from '../parts/FieldMarks';
import { Released } from '../parts/Released';
import { StepDialogs } from '../parts/StepDialogs';
import { Steps } from '../parts/Steps';

/** One own document: its road, the paper, and what the person may do with it now. */
export function DocumentPage(): ReactElement {
  const { t } = useTranslation('document');
  const { documentId } = useParams({ from: '/session/shell/van-ban-di/$documentId' });
  const document = useQuery(documentQuery(documentId));
  useLive([topic.document(documentId)], [documentKey(documentId)]);
  const code = document.data?.code;
  return (
    <>
      <PageHeader title={code || t('one')} parent={<Link to="/van-ban-di">{t('title')}</Link>} />
      {document.data ? (
        <View document={document.data} />
      ) : document.error ? (
        <ErrorState error={document.error} onRetry={() => void document.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function View({ document }: { document: OfficialDocument }): ReactElement {
  const steps = useSteps(document);
  const released = document.state === 'released';
  const toCome = fieldsToCome(document.state);
  const layout = useQuery({ ...layoutQuery(document.id), enabled: toCome.length > 0 });
  const paper = (
    <PaperPane
      files={document.files}
      urlOf={(file, revision) => documentFileUrl(document.id, file, revision)}
      overlay={
        toCome.length > 0 && layout.data
          ? (box) => (
              <FieldMarks
                box={box}
                pages={layout.data.pages}
                fields={layout.data.fields.filter((f) => toCome.includes(f.kind))}
              />
            )
          : undefined
      }
    />
  );
  return (
    <article className={styles['page']} aria-labelledby="document-subject">
      <header className={styles['head']}>
        <h2 id="document-subject" className={styles['subject']}>
          <UrgencyMark urgency={document.urgency} /> {document.subject}
        </h2>
        <Steps document={document} />
      </header>
      <div className={cx(styles['body'], released && styles['bodyReleased'])}>
        <div className={styles['paper']}>{paper}</div>
        {released ? (
          <Released document={document} />
        ) : (
          <aside className={styles['panel']}>
            <DocumentPanel document={document} steps={steps} />
          </aside>
        )}
      </div>
      <StepDialogs document={document} steps={steps} />
    </article>
  );
}
