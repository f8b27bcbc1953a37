import { Button, CopyButton, Modal, SegmentedControl } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../../../ui/Note';
import { type Setup, setups } from '../logic/deviceSetup';
import type { RoomDeviceAdded } from '../types';
import classes from './Devices.module.css';

/** Shows address and token of a new device once, and how to set up programs with them. */
export function DeviceToken({ added, onClose }: { added: RoomDeviceAdded | null; onClose: () => void }): ReactElement {
  const { t } = useTranslation('meeting');
  return (
    <Modal
      opened={added !== null}
      onClose={onClose}
      title={t('device.tokenTitle', { name: added?.device.name ?? '' })}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {added && (
        <div className={classes['stack']}>
          {added.token ? <Shown added={added} /> : <p>{t('device.tokenGone')}</p>}
          <div className={classes['foot']}>
            <Button onClick={onClose}>{t('device.done')}</Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

function Shown({ added: { device, token } }: { added: RoomDeviceAdded }): ReactElement {
  const { t } = useTranslation('meeting');
  const origin = window.location.origin;
  const all = setups(device, origin, token);
  const [chosen, setChosen] = useState(0);
  const setup = all[chosen];
  return (
    <>
      <Note tone="amber">{t('device.once')}</Note>
      {device.whip_path && <Line label={t('device.whipUrl')} value={origin + device.whip_path} testId="whip-url" />}
      {device.whep_path && <Line label={t('device.whepUrl')} value={origin + device.whep_path} testId="whep-url" />}
      <Line label={t('device.token')} value={token} testId="device-token" />
      <h3 className={classes['howTitle']}>{t('device.how')}</h3>
      {all.length > 1 && (
        <SegmentedControl
          aria-label={t('device.how')}
          value={String(chosen)}
          onChange={(value) => setChosen(Number(value))}
          data={all.map((s, i) => ({ value: String(i), label: t(`device.program.${s.program}.${s.way}`) }))}
          className={classes['programs'] ?? ''}
        />
      )}
      {setup && <How setup={setup} />}
    </>
  );
}

function How({ setup: { program, way, command } }: { setup: Setup }): ReactElement {
  const { t } = useTranslation('meeting');
  return (
    <div className={classes['stack']}>
      <p className={classes['how']}>{t(`device.steps.${program}.${way}`)}</p>
      {command && <Line label={t('device.command')} value={command} testId="device-command" />}
    </div>
  );
}

function Line({ label, value, testId }: { label: string; value: string; testId: string }): ReactElement {
  const { t } = useTranslation('meeting');
  return (
    <div className={classes['line']}>
      <div className={classes['lineHead']}>
        <span className={classes['lineLabel']}>{label}</span>
        <CopyButton value={value} timeout={3000}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              size="xs"
              leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
              onClick={copy}
              aria-label={t('device.copyOf', { what: label })}
            >
              {t(copied ? 'device.copied' : 'device.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
      <pre className={classes['code']} data-testid={testId}>
        {value}
      </pre>
    </div>
  );
}
