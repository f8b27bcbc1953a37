import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { topic, useLive } from '../../../live/live';
import { useActor } from '../../../session/me';
import { PageHeader } from '../../../ui/PageHeader';
import { QueryState } from '../../../ui/QueryState';
import { meetingKeys, meetingQuery } from '../api/queries';
import { MeetingActions } from '../parts/MeetingActions';
import { MeetingHead } from '../parts/MeetingHead';
import { PrepareView } from '../parts/PrepareView';
import { ReadinessSteps } from '../parts/ReadinessSteps';
import { ReadView } from '../parts/ReadView';
import classes from './MeetingPage.module.css';

const route = '/session/shell/cuoc-hop/$meetingId' as const;

/** A meeting: its organisers prepare it, the invited answer and read; both read the papers here. */
export function MeetingPage() {
  const { t } = useTranslation('meeting');
  const { meetingId } = useParams({ from: route });
  const { paper, view } = useSearch({ from: route });
  const navigate = useNavigate();
  const actor = useActor();
  const query = useQuery(meetingQuery(meetingId));
  useLive([topic.meeting(meetingId)], [meetingKeys.one(meetingId)]);

  const meeting = query.data;
  const parent = <Link to="/cuoc-hop">{t('list.title')}</Link>;
  if (!meeting) {
    return (
      <>
        <PageHeader title={t('page.title')} parent={parent} />
        <QueryState query={query} />
      </>
    );
  }
  const organises = meeting.can.includes('change') || meeting.can.includes('convene');
  const reading = !organises || view === 'read' || paper !== undefined;
  const show = (search: { view?: 'read'; paper?: string }) =>
    void navigate({ to: '/cuoc-hop/$meetingId', params: { meetingId }, search });

  return (
    <div className={classes['page']}>
      <PageHeader title={t(reading ? 'page.read' : 'page.prepare')} parent={parent} />
      <MeetingHead
        meeting={meeting}
        actions={
          <MeetingActions
            meeting={meeting}
            reading={reading}
            onRead={organises ? () => show(reading ? {} : { view: 'read' }) : undefined}
          />
        }
      >
        {organises && !reading && <ReadinessSteps meeting={meeting} />}
      </MeetingHead>
      {meeting.state === 'cancelled' && (
        <div className={classes['banner']} role="status">
          <b>{t('page.cancelled')}</b> {meeting.cancel_reason}
        </div>
      )}
      {reading ? (
        <ReadView
          meeting={meeting}
          appointmentId={actor?.id}
          paperId={paper}
          onOpen={(id) => show(id ? { view: 'read', paper: id } : { view: 'read' })}
        />
      ) : (
        <PrepareView meeting={meeting} onOpenPaper={(id) => show({ view: 'read', paper: id })} />
      )}
    </div>
  );
}
