import { Button } from '@mantine/core';
import { IconDeviceTv, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dateClock } from '../../../lib/dates';
import { topic, useLive } from '../../../live/live';
import { useActor } from '../../../session/me';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { QueryState } from '../../../ui/QueryState';
import { devicesQuery, useRevokeDevice } from '../api/devices';
import { places, tendsDevices } from '../logic/deviceSetup';
import type { Meeting, RoomDevice, RoomDeviceAdded } from '../types';
import { AddDevice } from './AddDevice';
import classes from './Devices.module.css';
import { DeviceToken } from './DeviceToken';
import marks from './marks.module.css';

/** Room codecs, encoders and players of a meeting: who looks after them gives and revokes their tokens here. */
export function DevicesPanel({ meeting }: { meeting: Meeting }): ReactElement | null {
  const { t } = useTranslation('meeting');
  const actor = useActor();
  const tends = tendsDevices(meeting);
  const query = useQuery({ ...devicesQuery(meeting.id), enabled: tends !== 'none' });
  useLive([tends !== 'none' && topic.room(meeting.id)], [devicesQuery(meeting.id).queryKey]);
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<RoomDeviceAdded | null>(null);
  const [ending, setEnding] = useState<RoomDevice | null>(null);
  const revoke = useRevokeDevice(meeting.id, () => setEnding(null));
  if (tends === 'none') return null;
  const working = (query.data ?? []).filter((device) => device.state === 'working');
  return (
    <section className={classes['panel']} aria-label={t('device.title')} data-testid="devices">
      <div className={classes['head']}>
        <h2 className={classes['heading']}>
          {t('device.title')} {working.length > 0 && working.length}
        </h2>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => setAdding(true)}
        >
          {t('device.add')}
        </Button>
      </div>
      {!query.data && <QueryState query={query} rows={2} />}
      {query.data && working.length === 0 && <p className={classes['empty']}>{t('device.none')}</p>}
      <ul className={classes['list']}>
        {working.map((device) => (
          <Row key={device.id} device={device} onRevoke={() => setEnding(device)} />
        ))}
      </ul>
      {adding && (
        <AddDevice
          meetingId={meeting.id}
          places={places(meeting, actor?.id)}
          onClose={() => setAdding(false)}
          onAdded={(result) => {
            setAdding(false);
            setAdded(result);
          }}
        />
      )}
      <DeviceToken added={added} onClose={() => setAdded(null)} />
      <ConfirmDialog
        opened={ending !== null}
        title={t('device.revokeTitle')}
        verb={t('device.revoke')}
        danger
        pending={revoke.isPending}
        error={revoke.error}
        onClose={() => {
          revoke.reset();
          setEnding(null);
        }}
        onConfirm={() => ending && revoke.mutate(ending.id)}
      >
        <p>{t('device.revokeText', { name: ending?.name ?? '' })}</p>
      </ConfirmDialog>
    </section>
  );
}

function Row({ device, onRevoke }: { device: RoomDevice; onRevoke: () => void }): ReactElement {
  const { t } = useTranslation('meeting');
  const { sends_since, receives_since, last_used_at } = device;
  const since = sends_since ?? receives_since;
  let state = t('device.unused');
  if (sends_since && receives_since) state = t('device.bothSince', { at: dateClock(sends_since) });
  else if (since) state = t(sends_since ? 'device.sendsSince' : 'device.receivesSince', { at: dateClock(since) });
  else if (last_used_at) state = t('device.lastUsed', { at: dateClock(last_used_at) });
  return (
    <li className={classes['row']} data-testid="device">
      <IconDeviceTv size={20} stroke={1.6} aria-hidden className={classes['icon']} />
      <div className={classes['what']}>
        <div className={classes['name']}>{device.name}</div>
        <div className={classes['meta']}>
          {[
            device.role ? t(`role.${device.role}`) : t('device.uninvited'),
            device.appointment.agency_short_name || device.appointment.agency_name,
            device.appointment.full_name,
          ].join(' · ')}
        </div>
        <div className={classes['meta']}>
          {t(wayOf(device))} · {t('device.until', { at: dateClock(device.expires_at) })}
        </div>
        <span className={`${marks['mark']} ${since ? marks['green'] : marks['dim']}`}>{state}</span>
      </div>
      <Button variant="default" size="xs" onClick={onRevoke} aria-label={t('device.revokeOf', { name: device.name })}>
        {t('device.revoke')}
      </Button>
    </li>
  );
}

const wayOf = (device: RoomDevice) =>
  device.may_send ? (device.may_receive ? 'device.way.both' : 'device.way.send') : 'device.way.receive';
