import { Button } from '@mantine/core';
import { IconAlertTriangleFilled, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
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
        <div>{t(`problem.${problem}.mend`, { origin: window.location.host })}</div>
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
