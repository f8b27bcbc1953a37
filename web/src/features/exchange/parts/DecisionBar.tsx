import { Button, Menu } from '@mantine/core';
import { IconCheck, IconDots, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemNote } from '../../../ui/ErrorState';
import type { DeliveryDetail } from '../api/deliveries';
import type { Decision } from '../logic/useDecision';
import styles from './Delivery.module.css';

/** The decision where the panel has no place: a bar at the bottom. */
export function DecisionBar({ detail, decision }: { detail: DeliveryDetail; decision: Decision }): ReactElement | null {
  const { t } = useTranslation('exchange');
  const { delivery, can } = detail;
  if (can.length === 0) return null;
  return (
    <div className={styles['bar']}>
      <ProblemNote error={decision.errorOf(delivery.id)} />
      <div className={styles['barButtons']}>
        {can.includes('accept') && (
          <Button
            size="lg"
            className={styles['grow'] ?? ''}
            leftSection={<IconCheck size={18} />}
            loading={decision.pending}
            onClick={() => decision.accept(delivery)}
          >
            {t('accept', { number: detail.suggested_arrival_number })}
          </Button>
        )}
        {can.includes('refuse') && (
          <Menu position="top-end">
            <Menu.Target>
              <Button size="lg" variant="default" leftSection={<IconDots size={18} />}>
                {t('other')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="son" leftSection={<IconX size={17} />} onClick={() => decision.askReason(delivery)}>
                {t('refuse')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
    </div>
  );
}
