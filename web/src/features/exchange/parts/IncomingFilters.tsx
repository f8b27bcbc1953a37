import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { monthsBack } from '../../../lib/months';
import bars from '../../../ui/Bars.module.css';
import { FilterChip } from '../../../ui/FilterChip';
import type { Delivery } from '../api/deliveries';

/** Filters of the incoming list: month, urgency, sender. They live in the address. */
export function IncomingFilters({ items }: { items: readonly Delivery[] }): ReactElement {
  const { t } = useTranslation('exchange');
  const search = useSearch({ from: '/session/shell/van-ban-den' });
  const navigate = useNavigate();
  const set = (change: Partial<typeof search>) =>
    void navigate({ to: '/van-ban-den', search: (before) => ({ ...before, ...change }), replace: true });
  const months = monthsBack(12);
  const month = months.find((m) => m.from === search.from && m.to === search.to);
  const senders = new Map(items.map((d) => [d.sender_id, d.sender_name]));
  const any = search.urgency !== undefined || search.sender || search.from || search.to;
  return (
    <div className={bars['filters']}>
      <FilterChip
        label={t('filter.month')}
        all={t('filter.anyMonth')}
        value={month?.from ?? null}
        options={months.map((m) => ({ value: m.from, label: t('filter.inMonth', { month: m.label }) }))}
        onChange={(value) => {
          const chosen = months.find((m) => m.from === value);
          set({ from: chosen?.from, to: chosen?.to });
        }}
      />
      <FilterChip
        label={t('filter.urgency')}
        all={t('filter.anyUrgency')}
        value={search.urgency === undefined ? null : String(search.urgency)}
        options={(['normal', 'urgent', 'very_urgent', 'immediate'] as const)
          .map((value, i) => ({ value: String(i), label: t(`urgency.${value}`, { ns: 'common' }) }))
          .reverse()}
        onChange={(value) => set({ urgency: value === null ? undefined : Number(value) })}
      />
      <FilterChip
        label={t('filter.sender')}
        all={t('filter.anySender')}
        value={search.sender ?? null}
        options={[...senders]
          .map(([value, label]) => ({ value, label }))
          .sort((a, b) => a.label.localeCompare(b.label, 'vi'))}
        onChange={(value) => set({ sender: value ?? undefined })}
      />
      {any && (
        <Button
          size="xs"
          variant="transparent"
          leftSection={<IconX size={15} />}
          onClick={() => set({ urgency: undefined, sender: undefined, from: undefined, to: undefined })}
        >
          {t('empty.clear')}
        </Button>
      )}
    </div>
  );
}
