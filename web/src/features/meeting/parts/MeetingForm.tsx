import { Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DayInput } from '../../../ui/DayInput';
import { TimeField } from '../../../ui/TimeField';
import type { MeetingInput } from '../api/commands';
import { checkTimes, toInstant } from '../logic/when';
import type { AppointmentRef } from '../types';
import classes from './MeetingForm.module.css';
import { PersonSelect } from './PersonSelect';

export interface MeetingValues {
  title: string;
  date: string | null;
  from: string;
  to: string;
  place: string;
  online: boolean;
  chair: AppointmentRef | null;
  secretary: AppointmentRef | null;
}

type Errors = Partial<Record<keyof MeetingValues, string>>;

/** What is still wrong, in the words of the page, by field; empty when the meeting can be made. */
export function meetingErrors(values: MeetingValues, now: Date, t: (key: string) => string): Errors {
  const errors: Errors = {};
  if (values.title.trim() === '') errors.title = t('form.titleMissing');
  const times = checkTimes(values.date, values.from, values.to, now);
  if (times) errors[times.field] = t(`form.${times.field}.${times.key}`);
  if (!values.chair) errors.chair = t('form.chairMissing');
  if (!values.secretary) errors.secretary = t('form.secretaryMissing');
  return errors;
}

/** The request for checked values. */
export function meetingInput(values: MeetingValues): MeetingInput {
  return {
    title: values.title.trim(),
    starts_at: toInstant(values.date, values.from) ?? '',
    ends_at: toInstant(values.date, values.to) ?? '',
    place: values.place.trim(),
    online: values.online,
    chair_id: values.chair?.id ?? '',
    secretary_id: values.secretary?.id ?? '',
  };
}

interface Props {
  values: MeetingValues;
  errors: Errors;
  agencyId: string;
  onChange: (values: MeetingValues) => void;
}

/** The facts of a meeting: title, time, place, chair and secretary. */
export function MeetingFields({ values, errors, agencyId, onChange }: Props) {
  const { t } = useTranslation('meeting');
  const set = (change: Partial<MeetingValues>) => onChange({ ...values, ...change });
  return (
    <div className={classes['form']}>
      <TextInput
        label={t('form.title')}
        required
        maxLength={300}
        value={values.title}
        error={errors.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <div className={classes['times']}>
        <DayInput
          label={t('form.date.label')}
          required
          value={values.date}
          error={errors.date}
          onChange={(date) => set({ date })}
        />
        <TimeField
          label={t('form.from.label')}
          required
          value={values.from}
          error={errors.from}
          onChange={(from) => set({ from })}
        />
        <TimeField
          label={t('form.to.label')}
          required
          value={values.to}
          error={errors.to}
          onChange={(to) => set({ to })}
        />
      </div>
      <div className={classes['two']}>
        <TextInput
          label={t('form.place')}
          maxLength={200}
          value={values.place}
          onChange={(event) => set({ place: event.currentTarget.value })}
        />
        <Switch
          mt={32}
          label={t('form.online')}
          checked={values.online}
          onChange={(event) => set({ online: event.currentTarget.checked })}
        />
      </div>
      <div className={classes['two']}>
        <PersonSelect
          label={t('form.chair')}
          required
          agencyId={agencyId}
          office="leader"
          value={values.chair}
          error={errors.chair}
          onChange={(chair) => set({ chair })}
        />
        <PersonSelect
          label={t('form.secretary')}
          required
          agencyId={agencyId}
          office=""
          value={values.secretary}
          error={errors.secretary}
          onChange={(secretary) => set({ secretary })}
        />
      </div>
    </div>
  );
}
