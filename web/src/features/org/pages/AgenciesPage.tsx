import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBuilding, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { fullDate } from '../../../lib/dates';
import { useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { EmptyState } from '../../../ui/EmptyState';
import { NoPermission } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { type AgencyState, agenciesQuery, levelsQuery } from '../api/org';
import { treeOrder } from '../logic/tree';
import { AgencyForm } from '../parts/AgencyForm';
import type { Agency } from '../types';
import classes from './AgenciesPage.module.css';

const states: readonly AgencyState[] = ['active', 'dissolved', 'all'];

/** All agencies of the city as a tree; the dissolved ones with them when asked for. */
export function AgenciesPage() {
  const { t, i18n } = useTranslation('org');
  const navigate = useNavigate();
  const allowed = useHasRole('agency_admin', 'system_admin');
  const system = useHasRole('system_admin');
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 200);
  const [level, setLevel] = useState('');
  const [state, setState] = useState<AgencyState>('active');
  const [adding, setAdding] = useState(false);
  const agencies = useQuery(agenciesQuery({ q, level, state }));
  const levels = useQuery(levelsQuery);
  if (!allowed) return <NoPermission />;
  return (
    <>
      <PageHeader title={t('title')} />
      <AdminNav>
        {system && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setAdding(true)}>
            {t('agency.add')}
          </Button>
        )}
      </AdminNav>
      <div className={classes['filters']}>
        <TextInput
          className={classes['search'] ?? ''}
          aria-label={t('filter.search')}
          placeholder={t('filter.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label={t('filter.level')}
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
          data={[
            { value: '', label: t('filter.allLevels') },
            ...(levels.data ?? []).map((l) => ({ value: l.code, label: i18n.language === 'en' ? l.name_en : l.name })),
          ]}
        />
        <NativeSelect
          aria-label={t('filter.state')}
          value={state}
          onChange={(event) => setState(states.find((s) => s === event.currentTarget.value) ?? 'active')}
          data={states.map((value) => ({ value, label: t(`filter.${value}`) }))}
        />
        {agencies.data && <span className={classes['count']}>{t('filter.count', { n: agencies.data.length })}</span>}
      </div>
      {!agencies.data && <QueryState query={agencies} rows={12} />}
      {agencies.data?.length === 0 && (
        <EmptyState
          filtered
          icon={IconBuilding}
          title={t('filter.none')}
          action={
            <Button
              variant="default"
              onClick={() => {
                setText('');
                setLevel('');
                setState('active');
              }}
            >
              {t('filter.clear')}
            </Button>
          }
        />
      )}
      {agencies.data && agencies.data.length > 0 && <AgencyTable agencies={agencies.data} />}
      {adding && (
        <AgencyForm
          agency={null}
          onClose={() => setAdding(false)}
          onDone={(made) => void navigate({ to: '/quan-tri/co-quan/$agencyId', params: { agencyId: made.id } })}
        />
      )}
    </>
  );
}

function AgencyTable({ agencies }: { agencies: Agency[] }) {
  const { t } = useTranslation('org');
  return (
    <div className={classes['wrap']}>
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">{t('agency.name')}</th>
            <th scope="col" className={classes['hideSmall']}>
              {t('agency.level')}
            </th>
            <th scope="col" className={classes['hideSmall']}>
              {t('agency.code')}
            </th>
            <th scope="col" className={classes['hideSmall']}>
              {t('agency.symbol')}
            </th>
            <th scope="col" className={cx(classes['hideSmall'], classes['number'])}>
              {t('agency.people')}
            </th>
            <th scope="col">{t('agency.state')}</th>
          </tr>
        </thead>
        <tbody>
          {treeOrder(agencies).map(({ node, depth }) => (
            <tr key={node.id} className={cx(depth === 0 && classes['top'], node.valid_to && classes['gone'])}>
              <td style={{ paddingLeft: 20 + depth * 22 }}>
                <Link to="/quan-tri/co-quan/$agencyId" params={{ agencyId: node.id }} className={classes['name']}>
                  {node.name}
                </Link>
              </td>
              <td className={cx(classes['dim'], classes['hideSmall'])}>{node.level_name}</td>
              <td className={cx(classes['dim'], classes['hideSmall'])}>{node.code}</td>
              <td className={cx(classes['dim'], classes['hideSmall'])}>{node.symbol}</td>
              <td className={cx(classes['number'], classes['hideSmall'])}>{node.people_count}</td>
              <td className={classes['dim']}>
                {node.valid_to ? t('agency.until', { date: fullDate(node.valid_to) }) : t('agency.active')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
