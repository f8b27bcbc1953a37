import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { spareMinutes, startTimes } from '../../../lib/agenda';
import { cx } from '../../../lib/cx';
import { useActor, useHasRole } from '../../../session/me';
import { ButtonLink } from '../../../ui/ButtonLink';
import { NoPermission, ProblemNote } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { useCreateMeeting } from '../api/commands';
import { fromInstant, toInstant } from '../logic/when';
import { MeetingFields, type MeetingValues, meetingErrors, meetingInput } from '../parts/MeetingForm';
import classes from './NewMeetingPage.module.css';

interface DraftItem {
  id: string;
  title: string;
  minutes: number;
  presenter: string;
}

/** A new meeting with its first agenda items. */
export function NewMeetingPage() {
  const { t } = useTranslation('meeting');
  const navigate = useNavigate();
  const actor = useActor();
  const allowed = useHasRole('secretary');
  const [values, setValues] = useState<MeetingValues>({
    title: '',
    date: null,
    from: '08:00',
    to: '10:00',
    place: '',
    online: true,
    chair: null,
    secretary: actor,
  });
  const [items, setItems] = useState<DraftItem[]>([newItem(0)]);
  const [checked, setChecked] = useState(false);
  const made = useRef(1);
  const create = useCreateMeeting(
    (meeting) => void navigate({ to: '/cuoc-hop/$meetingId', params: { meetingId: meeting.id } }),
  );
  const errors = checked ? { ...serverErrors(create.error), ...meetingErrors(values, new Date(), t) } : {};

  const submit = () => {
    setChecked(true);
    if (Object.keys(meetingErrors(values, new Date(), t)).length > 0) return;
    const named = items.filter((item) => item.title.trim() !== '');
    create.mutate({
      ...meetingInput(values),
      items: named.map(({ title, minutes, presenter }) => ({
        title: title.trim(),
        minutes,
        presenter: presenter.trim(),
      })),
    });
  };
  if (!allowed) return <NoPermission />;
  return (
    <>
      <PageHeader title={t('new.title')} parent={<Link to="/cuoc-hop">{t('list.title')}</Link>} />
      <form
        className={classes['form']}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <MeetingFields values={values} errors={errors} agencyId={actor?.agency_id ?? ''} onChange={setValues} />
        <h2 className={classes['section']}>
          {t('agenda.title')}
          <Sum values={values} items={items} />
        </h2>
        <Items values={values} items={items} onChange={setItems} />
        <Button
          className={classes['add'] ?? ''}
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            made.current += 1;
            setItems([...items, newItem(made.current)]);
          }}
        >
          {t('agenda.add')}
        </Button>
        <ProblemNote error={create.error} />
        <div className={classes['buttons']}>
          <ButtonLink to="/cuoc-hop" variant="default">
            {t('new.cancel')}
          </ButtonLink>
          <Button type="submit" loading={create.isPending}>
            {t('new.create')}
          </Button>
        </div>
      </form>
    </>
  );
}

function newItem(n: number): DraftItem {
  return { id: `new-${n}`, title: '', minutes: 15, presenter: '' };
}

// What the server objects to, beside the field it means.
function serverErrors(error: unknown): Partial<Record<keyof MeetingValues, string>> {
  if (!error) return {};
  const problem = asApiError(error);
  const fields = {
    title: 'title',
    ends_at: 'to',
    starts_at: 'from',
    chair_id: 'chair',
    secretary_id: 'secretary',
    place: 'place',
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([path, name]) => {
      const message = problem.field(path) ?? problem.field(`body.${path}`);
      return message ? [[name, message]] : [];
    }),
  );
}

function Sum({ values, items }: { values: MeetingValues; items: DraftItem[] }) {
  const { t } = useTranslation('meeting');
  const from = toInstant(values.date ?? '2026-01-01', values.from);
  const to = toInstant(values.date ?? '2026-01-01', values.to);
  if (!from || !to) return null;
  const spare = spareMinutes(from, to, items);
  return (
    <span className={cx(classes['sum'], spare < 0 && classes['over'])}>
      {t(spare < 0 ? 'agenda.tooLong' : 'agenda.spare', { minutes: Math.abs(spare) })}
    </span>
  );
}

interface ItemsProps {
  values: MeetingValues;
  items: DraftItem[];
  onChange: (items: DraftItem[]) => void;
}

function Items({ values, items, onChange }: ItemsProps) {
  const { t } = useTranslation('meeting');
  const from = toInstant(values.date ?? '2026-01-01', values.from);
  const times = from ? startTimes(from, items) : [];
  const set = (id: string, change: Partial<DraftItem>) =>
    onChange(items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  return (
    <ol className={classes['items']}>
      {items.map((item, index) => (
        <li key={item.id} className={classes['item']}>
          <span className={classes['time']}>{times[index] ? fromInstant(times[index].toISOString()).time : '—'}</span>
          <TextInput
            aria-label={t('new.itemTitle', { n: index + 1 })}
            placeholder={t('agenda.itemTitle')}
            maxLength={500}
            value={item.title}
            onChange={(event) => set(item.id, { title: event.currentTarget.value })}
          />
          <NumberInput
            aria-label={t('new.itemMinutes', { n: index + 1 })}
            min={0}
            max={600}
            step={5}
            allowDecimal={false}
            suffix={` ${t('agenda.minuteSuffix')}`}
            value={item.minutes}
            onChange={(value) => set(item.id, { minutes: Number(value) || 0 })}
          />
          <TextInput
            aria-label={t('new.itemPresenter', { n: index + 1 })}
            placeholder={t('agenda.itemPresenter')}
            maxLength={300}
            value={item.presenter}
            onChange={(event) => set(item.id, { presenter: event.currentTarget.value })}
          />
          <ActionIcon
            aria-label={t('new.itemRemove', { n: index + 1 })}
            disabled={items.length === 1}
            onClick={() => onChange(items.filter((other) => other.id !== item.id))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </ol>
  );
}
