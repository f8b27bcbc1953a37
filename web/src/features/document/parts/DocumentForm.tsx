import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconShieldX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { matches } from '../../../lib/names';
import { useActor } from '../../../session/me';
import { AgencyPicker } from '../../../shared/directory/AgencyPicker';
import { type AppointmentRef, agenciesQuery } from '../../../shared/directory/api';
import { PersonPicker } from '../../../shared/directory/PersonPicker';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { UploadField } from '../../../ui/UploadField';
import { type UploadItem, useUploads } from '../../../ui/useUploads';
import { type DocumentInput, documentTypesQuery } from '../api/documents';
import { type Draft, type DraftField, emptyDraft, inputOf, missingFields, suggestSymbol } from '../logic/form';
import styles from './Form.module.css';
import { UrgencyField } from './UrgencyField';

interface Props {
  initial?: Draft;
  initialFiles?: readonly UploadItem[];
  signer?: AppointmentRef | null;
  pending: boolean;
  error: unknown;
  onSave: (input: DocumentInput, submit: boolean) => void;
}

const paths: Record<DraftField, string> = {
  typeCode: 'type_code',
  symbol: 'symbol',
  subject: 'subject',
  urgency: 'urgency',
  signerId: 'signer_id',
  recipientIds: 'recipient_ids',
  files: 'files',
};

/** Form of an outgoing document. There is no field for secrecy: such documents do not enter the system. */
export function DocumentForm({ initial, initialFiles = [], signer, pending, error, onSave }: Props): ReactElement {
  const { t } = useTranslation('document');
  const actor = useActor();
  const uploads = useUploads(initialFiles);
  const [draft, setDraft] = useState<Draft>(() => initial ?? emptyDraft());
  const [checked, setChecked] = useState(false);
  const set = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const missing = checked ? missingFields(draft, uploads.items) : [];
  const problem = error ? asApiError(error) : null;
  const errorOf = (field: DraftField) => {
    if (missing.includes(field)) return t(`form.missing.${field}`);
    const path = paths[field];
    return problem?.fields.find(
      (f) => f.path === path || f.path.startsWith(`${path}[`) || f.path.startsWith(`${path}.`),
    )?.message;
  };
  const save = (submit: boolean) => {
    setChecked(true);
    const input = inputOf(draft, uploads.items);
    if (input && !uploads.isBusy && !pending) onSave(input, submit);
  };
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save(true);
      }}
    >
      <div className={styles['column']}>
        <section className={styles['panel']}>
          <UploadField
            label={t('form.files')}
            uploads={uploads}
            error={errorOf('files')}
            mark={(item, index) =>
              index === 0 ? (
                <span className={styles['main']}>{t('form.mainFile')}</span>
              ) : (
                <Button size="compact-xs" variant="subtle" onClick={() => uploads.first(item.key)}>
                  {t('form.makeMain')}
                </Button>
              )
            }
          />
          <Note tone="red" icon={IconShieldX}>
            <Trans t={t} i18nKey="form.noSecrets" components={{ b: <strong /> }} />
          </Note>
        </section>
        <section className={styles['panel']}>
          <Facts draft={draft} set={set} errorOf={errorOf} />
          <PersonPicker
            label={t('form.signerId')}
            ofRole="leader"
            {...(actor ? { agencyId: actor.agency_id } : {})}
            known={signer ?? null}
            value={draft.signerId}
            onChange={(signerId) => set({ signerId })}
            error={errorOf('signerId')}
          />
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
          <ProblemNote error={error} />
          {checked && missing.length > 0 && (
            <p role="alert" className={styles['incomplete']}>
              {t('form.incomplete', { count: missing.length })}
            </p>
          )}
          {uploads.isBusy && <p className={styles['waiting']}>{t('form.uploading')}</p>}
          <div className={styles['buttons']}>
            <Button variant="default" size="lg" disabled={uploads.isBusy || pending} onClick={() => save(false)}>
              {t('form.saveDraft')}
            </Button>
            <Button type="submit" size="lg" disabled={uploads.isBusy} loading={pending}>
              {t('step.submit')}
            </Button>
          </div>
        </div>
      </div>
    </form>
  );
}

interface FactsProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  errorOf: (field: DraftField) => string | undefined;
}

function Facts({ draft, set, errorOf }: FactsProps): ReactElement {
  const { t } = useTranslation('document');
  const actor = useActor();
  const types = useQuery(documentTypesQuery);
  const agencies = useQuery(agenciesQuery);
  const own = agencies.data?.find((a) => a.id === actor?.agency_id);
  const suggestion = (typeCode: string | null) => {
    const type = types.data?.items.find((x) => x.code === typeCode);
    return type ? suggestSymbol(type.abbreviation, own?.symbol ?? '') : '';
  };
  const chooseType = (typeCode: string | null) => {
    const untouched = draft.symbol === '' || draft.symbol === suggestion(draft.typeCode);
    set({ typeCode, ...(untouched ? { symbol: suggestion(typeCode) } : {}) });
  };
  return (
    <>
      <Select
        label={t('form.typeCode')}
        searchable
        data={types.data?.items.map((x) => ({ value: x.code, label: x.name })) ?? []}
        filter={({ options, search }) => options.filter((o) => 'label' in o && matches(o.label, search))}
        nothingFoundMessage={t('form.noType')}
        value={draft.typeCode}
        onChange={chooseType}
        error={errorOf('typeCode')}
      />
      <TextInput
        label={t('form.symbol')}
        description={t('form.symbolHint')}
        value={draft.symbol}
        onChange={(event) => set({ symbol: event.currentTarget.value })}
        error={errorOf('symbol')}
      />
      <Textarea
        label={t('form.subject')}
        description={t('form.subjectHint')}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={500}
        value={draft.subject}
        onChange={(event) => set({ subject: event.currentTarget.value })}
        error={errorOf('subject')}
      />
      <UrgencyField value={draft.urgency} onChange={(urgency) => set({ urgency })} />
    </>
  );
}
