import { Button, Radio, Textarea } from '@mantine/core';
import { IconInfoCircle, IconShieldX } from '@tabler/icons-react';
import { type ReactElement, type ReactNode, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { useActor } from '../../../session/me';
import { AgencyPicker } from '../../../shared/directory/AgencyPicker';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import {
  type CopyDraft,
  type CopyField,
  copyForms,
  copyPaths,
  copySources,
  type CopyForm as Form,
  isRefused,
} from '../logic/copy';
import styles from './Form.module.css';
import { UrgencyField } from './UrgencyField';

interface Props {
  initial: CopyDraft;
  /** Form and source of an existing copy stay. */
  fixed?: boolean;
  /** Where the scan is chosen. */
  file?: (error: ReactNode) => ReactNode;
  isBusy?: boolean;
  missingOf: (draft: CopyDraft) => CopyField[];
  pending: boolean;
  error: unknown;
  onSave: (draft: CopyDraft) => void;
}

/** Form of an electronic copy: what was scanned, how it is copied, for whom. Nobody signs it in person. */
export function CopyForm(props: Props): ReactElement {
  const { initial, fixed = false, file, isBusy = false, missingOf, pending, error, onSave } = props;
  const { t } = useTranslation('document');
  const actor = useActor();
  const [draft, setDraft] = useState(initial);
  const [checked, setChecked] = useState(false);
  const set = (part: Partial<CopyDraft>) => setDraft((before) => ({ ...before, ...part }));
  const missing = checked ? missingOf(draft) : [];
  const problem = error ? asApiError(error) : null;
  const errorOf = (field: CopyField) =>
    missing.includes(field)
      ? t(`copy.missing.${field}`)
      : problem?.fields.find((f) => f.path === copyPaths[field] || f.path.startsWith(`${copyPaths[field]}[`))?.message;
  const save = () => {
    setChecked(true);
    if (missingOf(draft).length === 0 && !isRefused(draft) && !isBusy && !pending) onSave(draft);
  };
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className={styles['column']}>
        {file && (
          <section className={styles['panel']}>
            {file(errorOf('files'))}
            <Note tone="red" icon={IconShieldX}>
              <Trans t={t} i18nKey="form.noSecrets" components={{ b: <strong /> }} />
            </Note>
          </section>
        )}
        <section className={styles['panel']}>
          {!fixed && <Kind draft={draft} set={set} errorOf={errorOf} />}
          <Textarea
            label={t('form.subject')}
            description={t('copy.subjectHint')}
            autosize
            minRows={2}
            maxRows={6}
            maxLength={500}
            value={draft.subject}
            onChange={(event) => set({ subject: event.currentTarget.value })}
            error={errorOf('subject')}
          />
          <UrgencyField value={draft.urgency} onChange={(urgency) => set({ urgency })} />
        </section>
      </div>
      <div className={styles['column']}>
        <section className={styles['panel']}>
          <AgencyPicker
            label={t('form.recipientIds')}
            value={draft.recipientIds}
            onChange={(recipientIds) => set({ recipientIds })}
            except={actor?.agency_id}
            error={errorOf('recipientIds')}
          />
        </section>
        <div className={styles['finish']}>
          <Note icon={IconInfoCircle}>{t('copy.noSigner')}</Note>
          <ProblemNote error={error} />
          {missing.length > 0 && (
            <p role="alert" className={styles['incomplete']}>
              {t('form.incomplete', { count: missing.length })}
            </p>
          )}
          {isBusy && <p className={styles['waiting']}>{t('form.uploading')}</p>}
          <div className={styles['buttons']}>
            <Button type="submit" size="lg" disabled={isBusy} loading={pending}>
              {fixed ? t('form.saveDraft') : t('copy.save')}
            </Button>
          </div>
        </div>
      </div>
    </form>
  );
}

interface KindProps {
  draft: CopyDraft;
  set: (part: Partial<CopyDraft>) => void;
  errorOf: (field: CopyField) => string | undefined;
}

/** Form of the copy and what it is made of; a direction that the decree does not know is told at once. */
function Kind({ draft, set, errorOf }: KindProps): ReactElement {
  const { t } = useTranslation('document');
  const refusal = isRefused(draft) && draft.form !== 'trich_sao' ? t(`copy.refused.${draft.form}`) : undefined;
  return (
    <>
      <Radio.Group
        label={t('copy.form')}
        value={draft.form}
        onChange={(value) => set({ form: value as Form })}
        error={errorOf('form')}
      >
        <div className={styles['choices']}>
          {copyForms.map((form) => (
            <Radio key={form} value={form} label={t(`copy.forms.${form}`)} description={t(`copy.formHints.${form}`)} />
          ))}
        </div>
      </Radio.Group>
      <Radio.Group
        label={t('copy.source')}
        value={draft.source}
        onChange={(value) => set({ source: copySources.find((s) => s === value) ?? 'paper' })}
        error={refusal ?? errorOf('source')}
      >
        <div className={styles['choices']}>
          {copySources.map((source) => (
            <Radio key={source} value={source} label={t(`copy.sources.${source}`)} />
          ))}
        </div>
      </Radio.Group>
    </>
  );
}
