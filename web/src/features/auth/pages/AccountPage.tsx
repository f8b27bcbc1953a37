import { Button, Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { fullDate, whenShort } from '../../../lib/dates';
import { topic, useLive } from '../../../live/live';
import { useMe } from '../../../session/me';
import { ErrorState, ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { endSession, type SessionInfo, sessionsKey, sessionsQuery } from '../api/auth';
import styles from '../parts/Account.module.css';
import { PasswordForm } from '../parts/PasswordForm';

/** The own account: running sessions and the password. */
export function AccountPage(): ReactElement {
  const { t } = useTranslation('auth');
  const me = useMe();
  const sessions = useQuery(sessionsQuery);
  const [changed, setChanged] = useState(false);
  useLive([me && topic.person(me.person.id)], [sessionsKey]);
  return (
    <div className={styles['page']}>
      <PageHeader title={t('account.title')} />
      <section className={styles['panel']} aria-labelledby="sessions">
        <h2 id="sessions">{t('sessions.title')}</h2>
        <p className={styles['text']}>{t('sessions.text')}</p>
        {sessions.error ? (
          <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
        ) : sessions.data ? (
          <Sessions items={sessions.data.items} />
        ) : (
          <SkeletonRows rows={2} />
        )}
      </section>
      <section className={styles['panel']} aria-labelledby="password">
        <h2 id="password">{t('password.title')}</h2>
        <p className={styles['text']}>{t('password.text')}</p>
        {changed && <Note tone="green">{t('password.done')}</Note>}
        <div className={styles['form']}>
          <PasswordForm onDone={() => setChanged(true)} />
        </div>
      </section>
    </div>
  );
}

function Sessions({ items }: { items: SessionInfo[] }): ReactElement {
  const { t } = useTranslation('auth');
  const end = useCommand({ run: (id: string) => endSession(id), touches: () => [sessionsKey] });
  return (
    <>
      <ProblemNote error={end.error} />
      <Table className={styles['table'] ?? ''} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('sessions.device')}</Table.Th>
            <Table.Th>{t('sessions.address')}</Table.Th>
            <Table.Th>{t('sessions.since')}</Table.Th>
            <Table.Th>{t('sessions.used')}</Table.Th>
            <Table.Th>
              <span className="visually-hidden">{t('sessions.end')}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((s) => (
            <Table.Tr key={s.id}>
              <Table.Td className={styles['device'] ?? ''}>{s.device}</Table.Td>
              <Table.Td>{s.address}</Table.Td>
              <Table.Td className="nowrap">{fullDate(s.created_at)}</Table.Td>
              <Table.Td className="nowrap">{whenShort(s.last_used_at)}</Table.Td>
              <Table.Td className={styles['end'] ?? ''}>
                {s.current ? (
                  <span className={styles['here']}>{t('sessions.here')}</span>
                ) : (
                  <Button
                    size="xs"
                    variant="danger"
                    aria-label={t('sessions.endOf', { device: s.device })}
                    loading={end.isPending && end.variables === s.id}
                    onClick={() => end.mutate(s.id)}
                  >
                    {t('sessions.end')}
                  </Button>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
