import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { ReasonDialog } from '../../../ui/ReasonDialog';
import type { OfficialDocument } from '../api/documents';
import type { Steps } from '../logic/useSteps';
import styles from './Document.module.css';
import { SealDialog } from './SealDialog';

const confirmed = ['submit', 'send'] as const;

/** Asks once before each step that others see, and for the reason when the document goes back. */
export function StepDialogs({ document, steps }: { document: OfficialDocument; steps: Steps }): ReactElement {
  const { t } = useTranslation('document');
  const { asking } = steps;
  const names = {
    code: document.code,
    subject: document.subject,
    signer: document.signer?.full_name ?? '',
    agency: document.agency_name,
  };
  return (
    <>
      {confirmed.map((step) => (
        <ConfirmDialog
          key={step}
          opened={asking === step}
          title={t(`confirm.${step}.title`, names)}
          verb={t(`step.${step}`)}
          pending={steps.pending}
          error={steps.error}
          onClose={steps.close}
          onConfirm={() => steps.take(step)}
        >
          <p>{t(`confirm.${step}.text`, names)}</p>
          {step === 'send' && (
            <ul className={styles['recipients']} aria-label={t('facts.recipients')}>
              {document.recipients.map((r) => (
                <li key={r.agency_id}>{r.name}</li>
              ))}
            </ul>
          )}
        </ConfirmDialog>
      ))}
      {asking === 'seal' && <SealDialog document={document} onClose={steps.close} />}
      {(['return', 'cancel'] as const).map((step) => (
        <ReasonDialog
          key={step}
          opened={asking === step}
          title={t(`reason.${step}.title`, names)}
          label={t(`reason.${step}.label`)}
          verb={t(`step.${step}`)}
          danger
          pending={steps.pending}
          error={steps.error}
          onClose={steps.close}
          onSubmit={(reason) => steps.giveBack(step, reason)}
        >
          <p>{t(`reason.${step}.text`, names)}</p>
        </ReasonDialog>
      ))}
    </>
  );
}
