import { Checkbox, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { today } from '../../../lib/dates';
import { useHasRole } from '../../../session/me';
import { DayInput } from '../../../ui/DayInput';
import { FormDialog } from '../../../ui/FormDialog';
import { useAddPerson, useAppoint, useChangeAppointment, useChangePerson, useEndAppointment } from '../api/org';
import { type Member, type Role, roles, type Unit } from '../types';
import { AgencySelect } from './AgencyForm';
import classes from './PersonForms.module.css';

/** Text of the wrong input at this place, if the last answer named it. */
function wrongOf(error: unknown): (path: string) => string | undefined {
  const problem = error ? asApiError(error) : null;
  return (path) => problem?.field(path) ?? problem?.field(`body.${path}`);
}

function RoleBoxes({ value, onChange }: { value: Role[]; onChange: (roles: Role[]) => void }) {
  const { t } = useTranslation('org');
  const system = useHasRole('system_admin');
  const offered = roles.filter((role) => system || (role !== 'system_admin' && role !== 'auditor'));
  return (
    <Checkbox.Group
      label={t('person.roles')}
      required
      value={value}
      onChange={(names) => onChange(roles.filter((role) => names.includes(role)))}
    >
      <div className={classes['roles']}>
        {offered.map((role) => (
          <Checkbox key={role} value={role} label={t(`role.${role}`)} />
        ))}
      </div>
    </Checkbox.Group>
  );
}

function UnitSelect({
  units,
  value,
  onChange,
}: {
  units: Unit[];
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const { t } = useTranslation('org');
  return (
    <Select
      label={t('person.unit')}
      clearable
      value={value}
      onChange={onChange}
      data={units.filter((unit) => !unit.valid_to).map((unit) => ({ value: unit.id, label: unit.name }))}
    />
  );
}

interface AddProps {
  agencyId: string;
  units: Unit[];
  onClose: () => void;
  onCreated: (name: string, username: string, password: string) => void;
}

/** A new person with an appointment and an account. */
export function AddPerson({ agencyId, units, onClose, onCreated }: AddProps) {
  const { t } = useTranslation('org');
  const [values, setValues] = useState({
    full_name: '',
    digital_identity: '',
    email: '',
    phone: '',
    username: '',
    position: '',
  });
  const [unit, setUnit] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Role[]>(['specialist']);
  const [from, setFrom] = useState<string | null>(today());
  const set = (change: Partial<typeof values>) => setValues((before) => ({ ...before, ...change }));
  const add = useAddPerson(agencyId, (created) => {
    onClose();
    onCreated(created.member.person.full_name, created.member.person.username, created.temporary_password);
  });
  const wrong = wrongOf(add.error);
  const field = (name: keyof typeof values, required = false) => (
    <TextInput
      key={name}
      label={t(`person.${name}`)}
      required={required}
      value={values[name]}
      error={wrong(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  );
  const filled =
    values.full_name.trim() && values.digital_identity.trim() && values.username.trim() && values.position.trim();
  return (
    <FormDialog
      opened
      size={640}
      title={t('person.addTitle')}
      verb={t('person.add')}
      pending={add.isPending}
      disabled={!filled || chosen.length === 0}
      error={add.error}
      onClose={onClose}
      onSubmit={() =>
        add.mutate({
          ...trimmed(values),
          roles: chosen,
          ...(unit ? { unit_id: unit } : {}),
          ...(from ? { valid_from: from } : {}),
        })
      }
    >
      {field('full_name', true)}
      <Group grow gap="md" align="flex-start">
        {field('digital_identity', true)}
        {field('username', true)}
      </Group>
      <Group grow gap="md" align="flex-start">
        {field('email')}
        {field('phone')}
      </Group>
      <Group grow gap="md" align="flex-start">
        {field('position', true)}
        <UnitSelect units={units} value={unit} onChange={setUnit} />
      </Group>
      <RoleBoxes value={chosen} onChange={setChosen} />
      <DayInput label={t('person.from')} value={from} onChange={setFrom} />
    </FormDialog>
  );
}

function trimmed<T extends Record<string, string>>(values: T): T {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.trim()])) as T;
}

/** Changes name, identity, mail and telephone of a person. */
export function ChangePerson({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('org');
  const { full_name, digital_identity, email, phone } = member.person;
  const [values, setValues] = useState({ full_name, digital_identity, email, phone });
  const change = useChangePerson(member.person, onClose);
  const wrong = wrongOf(change.error);
  return (
    <FormDialog
      opened
      title={t('person.changeTitle')}
      verb={t('person.save')}
      pending={change.isPending}
      disabled={!values.full_name.trim() || !values.digital_identity.trim()}
      error={change.error}
      onClose={onClose}
      onSubmit={() => change.mutate(trimmed(values))}
    >
      {(['full_name', 'digital_identity', 'email', 'phone'] as const).map((name) => (
        <TextInput
          key={name}
          label={t(`person.${name}`)}
          required={name === 'full_name' || name === 'digital_identity'}
          value={values[name]}
          error={wrong(name)}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setValues((before) => ({ ...before, [name]: text }));
          }}
        />
      ))}
    </FormDialog>
  );
}

/** Changes roles and unit of an appointment. */
export function ChangeRoles({ member, units, onClose }: { member: Member; units: Unit[]; onClose: () => void }) {
  const { t } = useTranslation('org');
  const { appointment } = member;
  const [chosen, setChosen] = useState<Role[]>(appointment.roles);
  const [unit, setUnit] = useState<string | null>(units.find((u) => u.name === appointment.unit_name)?.id ?? null);
  const change = useChangeAppointment(appointment.id, member.version, onClose);
  return (
    <FormDialog
      opened
      title={t('person.rolesTitle', { name: appointment.full_name })}
      verb={t('person.save')}
      pending={change.isPending}
      disabled={chosen.length === 0}
      error={change.error}
      onClose={onClose}
      onSubmit={() => change.mutate({ roles: chosen, ...(unit ? { unit_id: unit } : {}) })}
    >
      <UnitSelect units={units} value={unit} onChange={setUnit} />
      <RoleBoxes value={chosen} onChange={setChosen} />
    </FormDialog>
  );
}

/** Gives a person one more appointment, here or in another agency. */
export function Appoint({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('org');
  const system = useHasRole('system_admin');
  const [agencyId, setAgencyId] = useState<string | null>(member.appointment.agency_id);
  const [position, setPosition] = useState('');
  const [chosen, setChosen] = useState<Role[]>(['specialist']);
  const [from, setFrom] = useState<string | null>(today());
  const appoint = useAppoint(member.person.id, onClose);
  return (
    <FormDialog
      opened
      title={t('person.appointTitle', { name: member.person.full_name })}
      verb={t('person.appoint')}
      pending={appoint.isPending}
      disabled={!agencyId || !position.trim() || chosen.length === 0}
      error={appoint.error}
      onClose={onClose}
      onSubmit={() =>
        agencyId &&
        appoint.mutate({
          agency_id: agencyId,
          position: position.trim(),
          roles: chosen,
          ...(from ? { valid_from: from } : {}),
        })
      }
    >
      {system && (
        <AgencySelect label={t('person.agency')} except={undefined} required value={agencyId} onChange={setAgencyId} />
      )}
      <TextInput
        label={t('person.position')}
        required
        maxLength={120}
        data-autofocus
        value={position}
        onChange={(event) => setPosition(event.currentTarget.value)}
      />
      <RoleBoxes value={chosen} onChange={setChosen} />
      <DayInput label={t('person.from')} value={from} onChange={setFrom} />
    </FormDialog>
  );
}

/** Ends an appointment on a day. */
export function EndAppointment({ member, onClose }: { member: Member; onClose: () => void }) {
  const { t } = useTranslation('org');
  const [on, setOn] = useState<string | null>(today());
  const end = useEndAppointment(member.appointment.id, onClose);
  return (
    <FormDialog
      opened
      title={t('person.endTitle', { name: member.person.full_name })}
      verb={t('person.end')}
      pending={end.isPending}
      disabled={!on}
      error={end.error}
      onClose={onClose}
      onSubmit={() => on && end.mutate(on)}
    >
      <p>{t('person.endText', { position: member.appointment.position })}</p>
      <DayInput label={t('person.endOn')} required value={on} onChange={setOn} />
    </FormDialog>
  );
}
