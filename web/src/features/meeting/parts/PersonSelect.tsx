import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type OfficeRole, useDirectory } from '../api/queries';
import type { AppointmentRef } from '../types';
import { office as officeOf } from './office';

interface Props extends Pick<SelectProps, 'label' | 'description' | 'required' | 'error'> {
  /** Only people of this agency, in this role; empty for all. */
  agencyId: string;
  office: OfficeRole | '';
  value: AppointmentRef | null;
  onChange: (person: AppointmentRef | null) => void;
}

/** Chooses one person of the directory, searched without marks by the server. */
export function PersonSelect({ agencyId, office, value, onChange, ...rest }: Props) {
  const { t } = useTranslation('meeting');
  const [text, setText] = useState(value?.full_name ?? '');
  const [typed] = useDebouncedValue(text.trim(), 200);
  const q = value && typed === value.full_name ? '' : typed;
  const people = useDirectory({ q, agencyId, role: office });
  const found = people.data?.pages.flatMap((page) => page.items) ?? [];
  const options = value && !found.some((p) => p.id === value.id) ? [value, ...found] : found;
  return (
    <Select
      {...rest}
      searchable
      searchValue={text}
      onSearchChange={setText}
      value={value?.id ?? null}
      onChange={(id) => onChange(options.find((p) => p.id === id) ?? null)}
      data={options.map((p) => ({ value: p.id, label: p.full_name }))}
      filter={({ options: all }) => all}
      renderOption={({ option }) => {
        const person = options.find((p) => p.id === option.value);
        return (
          <div>
            <div>{option.label}</div>
            {person && <div style={{ fontSize: '0.8125rem', color: 'var(--text-3)' }}>{officeOf(person)}</div>}
          </div>
        );
      }}
      nothingFoundMessage={people.isFetching ? t('searching') : t('invite.nobody')}
    />
  );
}
