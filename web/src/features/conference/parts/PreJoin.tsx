import { Button, NativeSelect } from '@mantine/core';
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff, IconVolume } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoomMeeting } from '../api/room';
import { type JoinChoice, storedChoice } from '../logic/devices';
import { playTone } from '../logic/tone';
import { useDevices } from '../logic/useDevices';
import { usePreview } from '../logic/usePreview';
import { DeviceNote } from './DeviceNote';
import { LiveVideo } from './LiveVideo';
import { MicMeter } from './MicMeter';
import classes from './PreJoin.module.css';

/** The check before the room: picture, microphone, loudspeaker, each with what to do when it does not work. */
export function PreJoin({ meeting, onEnter }: { meeting: RoomMeeting; onEnter: (choice: JoinChoice) => void }) {
  const { t } = useTranslation('room');
  const [choice, setChoice] = useState<JoinChoice>(storedChoice);
  const [attempt, setAttempt] = useState(0);
  const set = (change: Partial<JoinChoice>) => setChoice((before) => ({ ...before, ...change }));

  const camera = usePreview('video', choice.camera, choice.cameraId, attempt);
  const mic = usePreview('audio', choice.mic, choice.micId, attempt);
  const devices = useDevices(camera.stream !== null || mic.stream !== null);
  useEffect(() => {
    document.title = `${t('prejoin.title')} · Nghị Sự`;
  }, [t]);

  const may = meeting.can.includes('join');
  const enter = () =>
    onEnter({
      ...choice,
      mic: choice.mic && mic.problem === null,
      camera: choice.camera && camera.problem === null,
    });
  const retry = () => setAttempt((n) => n + 1);

  return (
    <main className={classes['page']}>
      <header className={classes['head']}>
        <h1 className={classes['title']}>{meeting.title}</h1>
        <p className={classes['meta']}>{t('prejoin.lead')}</p>
      </header>
      <section aria-label={t('prejoin.preview')}>
        <div className={classes['frame']}>
          {camera.stream ? (
            <LiveVideo stream={camera.stream} className={classes['video']} participant="self" testId="preview-video" />
          ) : (
            <div className={classes['off']}>
              <IconVideoOff size={36} stroke={1.4} aria-hidden />
              {t(camera.asking ? 'prejoin.asking' : camera.problem ? 'prejoin.noPicture' : 'prejoin.cameraOff')}
            </div>
          )}
        </div>
        <div className={classes['toggles']}>
          <Button
            variant={choice.mic ? 'default' : 'danger'}
            size="md"
            leftSection={
              choice.mic ? <IconMicrophone size={19} aria-hidden /> : <IconMicrophoneOff size={19} aria-hidden />
            }
            onClick={() => set({ mic: !choice.mic })}
          >
            {t(choice.mic ? 'controls.micOff' : 'controls.micOn')}
          </Button>
          <Button
            variant={choice.camera ? 'default' : 'danger'}
            size="md"
            leftSection={choice.camera ? <IconVideo size={19} aria-hidden /> : <IconVideoOff size={19} aria-hidden />}
            onClick={() => set({ camera: !choice.camera })}
          >
            {t(choice.camera ? 'controls.cameraOff' : 'controls.cameraOn')}
          </Button>
        </div>
      </section>
      <section className={classes['panel']} aria-label={t('prejoin.devices')}>
        {camera.problem && <DeviceNote kind="camera" problem={camera.problem} onRetry={retry} />}
        {mic.problem && mic.problem !== camera.problem && (
          <DeviceNote kind="mic" problem={mic.problem} onRetry={retry} />
        )}
        {devices.known && devices.cameras.length === 0 && devices.mics.length === 0 && (
          <p className={classes['note']}>{t('prejoin.noDevices')}</p>
        )}
        <NativeSelect
          label={t('prejoin.camera')}
          disabled={devices.cameras.length === 0}
          value={choice.cameraId}
          onChange={(event) => set({ cameraId: event.currentTarget.value })}
          data={options(devices.cameras, t('prejoin.usual'))}
        />
        <div className={classes['field']}>
          <NativeSelect
            label={t('prejoin.mic')}
            disabled={devices.mics.length === 0}
            value={choice.micId}
            onChange={(event) => set({ micId: event.currentTarget.value })}
            data={options(devices.mics, t('prejoin.usual'))}
          />
          <MicMeter stream={mic.stream} />
          <span className={classes['note']}>{t('prejoin.speak')}</span>
        </div>
        <div className={classes['speaker']}>
          <NativeSelect
            label={t('prejoin.speaker')}
            disabled={devices.speakers.length === 0}
            value={choice.speakerId}
            onChange={(event) => set({ speakerId: event.currentTarget.value })}
            data={options(devices.speakers, t('prejoin.usual'))}
          />
          <SpeakerTest speakerId={choice.speakerId} />
        </div>
        <Button size="lg" fullWidth disabled={!may} onClick={enter}>
          {t(mic.problem || camera.problem ? 'prejoin.enterWithout' : 'prejoin.enter')}
        </Button>
        <p className={classes['note']}>
          {t(may ? 'prejoin.always' : 'prejoin.notYet')}{' '}
          <Link to="/cuoc-hop/$meetingId" params={{ meetingId: meeting.id }}>
            {t('prejoin.back')}
          </Link>{' '}
          · <Link to="/kiem-tra-ket-noi">{t('prejoin.connection')}</Link>
        </p>
      </section>
    </main>
  );
}

function options(devices: MediaDeviceInfo[], usual: string): { value: string; label: string }[] {
  return [
    { value: '', label: usual },
    ...devices
      .filter((device) => device.deviceId !== 'default')
      .map((device, i) => ({ value: device.deviceId, label: device.label || `${usual} ${i + 1}` })),
  ];
}

function SpeakerTest({ speakerId }: { speakerId: string }) {
  const { t } = useTranslation('room');
  const [playing, setPlaying] = useState(false);
  return (
    <Button
      variant="default"
      h={40}
      leftSection={<IconVolume size={18} aria-hidden />}
      disabled={playing}
      onClick={() => {
        setPlaying(true);
        playTone(speakerId)
          .catch(() => undefined)
          .finally(() => setPlaying(false));
      }}
    >
      {t(playing ? 'prejoin.testing' : 'prejoin.test')}
    </Button>
  );
}
