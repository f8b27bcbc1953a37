import { ActionIcon, Button } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fullDate } from '../../../lib/dates';
import { agencyQuery } from '../api/org';
import classes from '../pages/AgencyPage.module.css';
import type { AgencyDetail, Unit } from '../types';
import { PicturePart } from './PicturePart';
import { UnitForm } from './UnitForm';

/** Facts, units, former identifiers and past of an agency. */
export function AgencyAside({ detail, editable }: { detail: AgencyDetail; editable: boolean }) {
  const { t } = useTranslation('org');
  const { agency, aliases, history, predecessors, units } = detail;
  const [unit, setUnit] = useState<Unit | 'new' | null>(null);
  return (
    <aside>
      <section className={classes['panel']} aria-label={t('agency.facts')}>
        <div className={classes['head']}>
          <h2>{t('agency.facts')}</h2>
        </div>
        <dl className={classes['facts']}>
          <dt>{t('agency.code')}</dt>
          <dd>{agency.code}</dd>
          <dt>{t('agency.shortName')}</dt>
          <dd>{agency.short_name}</dd>
          <dt>{t('agency.symbol')}</dt>
          <dd>{agency.symbol}</dd>
          <dt>{t('agency.level')}</dt>
          <dd>{agency.level_name}</dd>
          <dt>{t('agency.parent')}</dt>
          <dd>{agency.parent_id ? <AgencyName id={agency.parent_id} /> : '—'}</dd>
          <dt>{t('agency.validFrom')}</dt>
          <dd>{fullDate(agency.valid_from)}</dd>
          {aliases.map((alias) => (
            <Alias key={alias.code} code={alias.code} from={alias.valid_from} to={alias.valid_to} />
          ))}
        </dl>
      </section>
      <section className={classes['panel']} aria-label={t('image.seal.title')}>
        <div className={classes['head']}>
          <h2>{t('image.seal.title')}</h2>
        </div>
        <PicturePart holder={{ kind: 'seal', id: agency.id, name: agency.name }} editable={editable} />
      </section>
      <section className={classes['panel']} aria-label={t('unit.title')}>
        <div className={classes['head']}>
          <h2>{t('unit.title')}</h2>
          {editable && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setUnit('new')}
            >
              {t('unit.add')}
            </Button>
          )}
        </div>
        {units.length === 0 && <p className={classes['empty']}>{t('unit.none')}</p>}
        <ul className={classes['rows']}>
          {units.map((u) => (
            <li key={u.id}>
              <span className={classes['grow']}>
                {u.name} <span className={classes['meta']}>{u.symbol}</span>
              </span>
              {u.valid_to && (
                <span className={classes['meta']}>{t('agency.until', { date: fullDate(u.valid_to) })}</span>
              )}
              {editable && (
                <ActionIcon aria-label={t('unit.change', { name: u.name })} onClick={() => setUnit(u)}>
                  <IconPencil size={16} aria-hidden />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      </section>
      {(history.length > 0 || predecessors.length > 0) && (
        <section className={classes['panel']} aria-label={t('history.title')}>
          <div className={classes['head']}>
            <h2>{t('history.title')}</h2>
          </div>
          <ul className={classes['rows']}>
            {history.map((past) => (
              <li key={past.valid_to}>
                <div className={classes['grow']}>
                  {past.name}
                  <div className={classes['meta']}>
                    {fullDate(past.valid_from)} – {fullDate(past.valid_to)} · {past.code}
                  </div>
                  <div className={classes['meta']}>{past.reason}</div>
                </div>
              </li>
            ))}
            {predecessors.map((before) => (
              <li key={before.id}>
                <div className={classes['grow']}>
                  {t('history.from')}{' '}
                  <Link to="/quan-tri/co-quan/$agencyId" params={{ agencyId: before.id }}>
                    {before.name}
                  </Link>
                  <div className={classes['meta']}>
                    {before.valid_to && t('agency.until', { date: fullDate(before.valid_to) })}
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </section>
      )}
      {unit && <UnitForm agencyId={agency.id} unit={unit === 'new' ? null : unit} onClose={() => setUnit(null)} />}
    </aside>
  );
}

function Alias({ code, from, to }: { code: string; from: string; to: string | null }) {
  const { t } = useTranslation('org');
  return (
    <>
      <dt>{t('agency.alias')}</dt>
      <dd>
        {code}{' '}
        <span className={classes['meta']}>
          {fullDate(from)}
          {to && ` – ${fullDate(to)}`}
        </span>
      </dd>
    </>
  );
}

function AgencyName({ id }: { id: string }) {
  const detail = useQuery(agencyQuery(id));
  return (
    <Link to="/quan-tri/co-quan/$agencyId" params={{ agencyId: id }}>
      {detail.data?.agency.name ?? '…'}
    </Link>
  );
}
