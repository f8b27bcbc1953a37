import { Button, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { installationQuery, useMe } from '../../../session/me';
import { useChooseAppointment, useSignOut } from '../../../session/session';
import { ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { BrandSide } from '../parts/BrandSide';
import styles from '../parts/SignIn.module.css';

/** A person with several appointments says in which one this session acts. */
export function AppointmentPage(): ReactElement {
  const { t } = useTranslation('auth');
  const me = useMe();
  const installation = useQuery(installationQuery);
  const choose = useChooseAppointment();
  const signOut = useSignOut();
  useEffect(() => {
    document.title = `${t('appointment.title')} · Nghị Sự`;
  }, [t]);
  const appointments = me?.appointments ?? [];
  return (
    <div className={styles['page']}>
      <BrandSide city={installation.data?.city_name ?? ''} />
      <main className={styles['side']}>
        <div className={styles['column']}>
          <h1 className={styles['title']}>{t('appointment.title')}</h1>
          <p className={styles['lead']}>{t('appointment.text', { name: me?.person.full_name ?? '' })}</p>
          {appointments.length === 0 ? (
            <Note tone="amber">{t('appointment.none')}</Note>
          ) : (
            <div className={styles['choices']}>
              {appointments.map((a) => (
                <UnstyledButton
                  key={a.id}
                  className={styles['choice']}
                  disabled={choose.isPending}
                  onClick={() => choose.mutate(a.id)}
                >
                  <span className={styles['choiceName']}>{a.position}</span>
                  <span className={styles['choiceAgency']}>
                    {a.unit_name ? `${a.unit_name}, ${a.agency_name}` : a.agency_name}
                  </span>
                </UnstyledButton>
              ))}
            </div>
          )}
          <ProblemNote error={choose.error} />
          <div>
            <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
              {t('account.signOut', { ns: 'common' })}
            </Button>
          </div>
        </div>
      </main>
    </div>
  );
}
