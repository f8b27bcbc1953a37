import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import { countAnswers } from '../logic/readiness';
import type { Meeting } from '../types';
import { InviteModal } from './InviteModal';
import { AnswerMark } from './marks';
import marks from './marks.module.css';
import { office } from './office';
import classes from './PeoplePanel.module.css';

/** Who is invited, in which role, and what they answered. */
export function PeoplePanel({ meeting, editable }: { meeting: Meeting; editable: boolean }) {
  const { t } = useTranslation('meeting');
  const [inviting, setInviting] = useState(false);
  const { invitations } = meeting;
  const sent = invitations.filter((invitation) => invitation.sent_at);
  const counts = countAnswers(sent);
  return (
    <section aria-label={t('people.title')}>
      <div className={classes['head']}>
        <h2 className={classes['heading']}>
          {t('people.title')} {invitations.length > 0 && invitations.length}
        </h2>
        {editable && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={() => setInviting(true)}
          >
            {t('people.invite')}
          </Button>
        )}
      </div>
      {sent.length > 0 && (
        <div className={classes['counts']}>
          <span className={`${marks['mark']} ${marks['green']}`}>{t('people.accepted', { n: counts.accepted })}</span>
          <span className={`${marks['mark']} ${counts.declined > 0 ? marks['red'] : marks['dim']}`}>
            {t('people.declined', { n: counts.declined })}
          </span>
          <span className={`${marks['mark']} ${counts.none > 0 ? marks['amber'] : marks['dim']}`}>
            {t('people.none', { n: counts.none })}
          </span>
        </div>
      )}
      {invitations.length === 0 && <p className={classes['empty']}>{t('people.empty')}</p>}
      <ul className={classes['list']}>
        {invitations.map(({ appointment, role, answer, answer_reason, sent_at }) => (
          <li key={appointment.id} className={classes['person']} data-testid="invitation">
            <PersonAvatar name={appointment.full_name} chair={role === 'chair'} />
            <div>
              <div className={classes['name']}>{appointment.full_name}</div>
              <div className={classes['meta']}>
                {role !== 'member' && (
                  <span className={role === 'chair' ? classes['role'] : ''}>{t(`role.${role}`)} · </span>
                )}
                {office(appointment)}
              </div>
            </div>
            <div className={classes['end']}>
              <AnswerMark answer={answer} unsent={!sent_at} />
            </div>
            {answer_reason && <div className={classes['reason']}>{answer_reason}</div>}
          </li>
        ))}
      </ul>
      {inviting && <InviteModal meeting={meeting} onClose={() => setInviting(false)} />}
    </section>
  );
}
