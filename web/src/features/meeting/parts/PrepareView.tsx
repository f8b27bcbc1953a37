import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { spareMinutes, totalMinutes } from '../../../lib/agenda';
import { cx } from '../../../lib/cx';
import classes from '../pages/MeetingPage.module.css';
import type { Meeting } from '../types';
import { AgendaEditor } from './AgendaEditor';
import { DevicesPanel } from './DevicesPanel';
import { FloorRecord } from './FloorRecord';
import { ItemModal } from './ItemModal';
import { JoinBox } from './JoinBox';
import { PeoplePanel } from './PeoplePanel';

/** The secretary's view: agenda with papers on the left, people on the right. */
export function PrepareView({ meeting, onOpenPaper }: { meeting: Meeting; onOpenPaper: (paperId: string) => void }) {
  const { t } = useTranslation('meeting');
  const [adding, setAdding] = useState(false);
  const editable = meeting.can.includes('change');
  const spare = spareMinutes(meeting.starts_at, meeting.ends_at, meeting.items);
  const total = totalMinutes(meeting.items);
  return (
    <div className={classes['prepare']}>
      <section className={classes['main']} aria-label={t('agenda.heading')}>
        <div className={classes['bar']}>
          <h2 className={classes['heading']}>
            {t('agenda.heading')}
            {meeting.items.length > 0 && (
              <span className={cx(classes['sum'], spare < 0 && classes['over'])}>
                {t('agenda.sum', { n: meeting.items.length, minutes: total })},{' '}
                {spare === 0
                  ? t('agenda.fits')
                  : t(spare < 0 ? 'agenda.tooLong' : 'agenda.spare', { minutes: Math.abs(spare) })}
              </span>
            )}
          </h2>
          {editable && (
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => setAdding(true)}
            >
              {t('agenda.add')}
            </Button>
          )}
        </div>
        {meeting.items.length === 0 && <p className={classes['empty']}>{t('agenda.emptyHint')}</p>}
        <AgendaEditor meeting={meeting} editable={editable} onOpenPaper={onOpenPaper} />
        <ItemModal meetingId={meeting.id} item={null} opened={adding} onClose={() => setAdding(false)} />
      </section>
      <aside className={classes['aside']}>
        {meeting.state !== 'draft' && <JoinBox meeting={meeting} />}
        {meeting.state === 'closed' && <FloorRecord meeting={meeting} />}
        <PeoplePanel meeting={meeting} editable={editable} />
        <DevicesPanel meeting={meeting} />
      </aside>
    </div>
  );
}
