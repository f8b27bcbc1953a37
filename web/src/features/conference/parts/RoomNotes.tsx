import { Button } from '@mantine/core';
import { IconAlertTriangleFilled, IconCloudOff, IconMicrophoneOff, IconVolumeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { deviceProblem } from '../logic/devices';
import type { RoomState } from '../room/types';
import classes from './RoomNotes.module.css';

interface Props {
  state: RoomState;
  /** The line has been broken for a few seconds. */
  lost: boolean;
  /** The browser plays no sound before a press. */
  silent: boolean;
  onSound: () => void;
}

/** Lines above the stage that say what does not work, and that everything else goes on. */
export function RoomNotes({ state, lost, silent, onSound }: Props) {
  const { t } = useTranslation('room');
  return (
    <div className={classes['notes']}>
      {lost && (
        <div className={cx(classes['note'], classes['red'])} role="alert">
          <IconCloudOff size={18} aria-hidden />
          <span className={classes['text']}>{t('note.lost')}</span>
        </div>
      )}
      {!lost && state.media === 'failed' && (
        <div className={classes['note']} role="status" data-testid="media-failed">
          <IconAlertTriangleFilled size={18} aria-hidden />
          <span className={classes['text']}>{t('note.mediaFailed')}</span>
        </div>
      )}
      {state.deviceError && (
        <div className={classes['note']} role="alert">
          <IconAlertTriangleFilled size={18} aria-hidden />
          <span className={classes['text']}>
            {t(`problem.${deviceProblem(state.deviceError.error)}.${state.deviceError.kind}`)}{' '}
            {t(`problem.${deviceProblem(state.deviceError.error)}.mend`, { origin: window.location.host })}
          </span>
        </div>
      )}
      {state.mutedBy && (
        <div className={classes['note']} role="status">
          <IconMicrophoneOff size={18} aria-hidden />
          <span className={classes['text']}>{t('note.muted', { name: state.mutedBy })}</span>
        </div>
      )}
      {silent && (
        <div className={classes['note']} role="alert">
          <IconVolumeOff size={18} aria-hidden />
          <span className={classes['text']}>{t('note.silent')}</span>
          <Button size="xs" onClick={onSound}>
            {t('note.sound')}
          </Button>
        </div>
      )}
    </div>
  );
}
