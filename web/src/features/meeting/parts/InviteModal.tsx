import { ActionIcon, Button, Checkbox, Group, Modal, NativeSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fold } from '../../../lib/names';
import { ErrorState, ProblemNote } from '../../../ui/ErrorState';
import { useInvite } from '../api/commands';
import { type OfficeRole, useAgencyNames, useDirectory } from '../api/queries';
import type { AppointmentRef, Invitation, Meeting } from '../types';
import classes from './InviteModal.module.css';
import { office } from './office';

interface Picked {
  person: AppointmentRef;
  role: Invitation['role'];
}

/** Roles that may be chosen here; chair and secretary are facts of the meeting. */
const roles = ['member', 'point', 'hall', 'operator', 'observer'] as const;
type ChosenRole = (typeof roles)[number];

function readRole(value: string): ChosenRole {
  return roles.find((role) => role === value) ?? 'member';
}

const directoryRoles = ['leader', 'clerk', 'secretary', 'specialist'] as const;

/** Chooses whom to invite from the directory of all agencies, and in which role. Chair and secretary are kept. */
export function InviteModal({ meeting, onClose }: { meeting: Meeting; onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const [picked, setPicked] = useState<Picked[]>(() =>
    meeting.invitations.map(({ appointment, role }) => ({ person: appointment, role })),
  );
  const [joinAs, setJoinAs] = useState<ChosenRole>('member');
  const invite = useInvite(meeting.id, onClose);
  const toggle = (person: AppointmentRef) =>
    setPicked((list) =>
      list.some((p) => p.person.id === person.id)
        ? list.filter((p) => p.person.id !== person.id || isFixed(p.role))
        : [...list, { person, role: joinAs }],
    );
  const changeRole = (id: string, role: Invitation['role']) =>
    setPicked((list) => list.map((p) => (p.person.id === id ? { ...p, role } : p)));

  return (
    <Modal
      opened
      onClose={onClose}
      size={860}
      title={t('invite.title')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={classes['columns']}>
        <Directory chosen={picked} joinAs={joinAs} onJoinAs={setJoinAs} onToggle={toggle} />
        <div>
          <h3 className={classes['heading']}>{t('invite.chosen', { n: picked.length })}</h3>
          <ul className={classes['chosen']} aria-label={t('invite.chosen', { n: picked.length })}>
            {picked.map(({ person, role }) => (
              <li key={person.id} className={classes['picked']}>
                <div>
                  <div className={classes['name']}>{person.full_name}</div>
                  <div className={classes['meta']}>{office(person)}</div>
                </div>
                {isFixed(role) ? (
                  <span className={classes['meta']}>{t(`role.${role}`)}</span>
                ) : (
                  <NativeSelect
                    size="xs"
                    aria-label={t('invite.roleOf', { name: person.full_name })}
                    value={role}
                    onChange={(event) => changeRole(person.id, readRole(event.currentTarget.value))}
                    data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
                  />
                )}
                {!isFixed(role) && (
                  <ActionIcon aria-label={t('invite.drop', { name: person.full_name })} onClick={() => toggle(person)}>
                    <IconX size={16} aria-hidden />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <ProblemNote error={invite.error} />
      <Group justify="space-between" mt="lg" gap="sm">
        <span className={classes['meta']}>{t('invite.note')}</span>
        <Group gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button
            loading={invite.isPending}
            onClick={() => invite.mutate(picked.map(({ person, role }) => ({ appointment_id: person.id, role })))}
          >
            {t('invite.save')}
          </Button>
        </Group>
      </Group>
    </Modal>
  );
}

function isFixed(role: string): boolean {
  return role === 'chair' || role === 'secretary';
}

interface DirectoryProps {
  chosen: Picked[];
  /** In which role the next people are taken. */
  joinAs: ChosenRole;
  onJoinAs: (role: ChosenRole) => void;
  onToggle: (person: AppointmentRef) => void;
}

function Directory({ chosen, joinAs, onJoinAs, onToggle }: DirectoryProps) {
  const { t } = useTranslation('meeting');
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 200);
  const [agencyId, setAgencyId] = useState<string | null>(null);
  const [role, setRole] = useState<OfficeRole | ''>('leader');
  const agencies = useAgencyNames();
  const people = useDirectory({ q, agencyId: agencyId ?? '', role });
  const found = useMemo(() => people.data?.pages.flatMap((page) => page.items) ?? [], [people.data]);

  return (
    <div>
      <TextInput
        label={t('invite.search')}
        description={t('invite.searchHint')}
        leftSection={<IconSearch size={16} aria-hidden />}
        data-autofocus
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={classes['filters']}>
        <Select
          aria-label={t('invite.agency')}
          placeholder={t('invite.allAgencies')}
          searchable
          clearable
          value={agencyId}
          onChange={setAgencyId}
          data={(agencies.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          filter={({ options, search }) =>
            options.filter((option) => 'label' in option && fold(option.label).includes(fold(search)))
          }
          nothingFoundMessage={t('invite.noAgency')}
        />
        <NativeSelect
          aria-label={t('invite.role')}
          value={role}
          onChange={(event) => setRole(directoryRoles.find((value) => value === event.currentTarget.value) ?? '')}
          data={[
            { value: '', label: t('invite.allRoles') },
            ...directoryRoles.map((value) => ({ value, label: t(`office.${value}`) })),
          ]}
        />
      </div>
      <NativeSelect
        className={classes['as'] ?? ''}
        label={t('invite.as')}
        description={t(`invite.asHint.${joinAs}`)}
        value={joinAs}
        onChange={(event) => onJoinAs(readRole(event.currentTarget.value))}
        data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
      />
      <ul className={classes['results']} aria-label={t('invite.results')} aria-busy={people.isFetching}>
        {found.map((person) => (
          <li key={person.id}>
            <Checkbox
              className={classes['result'] ?? ''}
              size="sm"
              checked={chosen.some((p) => p.person.id === person.id)}
              disabled={chosen.some((p) => p.person.id === person.id && isFixed(p.role))}
              onChange={() => onToggle(person)}
              label={person.full_name}
              description={office(person)}
            />
          </li>
        ))}
        {people.isSuccess && found.length === 0 && <li className={classes['note']}>{t('invite.nobody')}</li>}
        {people.isError && (
          <li className={classes['note']}>
            <ErrorState error={people.error} onRetry={() => void people.refetch()} />
          </li>
        )}
        {people.hasNextPage && (
          <li className={classes['note']}>
            <Button
              variant="default"
              size="xs"
              loading={people.isFetchingNextPage}
              onClick={() => void people.fetchNextPage()}
            >
              {t('invite.more')}
            </Button>
          </li>
        )}
      </ul>
    </div>
  );
}
