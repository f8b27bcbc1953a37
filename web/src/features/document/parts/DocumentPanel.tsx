import { Button } from '@mantine/core';
import {
  IconArrowBackUp,
  IconLayout2,
  IconPencil,
  IconRubberStamp,
  IconSend,
  IconSignature,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { fullDate } from '../../../lib/dates';
import { VerdictList } from '../../../shared/verdict/VerdictList';
import { ButtonLink } from '../../../ui/ButtonLink';
import { documentState } from '../../../ui/marks';
import { Note } from '../../../ui/Note';
import { StateMark } from '../../../ui/StateMark';
import { documentVerdictQuery, type OfficialDocument, type Step } from '../api/documents';
import { awaitedSignatures } from '../logic/steps';
import { useRecheck } from '../logic/useRecheck';
import type { Steps } from '../logic/useSteps';
import styles from './Document.module.css';
import { NumberForm } from './NumberForm';
import { ScanWarnings } from './ScanWarnings';
import { SignWaiting } from './SignWaiting';

const mains: { step: Step | 'seal'; icon: TablerIcon }[] = [
  { step: 'seal', icon: IconRubberStamp },
  { step: 'send', icon: IconSend },
  { step: 'submit', icon: IconSignature },
];

/** Beside the paper of a document that is not released yet: the next step, signatures, facts. */
export function DocumentPanel({ document, steps }: { document: OfficialDocument; steps: Steps }): ReactElement {
  const { t } = useTranslation('document');
  const pending = document.pending_request_id;
  const can = pending ? [] : document.can;
  const main = mains.find(({ step }) => can.includes(step));
  const signed = ['signed', 'numbered', 'sealed'].includes(document.state);
  return (
    <>
      <section className={styles['part']} aria-live="polite">
        <StateMark state={documentState(document.state, document.return_reason)} />
        {document.state === 'draft' && document.return_reason && (
          <Note tone="amber" icon={IconArrowBackUp}>
            {t('returnedBecause', { reason: document.return_reason })}
          </Note>
        )}
        {document.state !== 'cancelled' && document.copy && document.copy.warnings.length > 0 && (
          <ScanWarnings warnings={document.copy.warnings} />
        )}
        {pending && <SignWaiting requestId={pending} />}
        {can.includes('sign') && (
          <ButtonLink
            to="/van-ban-di/$documentId/ky"
            params={{ documentId: document.id }}
            size="xl"
            fullWidth
            leftSection={<IconSignature size={20} stroke={1.7} />}
          >
            {t('step.openToSign')}
          </ButtonLink>
        )}
        {can.includes('number') && <NumberForm document={document} />}
        {main && (
          <Button
            size="xl"
            fullWidth
            leftSection={<main.icon size={20} stroke={1.7} />}
            onClick={() => steps.ask(main.step)}
          >
            {t(`step.${main.step}`)}
          </Button>
        )}
        <div className={styles['pair']}>
          {can.includes('return') && (
            <Button variant="default" leftSection={<IconArrowBackUp size={17} />} onClick={() => steps.ask('return')}>
              {t('step.return')}
            </Button>
          )}
          {can.includes('layout') && (
            <ButtonLink
              to="/van-ban-di/$documentId/o-ky"
              params={{ documentId: document.id }}
              variant="default"
              leftSection={<IconLayout2 size={17} />}
            >
              {t('step.layout')}
            </ButtonLink>
          )}
          {can.includes('change') && (
            <Button
              variant="default"
              leftSection={<IconPencil size={17} />}
              renderRoot={(props) => (
                <Link to="/van-ban-di/$documentId/sua" params={{ documentId: document.id }} {...props} />
              )}
            >
              {t('step.change')}
            </Button>
          )}
          {can.includes('cancel') && (
            <Button variant="danger" onClick={() => steps.ask('cancel')}>
              {t('step.cancel')}
            </Button>
          )}
        </div>
        {!pending && <Note>{t(nextWords(document, main?.step), { signer: document.signer?.full_name ?? '' })}</Note>}
      </section>
      {signed && <Signatures document={document} />}
      <Facts document={document} />
    </>
  );
}

/** What the step at hand does, or for whom the document waits. */
function nextWords(document: OfficialDocument, step: Step | 'seal' | undefined): string {
  if (document.can.includes('sign')) return 'openToSign';
  if (document.can.includes('number')) return document.copy ? 'after.numberCopy' : 'after.number';
  return step ? `after.${step}` : `waiting.${document.state}`;
}

function Signatures({ document }: { document: OfficialDocument }): ReactElement | null {
  const verdict = useQuery(documentVerdictQuery(document.id));
  const recheck = useRecheck(document.id);
  if (!verdict.data) return null;
  return (
    <div className={styles['part']}>
      <VerdictList
        verdict={verdict.data}
        recheck={recheck}
        sourceOf={(fileId) => ({ of: 'document', id: document.id, fileId })}
        awaited={awaitedSignatures(document)}
      />
    </div>
  );
}

function Facts({ document }: { document: OfficialDocument }): ReactElement {
  const { t } = useTranslation('document');
  return (
    <dl className={styles['facts']}>
      <dt>{t('facts.type')}</dt>
      <dd>{document.type_name}</dd>
      <dt>{t('facts.code')}</dt>
      <dd>{document.code || t('notNumbered', { symbol: document.symbol })}</dd>
      <dt>{t('facts.date')}</dt>
      <dd>{fullDate(document.issued_on) || t('notDated')}</dd>
      {document.copy ? (
        <>
          <dt>{t('copy.source')}</dt>
          <dd>{t(`copy.sources.${document.copy.type_of_source}`)}</dd>
          <dt>{t('facts.signer')}</dt>
          <dd>{t('copy.agencyAlone')}</dd>
        </>
      ) : (
        <>
          <dt>{t('facts.signer')}</dt>
          <dd>{document.signer && `${document.signer.full_name}, ${document.signer.position}`}</dd>
        </>
      )}
      <dt>{t('facts.drafter')}</dt>
      <dd>{document.created_by.full_name}</dd>
      <dt>{t('facts.recipients')}</dt>
      <dd>{document.recipients.map((r) => r.name).join('; ')}</dd>
    </dl>
  );
}
