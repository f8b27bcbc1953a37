import { Button } from '@mantine/core';
import { IconVideo } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../../lib/useNow';
import { joining } from '../logic/joining';
import { useMeetingTime } from '../logic/useMeetingTime';
import type { Meeting } from '../types';
import classes from './AnswerPanel.module.css';

/** The way into the room, or the reason why it is closed. */
export function JoinBox({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  const navigate = useNavigate();
  const join = joining(meeting, useNow(30_000));
  if (!meeting.online && !join.may) return null;
  return (
    <section className={classes['panel']} aria-label={t('join.label')}>
      <Button
        fullWidth
        size="md"
        leftSection={<IconVideo size={19} aria-hidden />}
        disabled={!join.may}
        aria-describedby="join-note"
        onClick={() => void navigate({ to: '/cuoc-hop/$meetingId/phong', params: { meetingId: meeting.id } })}
      >
        {t('join.enter')}
      </Button>
      <p className={classes['detail']} id="join-note">
        {join.may
          ? t(meeting.state === 'live' ? 'join.running' : 'join.open')
          : t(`join.${join.why}`, { at: time.at(join.opensAt) })}
      </p>
    </section>
  );
}
