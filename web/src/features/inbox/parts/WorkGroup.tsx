import { Button } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconArrowBackUp,
  IconCalendarQuestion,
  IconCertificate,
  IconClock,
  IconFlame,
  IconHash,
  IconInbox,
  IconRubberStamp,
  IconSend,
  IconSendOff,
  IconSignature,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { whenShort } from '../../../lib/dates';
import type { WorkItem } from '../../../shared/work/api';
import { DueMark } from '../../../ui/DueMark';
import { UrgencyMark } from '../../../ui/UrgencyMark';
import type { Group } from '../logic/groups';
import styles from './Home.module.css';
import { WorkLink } from './WorkLink';

const icons: Record<WorkItem['kind'], TablerIcon> = {
  sign: IconSignature,
  number: IconHash,
  seal: IconRubberStamp,
  send: IconSend,
  returned: IconArrowBackUp,
  accept: IconInbox,
  failed_delivery: IconSendOff,
  answer_invitation: IconCalendarQuestion,
  certificate_expires: IconCertificate,
};

/** One group of the work list, with its rows. */
export function WorkGroup({ group, now }: { group: Group; now: Date }): ReactElement {
  const { t } = useTranslation('inbox');
  return (
    <section className={styles['group']} aria-labelledby={`group-${group.key}`}>
      <h2 id={`group-${group.key}`} className={cx(styles['groupHead'], styles[group.key])}>
        {group.key === 'immediate' && <IconFlame size={17} stroke={1.8} aria-hidden="true" />}
        {group.key === 'late' && <IconAlertTriangleFilled size={16} aria-hidden="true" />}
        {group.key === 'today' && <IconClock size={16} aria-hidden="true" />}
        {t(`group.${group.key}`)}
        <span className={styles['groupCount']}>{group.items.length}</span>
      </h2>
      <ul className={styles['rows']}>
        {group.items.map((item) => (
          <Row key={`${item.kind}-${item.object_id}`} item={item} now={now} first={group.key === 'immediate'} />
        ))}
      </ul>
    </section>
  );
}

function Row({ item, now, first }: { item: WorkItem; now: Date; first: boolean }): ReactElement {
  const { t } = useTranslation('inbox');
  const Icon = icons[item.kind];
  return (
    <li className={cx(styles['row'], first && styles['rowFirst'])}>
      <span className={styles['verb']}>
        <span className={styles['tile']}>
          <Icon size={17} stroke={1.6} aria-hidden="true" />
        </span>
        {t(`kind.${item.kind}`)}
      </span>
      <span className={styles['what']}>
        <span className={styles['title']}>
          <UrgencyMark urgency={item.urgency} /> {item.title}
        </span>
        <span className={styles['meta']}>
          {item.code && <strong>{item.code}</strong>}
          {item.code && item.meta && ' · '}
          {item.meta}
        </span>
      </span>
      <span className={styles['due']}>
        {item.due_at ? (
          <DueMark at={item.due_at} now={now} />
        ) : (
          <span className={styles['since']}>{t('since', { time: whenShort(item.since, now) })}</span>
        )}
      </span>
      <span className={styles['act']}>
        <Button
          fullWidth
          variant={first ? 'filled' : 'default'}
          aria-label={t('openNamed', { act: t(`act.${item.kind}`), title: item.title })}
          renderRoot={(props) => <WorkLink item={item} {...props} />}
        >
          {t(`act.${item.kind}`)}
        </Button>
      </span>
    </li>
  );
}
