import { NativeSelect, Radio, TextInput } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../../ui/FormDialog';
import { useAddDevice } from '../api/devices';
import type { Invitation, RoomDeviceAdded } from '../types';
import classes from './Devices.module.css';

const ways = ['send', 'receive', 'both'] as const;
type Way = (typeof ways)[number];

interface Props {
  meetingId: string;
  /** In whose place the device can stand. */
  places: Invitation[];
  onClose: () => void;
  onAdded: (added: RoomDeviceAdded) => void;
}

/** Gives a device a token: in whose place it stands, what it is called, what it may. */
export function AddDevice({ meetingId, places, onClose, onAdded }: Props): ReactElement {
  const { t } = useTranslation('meeting');
  const [placeId, setPlaceId] = useState(places[0]?.appointment.id ?? '');
  const [name, setName] = useState('');
  const [way, setWay] = useState<Way>('send');
  const [checked, setChecked] = useState(false);
  const add = useAddDevice(meetingId, onAdded);
  const place = places.find((p) => p.appointment.id === placeId);
  const listens = place?.role === 'observer';
  const chosen = listens ? 'receive' : way;
  const submit = () => {
    setChecked(true);
    if (!name.trim() || !placeId) return;
    const may = { may_send: chosen !== 'receive', may_receive: chosen !== 'send' };
    add.mutate({ appointment_id: placeId, name: name.trim(), ...may });
  };
  return (
    <FormDialog
      opened
      title={t('device.addTitle')}
      verb={t('device.addVerb')}
      pending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={submit}
    >
      <NativeSelect
        label={t('device.place')}
        description={t('device.placeHint')}
        value={placeId}
        onChange={(event) => setPlaceId(event.currentTarget.value)}
        data={places.map(({ appointment, role }) => ({
          value: appointment.id,
          label: `${t(`role.${role}`)}: ${appointment.agency_short_name || appointment.agency_name} – ${appointment.full_name}`,
        }))}
      />
      <TextInput
        label={t('device.name')}
        placeholder={t('device.nameExample')}
        maxLength={100}
        autoComplete="off"
        data-autofocus
        value={name}
        error={checked && !name.trim() ? t('device.nameMissing') : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Radio.Group
        label={t('device.wayLabel')}
        value={chosen}
        onChange={(value) => setWay(ways.find((w) => w === value) ?? 'send')}
      >
        <div className={classes['ways']}>
          {ways.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`device.way.${value}`)}
              description={t(`device.about.${value}`)}
              disabled={listens && value !== 'receive'}
            />
          ))}
        </div>
      </Radio.Group>
    </FormDialog>
  );
}
