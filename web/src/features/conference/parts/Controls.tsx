import {
  IconDoorExit,
  IconHandOff,
  IconLayoutGrid,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerStopFilled,
  IconScreenShare,
  IconScreenShareOff,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { PersonAvatar } from '../../../ui/PersonAvatar';
import type { Layout } from '../logic/layout';
import type { RoomState } from '../room/types';
import type { FloorDesk } from '../room/useFloor';
import { AskControl } from './AskControl';
import { ControlButton } from './ControlButton';
import classes from './Controls.module.css';

export interface ControlsProps {
  name: string;
  role: string;
  state: Pick<RoomState, 'mic' | 'camera' | 'screen' | 'rights'>;
  /** Sound and picture can be switched. */
  media: boolean;
  layout: Layout;
  phone: boolean;
  desk: FloorDesk;
  /** The form to ask for the floor is open. */
  asking: boolean;
  onAsking: (asking: boolean) => void;
  onMic: () => void;
  onCamera: () => void;
  /** Undefined where no screen can be shown from. */
  onShare: (() => void) | undefined;
  onLayout: () => void;
  onMuteAll: () => void;
  onLowerAll: () => void;
  onLeave: () => void;
  /** Only for those who may close the session. */
  onClose: (() => void) | undefined;
}

/** The bar at the bottom of the room. The word on a button is what a press does. */
export function Controls(props: ControlsProps) {
  const { t } = useTranslation('room');
  const { role, phone, desk } = props;
  return (
    <div className={classes['bar']} role="toolbar" aria-label={t('controls.label')}>
      <div className={classes['me']}>
        <PersonAvatar name={props.name} chair={role === 'chair'} />
        <div className={classes['meText']}>
          <div className={classes['name']}>{props.name}</div>
          <div className={cx(classes['role'], role === 'chair' && classes['chair'])}>{t(`ownRole.${role}`)}</div>
        </div>
      </div>
      <div className={classes['middle']}>
        {desk.powers.watches ? (
          <span className={classes['watches']}>{t('controls.watches')}</span>
        ) : (
          <Devices {...props} />
        )}
        {desk.powers.asks && <AskControl desk={desk} phone={phone} opened={props.asking} onOpened={props.onAsking} />}
        {!phone && <Conduct {...props} />}
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

function Devices({ state: { mic, camera, screen, rights }, media, onMic, onCamera, onShare }: ControlsProps) {
  const { t } = useTranslation('room');
  return (
    <>
      {rights.mic || mic ? (
        <ControlButton
          Icon={mic ? IconMicrophone : IconMicrophoneOff}
          tone={mic ? undefined : 'off'}
          disabled={!media}
          shortcut="M"
          title={t('controls.micKey')}
          onClick={onMic}
        >
          {t(mic ? 'controls.micOff' : 'controls.micOn')}
        </ControlButton>
      ) : (
        <ControlButton Icon={IconMicrophoneOff} disabled title={t('controls.micWaitsHint')} onClick={onMic}>
          {t('controls.micWaits')}
        </ControlButton>
      )}
      <ControlButton
        Icon={camera ? IconVideo : IconVideoOff}
        tone={camera ? 'on' : undefined}
        disabled={!media || !(rights.camera || camera)}
        shortcut="C"
        title={t('controls.cameraKey')}
        onClick={onCamera}
      >
        {t(camera ? 'controls.cameraOff' : 'controls.cameraOn')}
      </ControlButton>
      {onShare && (
        <ControlButton
          Icon={screen ? IconScreenShareOff : IconScreenShare}
          tone={screen ? 'on' : undefined}
          disabled={!media || !(rights.screen || screen)}
          shortcut="S"
          title={t(rights.screen || screen ? 'controls.shareKey' : 'controls.shareWaits')}
          onClick={onShare}
        >
          {t(screen ? 'controls.shareOff' : 'controls.share')}
        </ControlButton>
      )}
    </>
  );
}

// What concerns everybody, for those who lead; and the layout of one's own page.
function Conduct({ desk, layout, media, onLowerAll, onMuteAll, onLayout }: ControlsProps) {
  const { t } = useTranslation('room');
  return (
    <>
      {desk.powers.leads && (
        <>
          <ControlButton Icon={IconHandOff} disabled={desk.waiting.length === 0} onClick={onLowerAll}>
            {t('controls.lowerAll')}
          </ControlButton>
          <span className={classes['gap']} />
          <ControlButton Icon={IconMicrophoneOff} disabled={!media} onClick={onMuteAll}>
            {t('controls.muteAll')}
          </ControlButton>
        </>
      )}
      <ControlButton
        Icon={IconLayoutGrid}
        shortcut="L"
        title={t('controls.layoutKey')}
        label={t('controls.layoutLabel', { layout: t(`layout.${layout}`) })}
        onClick={onLayout}
      >
        {t(`layout.${layout}`)}
      </ControlButton>
    </>
  );
}

function End({ onLeave, onClose }: ControlsProps) {
  const { t } = useTranslation('room');
  return (
    <>
      <ControlButton Icon={IconDoorExit} tone="leave" onClick={onLeave}>
        {t('controls.leave')}
      </ControlButton>
      {onClose && (
        <ControlButton Icon={IconPlayerStopFilled} tone="close" onClick={onClose}>
          {t('controls.close')}
        </ControlButton>
      )}
    </>
  );
}
