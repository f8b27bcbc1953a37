import { Button } from '@mantine/core';
import { IconAlertTriangleFilled, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { browserOf, systemOf } from '../logic/browser';
import type { DeviceProblem } from '../logic/devices';
import classes from './PreJoin.module.css';

/** Says what is wrong with camera or microphone and how to mend it. */
export function DeviceNote({
  kind,
  problem,
  onRetry,
}: {
  kind: 'mic' | 'camera';
  problem: DeviceProblem;
  onRetry: () => void;
}) {
  const { t } = useTranslation('room');
  return (
    <div className={classes['problem']} role="alert">
      <IconAlertTriangleFilled size={18} aria-hidden />
      <div>
        <b>{t(`problem.${problem}.${kind}`)}</b>
        <Mend problem={problem} />
        {problem !== 'insecure' && (
          <Button
            className={classes['retry'] ?? ''}
            variant="default"
            size="xs"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={onRetry}
          >
            {t('problem.retry')}
          </Button>
        )}
      </div>
    </div>
  );
}

// What to press: a refusal is mended in the browser, a block of the system in its settings.
function Mend({ problem }: { problem: DeviceProblem }) {
  const { t } = useTranslation('room');
  const origin = window.location.host;
  const { userAgent, maxTouchPoints } = navigator;
  if (problem === 'refused') return <div>{t(`permit.${browserOf(userAgent, maxTouchPoints)}`, { origin })}</div>;
  if (problem === 'system') return <div>{t(`permitSystem.${systemOf(userAgent, maxTouchPoints)}`)}</div>;
  return <div>{t(`problem.${problem}.mend`, { origin })}</div>;
}
