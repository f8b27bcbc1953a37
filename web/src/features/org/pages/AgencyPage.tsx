import { Button, Switch } from '@mantine/core';
import { IconPencil, IconPlus, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fullDate } from '../../../lib/dates';
import { useActor, useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { EmptyState } from '../../../ui/EmptyState';
import { NoPermission } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { agencyQuery, membersQuery } from '../api/org';
import { AgencyAside } from '../parts/AgencyAside';
import { AgencyForm } from '../parts/AgencyForm';
import { DissolveForm } from '../parts/DissolveForm';
import { FirstPassword, type Secret } from '../parts/FirstPassword';
import { PeopleTable } from '../parts/PeopleTable';
import { AddPerson } from '../parts/PersonForms';
import type { AgencyDetail } from '../types';
import classes from './AgencyPage.module.css';

/** One agency: its people, units, identifiers and past. */
export function AgencyPage() {
  const { t } = useTranslation('org');
  const { agencyId } = useParams({ from: '/session/shell/quan-tri/co-quan/$agencyId' });
  const allowed = useHasRole('agency_admin', 'system_admin');
  const system = useHasRole('system_admin');
  const own = useActor()?.agency_id === agencyId;
  const detail = useQuery(agencyQuery(agencyId));
  const [open, setOpen] = useState<'change' | 'dissolve' | null>(null);
  const parent = <Link to="/quan-tri/co-quan">{t('title')}</Link>;
  if (!allowed) return <NoPermission />;
  if (!detail.data) {
    return (
      <>
        <PageHeader title={t('agency.one')} parent={parent} />
        <QueryState query={detail} />
      </>
    );
  }
  const { agency, successors } = detail.data;
  const current = !agency.valid_to;
  return (
    <>
      <PageHeader title={agency.name} parent={parent} />
      <AdminNav>
        {system && current && (
          <>
            <Button
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              onClick={() => setOpen('change')}
            >
              {t('agency.change')}
            </Button>
            <Button variant="danger" onClick={() => setOpen('dissolve')}>
              {t('dissolve.verb')}
            </Button>
          </>
        )}
      </AdminNav>
      <div className={classes['page']}>
        {!current && (
          <div className={classes['gone']}>
            <Note tone="amber">
              {t('agency.dissolved', { date: fullDate(agency.valid_to) })}{' '}
              {successors.length > 0 && (
                <>
                  {t('agency.takenOver')}{' '}
                  {successors.map((s, i) => (
                    <span key={s.id}>
                      {i > 0 && ', '}
                      <Link to="/quan-tri/co-quan/$agencyId" params={{ agencyId: s.id }}>
                        {s.name}
                      </Link>
                    </span>
                  ))}
                  .
                </>
              )}
            </Note>
          </div>
        )}
        <div>{system || own ? <People detail={detail.data} /> : <Note>{t('person.otherAgency')}</Note>}</div>
        <AgencyAside detail={detail.data} editable={current && (system || own)} />
      </div>
      {open === 'change' && <AgencyForm agency={agency} onClose={() => setOpen(null)} onDone={() => setOpen(null)} />}
      {open === 'dissolve' && <DissolveForm agency={agency} onClose={() => setOpen(null)} />}
    </>
  );
}

function People({ detail }: { detail: AgencyDetail }) {
  const { t } = useTranslation('org');
  const [ended, setEnded] = useState(false);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const { agency, units } = detail;
  const members = useQuery(membersQuery(agency.id, ended ? 'all' : 'active'));
  return (
    <section className={classes['panel']} aria-label={t('person.title')}>
      <div className={classes['head']}>
        <h2>
          {t('person.title')} {members.data?.length}
        </h2>
        <Switch
          label={t('person.showEnded')}
          checked={ended}
          onChange={(event) => setEnded(event.currentTarget.checked)}
        />
        {!agency.valid_to && (
          <Button size="xs" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
            {t('person.add')}
          </Button>
        )}
      </div>
      {!members.data && <QueryState query={members} />}
      {members.data?.length === 0 && <EmptyState icon={IconUsers} title={t('person.none')} />}
      {members.data && members.data.length > 0 && <PeopleTable members={members.data} units={units} />}
      {adding && (
        <AddPerson
          agencyId={agency.id}
          units={units}
          onClose={() => setAdding(false)}
          onCreated={(name, username, password) => setSecret({ name, username, password })}
        />
      )}
      <FirstPassword secret={secret} onClose={() => setSecret(null)} />
    </section>
  );
}
