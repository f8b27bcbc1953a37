import { Button, Checkbox, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '../../ui/ErrorState';
import { SkeletonRows } from '../../ui/SkeletonRows';
import styles from './AgencyPicker.module.css';
import { agenciesQuery } from './api';
import { groupByLevel } from './groups';

interface Props {
  label: string;
  value: readonly string[];
  onChange: (ids: string[]) => void;
  /** An agency that cannot be chosen, such as the own one. */
  except?: string | undefined;
  error?: ReactNode;
}

/** Chooses several agencies, grouped by level; a whole level at once; the search works without marks. */
export function AgencyPicker({ label, value, onChange, except, error }: Props): ReactElement {
  const { t } = useTranslation();
  const agencies = useQuery(agenciesQuery);
  const [search, setSearch] = useState('');
  const chosen = new Set(value);
  const toggle = (ids: readonly string[], on: boolean) => {
    const next = new Set(value);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onChange([...next]);
  };
  const groups = groupByLevel(
    (agencies.data ?? []).filter((a) => a.id !== except),
    search,
  );
  return (
    <fieldset className={styles['picker']}>
      <legend className={styles['legend']}>{label}</legend>
      <div className={styles['top']}>
        <TextInput
          className={styles['search'] ?? ''}
          aria-label={t('picker.searchAgency')}
          placeholder={t('picker.searchAgency')}
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <span className={styles['count']} aria-live="polite">
          {t('picker.chosen', { count: value.length })}
        </span>
      </div>
      <div className={styles['list']}>
        {agencies.error && <ErrorState error={agencies.error} onRetry={() => void agencies.refetch()} />}
        {agencies.isPending && <SkeletonRows rows={6} />}
        {agencies.data && groups.length === 0 && <p className={styles['none']}>{t('picker.noAgency')}</p>}
        {groups.map((group) => {
          const ids = group.agencies.map((a) => a.id);
          const all = ids.every((id) => chosen.has(id));
          return (
            <section key={group.level} aria-label={group.level}>
              <div className={styles['level']}>
                <h4>{group.level}</h4>
                <Button size="compact-xs" variant="transparent" onClick={() => toggle(ids, !all)}>
                  {all ? t('picker.clearLevel', { level: group.level }) : t('picker.allLevel', { level: group.level })}
                </Button>
              </div>
              {group.agencies.map((agency) => (
                <Checkbox
                  key={agency.id}
                  className={styles['agency'] ?? ''}
                  label={agency.name}
                  checked={chosen.has(agency.id)}
                  onChange={(event) => toggle([agency.id], event.currentTarget.checked)}
                />
              ))}
            </section>
          );
        })}
      </div>
      {error && (
        <p className={styles['error']} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
