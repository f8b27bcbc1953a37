import {
  IconDoorExit,
  IconLayoutGrid,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerStopFilled,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import type { Layout } from '../logic/layout';
import classes from './Controls.module.css';

export interface ControlsProps {
  name: string;
  role: string;
  mic: boolean;
  camera: boolean;
  /** Sound and picture can be switched. */
  media: boolean;
  layout: Layout;
  phone: boolean;
  onMic: () => void;
  onCamera: () => void;
  onLayout: () => void;
  onLeave: () => void;
  /** Only for those who may close the session. */
  onClose: (() => void) | undefined;
}

/** The bar at the bottom of the room. The word on a button is what a press does. */
export function Controls(props: ControlsProps) {
  const { t } = useTranslation('room');
  const { mic, camera, phone } = props;
  return (
    <div className={classes['bar']} role="toolbar" aria-label={t('controls.label')}>
      <div className={classes['me']}>
        <PersonAvatar name={props.name} chair={props.role === 'chair'} />
        <div>
          <div className={classes['name']}>{props.name}</div>
          <div className={cx(classes['role'], props.role === 'chair' && classes['chair'])}>
            {t(`role.${props.role}`)}
          </div>
        </div>
      </div>
      <div className={classes['middle']}>
        <button
          type="button"
          className={cx(classes['control'], !mic && classes['off'])}
          disabled={!props.media}
          aria-keyshortcuts="M"
          title={t('controls.micKey')}
          onClick={props.onMic}
        >
          {mic ? (
            <IconMicrophone size={22} stroke={1.7} aria-hidden />
          ) : (
            <IconMicrophoneOff size={22} stroke={1.7} aria-hidden />
          )}
          {t(mic ? 'controls.micOff' : 'controls.micOn')}
        </button>
        <button
          type="button"
          className={cx(classes['control'], camera && classes['on'])}
          disabled={!props.media}
          aria-keyshortcuts="C"
          title={t('controls.cameraKey')}
          onClick={props.onCamera}
        >
          {camera ? (
            <IconVideo size={22} stroke={1.7} aria-hidden />
          ) : (
            <IconVideoOff size={22} stroke={1.7} aria-hidden />
          )}
          {t(camera ? 'controls.cameraOff' : 'controls.cameraOn')}
        </button>
        {!phone && (
          <button
            type="button"
            className={classes['control']}
            aria-keyshortcuts="L"
            title={t('controls.layoutKey')}
            aria-label={t('controls.layoutLabel', { layout: t(`layout.${props.layout}`) })}
            onClick={props.onLayout}
          >
            <IconLayoutGrid size={22} stroke={1.7} aria-hidden />
            {t(`layout.${props.layout}`)}
          </button>
        )}
        {phone && <End {...props} />}
      </div>
      {!phone && (
        <div className={classes['end']}>
          <End {...props} />
        </div>
      )}
    </div>
  );
}

function End({ onLeave, onClose }: ControlsProps) {
  const { t } = useTranslation('room');
  return (
    <>
      <button type="button" className={cx(classes['control'], classes['leave'])} onClick={onLeave}>
        <IconDoorExit size={22} stroke={1.7} aria-hidden />
        {t('controls.leave')}
      </button>
      {onClose && (
        <button type="button" className={cx(classes['control'], classes['close'])} onClick={onClose}>
          <IconPlayerStopFilled size={20} aria-hidden />
          {t('controls.close')}
        </button>
      )}
    </>
  );
}
