import { Group, NativeSelect, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { today } from '../../../lib/dates';
import { matches } from '../../../lib/names';
import { DayInput } from '../../../ui/DayInput';
import { FormDialog } from '../../../ui/FormDialog';
import { agenciesQuery, levelsQuery, useSaveAgency } from '../api/org';
import type { Agency } from '../types';

interface Props {
  /** The agency to change; null to add one. */
  agency: Agency | null;
  onClose: () => void;
  onDone: (agency: Agency) => void;
}

/** Adds an agency, or renames, moves and re-codes one; what it was before stays in its history. */
export function AgencyForm({ agency, onClose, onDone }: Props) {
  const { t, i18n } = useTranslation('org');
  const levels = useQuery(levelsQuery);
  const [values, setValues] = useState({
    name: agency?.name ?? '',
    short_name: agency?.short_name ?? '',
    code: agency?.code ?? '',
    symbol: agency?.symbol ?? '',
    level_code: agency?.level_code ?? '',
    parent_id: agency?.parent_id ?? null,
    valid_from: today(),
    reason: '',
  });
  const set = (change: Partial<typeof values>) => setValues((before) => ({ ...before, ...change }));
  const save = useSaveAgency(agency, (saved) => {
    onDone(saved);
    onClose();
  });
  const level = values.level_code || (levels.data?.[0]?.code ?? '');
  const problem = save.error ? asApiError(save.error) : null;
  const wrong = (path: string) => problem?.field(path) ?? problem?.field(`body.${path}`);
  return (
    <FormDialog
      opened
      size={620}
      title={agency ? t('agency.changeTitle') : t('agency.addTitle')}
      verb={agency ? t('agency.saveChange') : t('agency.add')}
      pending={save.isPending}
      disabled={!values.name.trim() || !values.code.trim() || !level || (agency !== null && !values.reason.trim())}
      error={save.error}
      onClose={onClose}
      onSubmit={() => {
        const { parent_id, reason, ...rest } = values;
        save.mutate({
          ...rest,
          level_code: level,
          ...(parent_id ? { parent_id } : {}),
          ...(reason.trim() ? { reason: reason.trim() } : {}),
        });
      }}
    >
      <TextInput
        label={t('agency.name')}
        required
        maxLength={200}
        data-autofocus
        value={values.name}
        error={wrong('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Group grow gap="md" align="flex-start">
        <TextInput
          label={t('agency.shortName')}
          maxLength={80}
          value={values.short_name}
          error={wrong('short_name')}
          onChange={(event) => set({ short_name: event.currentTarget.value })}
        />
        <TextInput
          label={t('agency.symbol')}
          maxLength={30}
          value={values.symbol}
          error={wrong('symbol')}
          onChange={(event) => set({ symbol: event.currentTarget.value })}
        />
      </Group>
      <Group grow gap="md" align="flex-start">
        <TextInput
          label={t('agency.code')}
          required
          maxLength={35}
          value={values.code}
          error={wrong('code')}
          onChange={(event) => set({ code: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('agency.level')}
          required
          value={level}
          error={wrong('level_code')}
          onChange={(event) => set({ level_code: event.currentTarget.value })}
          data={(levels.data ?? []).map((l) => ({ value: l.code, label: i18n.language === 'en' ? l.name_en : l.name }))}
        />
      </Group>
      <AgencySelect
        label={t('agency.parent')}
        except={agency?.id}
        value={values.parent_id}
        error={wrong('parent_id')}
        onChange={(parent_id) => set({ parent_id })}
      />
      <DayInput
        label={agency ? t('agency.changeFrom') : t('agency.validFrom')}
        required
        value={values.valid_from}
        error={wrong('valid_from')}
        onChange={(day) => set({ valid_from: day ?? today() })}
      />
      {agency && (
        <TextInput
          label={t('agency.reason')}
          description={t('agency.reasonHint')}
          required
          maxLength={500}
          value={values.reason}
          error={wrong('reason')}
          onChange={(event) => set({ reason: event.currentTarget.value })}
        />
      )}
    </FormDialog>
  );
}

interface SelectProps {
  label: string;
  except: string | undefined;
  value: string | null;
  error?: string | undefined;
  required?: boolean;
  onChange: (id: string | null) => void;
}

/** One agency of today, found by its name without marks. */
export function AgencySelect({ label, except, value, error, required, onChange }: SelectProps) {
  const { t } = useTranslation('org');
  const agencies = useQuery(agenciesQuery({ q: '', level: '', state: 'active' }));
  return (
    <Select
      label={label}
      required={required ?? false}
      searchable
      clearable
      value={value}
      error={error}
      onChange={onChange}
      data={(agencies.data ?? []).filter((a) => a.id !== except).map((a) => ({ value: a.id, label: a.name }))}
      filter={({ options, search }) => options.filter((option) => 'label' in option && matches(option.label, search))}
      nothingFoundMessage={t('filter.none')}
    />
  );
}
