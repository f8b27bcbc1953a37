import { SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { matches } from '../../../lib/names';
import { agenciesQuery, peopleQuery } from '../../../shared/directory/api';
import type { Holder } from '../api/keys';

interface Props {
  onChange: (holder: Holder | null) => void;
  error?: string | undefined;
}

/** Whom a key belongs to: an agency for its seal, or a person. */
export function HolderField({ onChange, error }: Props): ReactElement {
  const { t } = useTranslation('keys');
  const [of, setOf] = useState<'agency' | 'person'>('agency');
  const [agencyId, setAgency] = useState<string | null>(null);
  const [personId, setPerson] = useState<string | null>(null);
  const agencies = useQuery(agenciesQuery);
  const people = useQuery({ ...peopleQuery({ agencyId: agencyId ?? '' }), enabled: of === 'person' && !!agencyId });
  const persons = new Map((people.data?.items ?? []).map((p) => [p.person_id, `${p.full_name} · ${p.position}`]));
  const tell = (agency: string | null, person: string | null, kind: 'agency' | 'person') => {
    if (kind === 'agency') onChange(agency ? { agency_id: agency } : null);
    else onChange(person ? { person_id: person } : null);
  };
  return (
    <>
      <SegmentedControl
        aria-label={t('holder.label')}
        value={of}
        onChange={(value) => {
          const kind = value === 'person' ? 'person' : 'agency';
          setOf(kind);
          tell(agencyId, personId, kind);
        }}
        data={[
          { value: 'agency', label: t('holder.agency') },
          { value: 'person', label: t('holder.person') },
        ]}
      />
      <Select
        label={t('holder.agencyName')}
        searchable
        data={(agencies.data ?? []).map((a) => ({ value: a.id, label: a.name }))}
        filter={({ options, search }) => options.filter((o) => 'label' in o && matches(o.label, search))}
        value={agencyId}
        error={of === 'agency' ? error : undefined}
        onChange={(id) => {
          setAgency(id);
          setPerson(null);
          tell(id, null, of);
        }}
      />
      {of === 'person' && (
        <Select
          label={t('holder.personName')}
          searchable
          disabled={!agencyId}
          data={[...persons].map(([value, label]) => ({ value, label }))}
          filter={({ options, search }) => options.filter((o) => 'label' in o && matches(o.label, search))}
          nothingFoundMessage={t('holder.nobody')}
          value={personId}
          error={error}
          onChange={(id) => {
            setPerson(id);
            tell(agencyId, id, of);
          }}
        />
      )}
    </>
  );
}
