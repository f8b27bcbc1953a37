import { Button } from '@mantine/core';
import { IconUserCheck, IconUserX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from '../../../ui/ErrorState';
import { ReasonDialog } from '../../../ui/ReasonDialog';
import { useAnswer } from '../api/commands';
import { useMeetingTime } from '../logic/useMeetingTime';
import type { Meeting } from '../types';
import classes from './AnswerPanel.module.css';
import { AnswerMark } from './marks';

/** The invited person says whether they come, and may change their mind until the meeting ends. */
export function AnswerPanel({ meeting, appointmentId }: { meeting: Meeting; appointmentId: string | undefined }) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  const [declining, setDeclining] = useState(false);
  const answer = useAnswer(meeting.id, () => setDeclining(false));
  const mine = meeting.invitations.find((invitation) => invitation.appointment.id === appointmentId);
  const answered = meeting.my_answer === 'accepted' || meeting.my_answer === 'declined';
  if (!meeting.can.includes('answer')) return null;
  return (
    <section className={`${classes['panel']} ${answered ? '' : classes['open']}`} aria-label={t('answer.label')}>
      {answered ? (
        <>
          <AnswerMark answer={meeting.my_answer} />
          <p className={classes['detail']}>
            {mine?.answered_at && t('answer.at', { at: time.at(mine.answered_at) })} {mine?.answer_reason}
          </p>
        </>
      ) : (
        <>
          <h2 className={classes['question']}>{t('answer.question')}</h2>
          <p className={classes['detail']}>{t('answer.asked', { agency: meeting.agency_name })}</p>
        </>
      )}
      <div className={classes['buttons']}>
        {meeting.my_answer !== 'accepted' && (
          <Button
            size={answered ? 'xs' : 'sm'}
            variant={answered ? 'default' : 'filled'}
            leftSection={<IconUserCheck size={17} aria-hidden />}
            loading={answer.isPending && !declining}
            onClick={() => answer.mutate({ answer: 'accepted', reason: '' })}
          >
            {t('answer.accept')}
          </Button>
        )}
        {meeting.my_answer !== 'declined' && (
          <Button
            size={answered ? 'xs' : 'sm'}
            variant="default"
            leftSection={<IconUserX size={17} aria-hidden />}
            onClick={() => setDeclining(true)}
          >
            {t('answer.decline')}
          </Button>
        )}
      </div>
      {!declining && <ProblemNote error={answer.error} />}
      {declining && (
        <ReasonDialog
          opened
          danger
          title={t('answer.declineTitle')}
          label={t('answer.reason')}
          verb={t('answer.declineVerb')}
          pending={answer.isPending}
          error={answer.error}
          onClose={() => setDeclining(false)}
          onSubmit={(reason) => answer.mutate({ answer: 'declined', reason })}
        >
          <p>{t('answer.declineText', { agency: meeting.agency_name })}</p>
        </ReasonDialog>
      )}
    </section>
  );
}
