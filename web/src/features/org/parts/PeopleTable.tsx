import { ActionIcon, Menu, Modal } from '@mantine/core';
import { IconDotsVertical } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { fullDate } from '../../../lib/dates';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import { type AccountAct, useAccountAct, useResetPassword } from '../api/org';
import table from '../pages/AgenciesPage.module.css';
import classes from '../pages/AgencyPage.module.css';
import type { Member, Unit } from '../types';
import { FirstPassword, type Secret } from './FirstPassword';
import { Appoint, ChangePerson, ChangeRoles, EndAppointment } from './PersonForms';
import { PicturePart } from './PicturePart';

type Act = 'change' | 'picture' | 'roles' | 'appoint' | 'end' | 'reset' | AccountAct;

/** People of an agency with their appointments and accounts, and what an administrator does with them. */
export function PeopleTable({ members, units }: { members: Member[]; units: Unit[] }) {
  const { t } = useTranslation('org');
  const [open, setOpen] = useState<{ act: Act; member: Member } | null>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const close = () => setOpen(null);
  return (
    <div className={table['wrap']}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">{t('person.full_name')}</th>
            <th scope="col">{t('person.position')}</th>
            <th scope="col" className={table['hideSmall']}>
              {t('person.roles')}
            </th>
            <th scope="col" className={table['hideSmall']}>
              {t('person.account')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('person.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.appointment.id} data-testid="member">
              <td>
                <div className={classes['person']}>
                  <PersonAvatar name={member.person.full_name} />
                  <div>
                    <div className={table['name']}>{member.person.full_name}</div>
                    <div className={classes['meta']}>
                      {[member.person.username, member.person.digital_identity].filter(Boolean).join(' · ')}
                    </div>
                  </div>
                </div>
              </td>
              <td>
                {member.appointment.position}
                <div className={classes['meta']}>
                  {member.appointment.unit_name}
                  {member.valid_to && ` ${t('person.until', { date: fullDate(member.valid_to) })}`}
                </div>
              </td>
              <td className={table['hideSmall']}>
                {member.appointment.roles.map((role) => t(`role.${role}`)).join(', ')}
              </td>
              <td className={table['hideSmall']}>
                <span className={cx(member.person.account_state === 'locked' && classes['red'])}>
                  {t(`account.${member.person.account_state}`)}
                </span>
              </td>
              <td className={table['number']}>
                <MemberMenu member={member} onAct={(act) => setOpen({ act, member })} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {open?.act === 'change' && <ChangePerson member={open.member} onClose={close} />}
      {open?.act === 'picture' && <SignaturePicture member={open.member} onClose={close} />}
      {open?.act === 'roles' && <ChangeRoles member={open.member} units={units} onClose={close} />}
      {open?.act === 'appoint' && <Appoint member={open.member} onClose={close} />}
      {open?.act === 'end' && <EndAppointment member={open.member} onClose={close} />}
      {open?.act === 'reset' && <ResetPassword member={open.member} onClose={close} onDone={setSecret} />}
      {(open?.act === 'unlock' || open?.act === 'disable' || open?.act === 'enable') && (
        <Account member={open.member} act={open.act} onClose={close} />
      )}
      <FirstPassword secret={secret} onClose={() => setSecret(null)} />
    </div>
  );
}

function MemberMenu({ member, onAct }: { member: Member; onAct: (act: Act) => void }) {
  const { t } = useTranslation('org');
  const { account_state: account } = member.person;
  const acts: Act[] = ['change', 'picture', 'roles', 'appoint', 'end'];
  if (account !== 'none') acts.push('reset');
  if (account === 'locked') acts.push('unlock');
  if (account === 'disabled') acts.push('enable');
  else if (account !== 'none') acts.push('disable');
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon aria-label={t('person.menu', { name: member.person.full_name })}>
          <IconDotsVertical size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {acts.map((act) => (
          <Menu.Item
            key={act}
            onClick={() => onAct(act)}
            {...(act === 'end' || act === 'disable' ? { color: 'var(--red)' } : {})}
          >
            {t(`act.${act}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function SignaturePicture({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('org');
  const { id, full_name: name } = member.person;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('image.signature.of', { name })}
      closeButtonProps={{ 'aria-label': t('action.close', { ns: 'common' }) }}
    >
      <PicturePart holder={{ kind: 'signature', id, name }} editable />
    </Modal>
  );
}

function ResetPassword({
  member,
  onClose,
  onDone,
}: {
  member: Member;
  onClose: () => void;
  onDone: (secret: Secret) => void;
}) {
  const { t } = useTranslation('org');
  const { id, full_name: name, username } = member.person;
  const reset = useResetPassword(id, (password) => {
    onClose();
    onDone({ name, username, password });
  });
  return (
    <ConfirmDialog
      opened
      title={t('act.reset')}
      verb={t('act.reset')}
      pending={reset.isPending}
      error={reset.error}
      onClose={onClose}
      onConfirm={() => reset.mutate(null)}
    >
      <p>{t('password.resetText', { name })}</p>
    </ConfirmDialog>
  );
}

function Account({ member, act, onClose }: { member: Member; act: AccountAct; onClose: () => void }) {
  const { t } = useTranslation('org');
  const command = useAccountAct(member.person.id, act, onClose);
  return (
    <ConfirmDialog
      opened
      danger={act === 'disable'}
      title={t(`act.${act}`)}
      verb={t(`act.${act}`)}
      pending={command.isPending}
      error={command.error}
      onClose={onClose}
      onConfirm={() => command.mutate(null)}
    >
      <p>{t(`account.${act}Text`, { name: member.person.full_name })}</p>
    </ConfirmDialog>
  );
}
