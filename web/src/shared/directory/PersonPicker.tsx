import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { matches } from '../../lib/names';
import { type AppointmentRef, peopleQuery } from './api';

interface Props {
  label: string;
  description?: string;
  /** Only people whose appointment has this role. */
  ofRole?: string;
  agencyId?: string;
  value: string | null;
  onChange: (id: string | null) => void;
  error?: ReactNode;
  /** The person already chosen, shown before the directory answers. */
  known?: AppointmentRef | null;
}

/** Chooses one person in an appointment; the search works without marks. */
export function PersonPicker({
  label,
  description,
  ofRole,
  agencyId,
  value,
  onChange,
  error,
  known,
}: Props): ReactElement {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(agencyId ? '' : text, 250);
  const people = useQuery(
    peopleQuery({ ...(ofRole ? { role: ofRole } : {}), ...(agencyId ? { agencyId } : {}), ...(q ? { q } : {}) }),
  );
  const items = people.data?.items ?? [];
  const all = known && !items.some((p) => p.id === known.id) ? [known, ...items] : items;
  return (
    <Select
      label={label}
      {...(description ? { description } : {})}
      searchable
      value={value}
      onChange={onChange}
      onSearchChange={setText}
      data={all.map((p) => ({ value: p.id, label: `${p.full_name} · ${p.position}` }))}
      filter={({ options, search }) => options.filter((o) => 'label' in o && matches(o.label, search))}
      nothingFoundMessage={people.isPending ? t('loading') : t('picker.nobody')}
      error={error}
      comboboxProps={{ withinPortal: true }}
    />
  );
}
