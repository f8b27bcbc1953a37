import { MultiSelect, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { today } from '../../../lib/dates';
import { matches } from '../../../lib/names';
import { DayInput } from '../../../ui/DayInput';
import { FormDialog } from '../../../ui/FormDialog';
import { agenciesQuery, useDissolve } from '../api/org';
import type { Agency } from '../types';

/** Ends an agency: from which day, who takes over, on which act it rests. Its past stays readable. */
export function DissolveForm({ agency, onClose }: { agency: Agency; onClose: () => void }) {
  const { t } = useTranslation('org');
  const agencies = useQuery(agenciesQuery({ q: '', level: '', state: 'active' }));
  const [on, setOn] = useState<string | null>(today());
  const [successors, setSuccessors] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const dissolve = useDissolve(agency, onClose);
  return (
    <FormDialog
      opened
      title={t('dissolve.title', { name: agency.name })}
      verb={t('dissolve.verb')}
      pending={dissolve.isPending}
      disabled={!on || !reason.trim()}
      error={dissolve.error}
      onClose={onClose}
      onSubmit={() => on && dissolve.mutate({ on, successor_ids: successors, reason: reason.trim() })}
    >
      <p>{t('dissolve.text')}</p>
      <DayInput label={t('dissolve.on')} required value={on} onChange={setOn} />
      <MultiSelect
        label={t('dissolve.successors')}
        description={t('dissolve.successorsHint')}
        searchable
        value={successors}
        onChange={setSuccessors}
        data={(agencies.data ?? []).filter((a) => a.id !== agency.id).map((a) => ({ value: a.id, label: a.name }))}
        filter={({ options, search }) => options.filter((option) => 'label' in option && matches(option.label, search))}
        nothingFoundMessage={t('filter.none')}
      />
      <Textarea
        label={t('dissolve.reason')}
        required
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
