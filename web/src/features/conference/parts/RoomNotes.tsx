import {
  IconAlertTriangleFilled,
  IconCloudOff,
  IconDevices,
  IconMicrophone,
  IconMicrophoneOff,
  IconScreenShareOff,
  IconVolumeOff,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { deviceProblem } from '../logic/devices';
import type { RoomState } from '../room/types';
import { NoteLine } from './NoteLine';
import classes from './RoomNotes.module.css';
import { StageNote } from './StageNote';

interface Props {
  state: RoomState;
  /** This device plays no sound, because another one of the person does. */
  quiet: boolean;
  /** The browser plays no sound before a press. */
  silent: boolean;
  onSound: () => void;
  onLoud: () => void;
  /** Turns the microphone on, or opens it anew. */
  onMic: () => void;
}

/** Lines above the stage that say what does not work, and that everything else goes on. */
export function RoomNotes({ state, quiet, silent, onSound, onLoud, onMic }: Props) {
  const { t } = useTranslation('room');
  const { loss, micTrouble, deviceError, mutedBy, screenEndedBy, joinedMuted } = state;
  const device = deviceError && deviceProblem(deviceError.error);
  return (
    <div className={classes['notes']}>
      {loss !== 'none' && (
        <NoteLine Icon={IconCloudOff} red testId="cut-off">
          {t(`note.loss.${loss}`)}
        </NoteLine>
      )}
      {loss === 'none' && state.media === 'failed' && (
        <NoteLine Icon={IconAlertTriangleFilled} testId="media-failed">
          {t('note.mediaFailed')}
        </NoteLine>
      )}
      {loss === 'none' && state.media !== 'failed' && <StageNote stage={state.stage} />}
      {deviceError && (
        <NoteLine Icon={IconAlertTriangleFilled} urgent>
          {t(`problem.${device}.${deviceError.kind}`)} {t(`problem.${device}.mend`, { origin: window.location.host })}
        </NoteLine>
      )}
      {micTrouble && (
        <NoteLine
          Icon={micTrouble === 'talking_muted' ? IconMicrophoneOff : IconMicrophone}
          testId="mic-trouble"
          {...(micTrouble === 'gone' || micTrouble === 'talking_muted'
            ? { verb: t(micTrouble === 'gone' ? 'note.openMic' : 'controls.micOn'), onPress: onMic }
            : {})}
        >
          {t(`note.mic.${micTrouble}`)}
        </NoteLine>
      )}
      {mutedBy && <NoteLine Icon={IconMicrophoneOff}>{t('note.muted', { name: mutedBy })}</NoteLine>}
      {joinedMuted && <NoteLine Icon={IconMicrophoneOff}>{t('note.joinedMuted')}</NoteLine>}
      {screenEndedBy && <NoteLine Icon={IconScreenShareOff}>{t('note.screenEnded', { name: screenEndedBy })}</NoteLine>}
      {quiet && (
        <NoteLine Icon={IconDevices} verb={t('note.loud')} onPress={onLoud} testId="quiet">
          {t('note.quiet')}
        </NoteLine>
      )}
      {silent && (
        <NoteLine Icon={IconVolumeOff} urgent verb={t('note.sound')} onPress={onSound}>
          {t('note.silent')}
        </NoteLine>
      )}
    </div>
  );
}
