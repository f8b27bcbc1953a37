import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconDotsVertical,
  IconGripVertical,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { move, startTimes } from '../../../lib/agenda';
import { useReorder } from '../../../lib/useReorder';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { ProblemNote } from '../../../ui/ErrorState';
import { useOrderItems, useRemoveItem } from '../api/commands';
import { fromInstant } from '../logic/when';
import type { AgendaItem, Meeting } from '../types';
import classes from './AgendaEditor.module.css';
import { ItemModal } from './ItemModal';
import { PaperList } from './PaperList';

interface Props {
  meeting: Meeting;
  editable: boolean;
  onOpenPaper: (paperId: string) => void;
}

/** The agenda with its papers: order by dragging or Alt + arrows, times computed from the minutes. */
export function AgendaEditor({ meeting, editable, onOpenPaper }: Props) {
  const { t } = useTranslation('meeting');
  const order = useOrderItems(meeting.id);
  const [said, setSaid] = useState('');
  const [editing, setEditing] = useState<AgendaItem | null>(null);
  const [removing, setRemoving] = useState<AgendaItem | null>(null);

  const ids = order.isPending ? order.variables : meeting.items.map((item) => item.id);
  const items = ids.flatMap((id) => meeting.items.find((item) => item.id === id) ?? []);
  const times = startTimes(meeting.starts_at, items);

  const reorder = (from: number, to: number) => {
    const item = items[from];
    if (!item) return;
    order.mutate(move(ids, from, to));
    setSaid(t('agenda.moved', { title: item.title, place: to + 1, total: items.length }));
  };
  const { drag, handle, listRef } = useReorder(items.length, reorder);

  return (
    <>
      <ProblemNote error={order.error} />
      <ol className={classes['list']} ref={listRef} aria-label={t('agenda.title')}>
        {items.map((item, index) => (
          <li
            key={item.id}
            className={rowClass(drag, index, item.id === meeting.current_item_id)}
            data-testid="agenda-item"
          >
            {editable ? (
              <button
                type="button"
                className={classes['handle']}
                aria-label={t('agenda.handle', { place: index + 1, title: item.title })}
                title={t('agenda.handleHint')}
                {...handle(index)}
              >
                <IconGripVertical size={16} aria-hidden />
              </button>
            ) : (
              <span className={classes['gap']} />
            )}
            <div className={classes['when']}>
              <div className={classes['time']}>{times[index] && fromInstant(times[index].toISOString()).time}</div>
              <div className={classes['minutes']}>{t('agenda.minutes', { minutes: item.minutes })}</div>
            </div>
            <div className={classes['body']}>
              <div className={classes['title']}>
                {index + 1}. {item.title}
              </div>
              {item.presenter && <div className={classes['presenterBelow']}>{item.presenter}</div>}
            </div>
            <div className={classes['end']}>
              <div className={classes['presenter']}>{item.presenter}</div>
              {editable && (
                <ItemMenu
                  item={item}
                  onEdit={() => setEditing(item)}
                  onRemove={() => setRemoving(item)}
                  onUp={index > 0 ? () => reorder(index, index - 1) : undefined}
                  onDown={index < items.length - 1 ? () => reorder(index, index + 1) : undefined}
                />
              )}
            </div>
            <div className={classes['papers']}>
              <PaperList item={item} editable={editable} onOpen={onOpenPaper} />
            </div>
          </li>
        ))}
      </ol>
      <div className="visually-hidden" role="status">
        {said}
      </div>
      <ItemModal meetingId={meeting.id} item={editing} opened={editing !== null} onClose={() => setEditing(null)} />
      <RemoveItem item={removing} onClose={() => setRemoving(null)} />
    </>
  );
}

function rowClass(drag: { from: number; to: number } | null, index: number, current: boolean): string {
  const names = [classes['row']];
  if (current) names.push(classes['current']);
  if (drag?.from === index) names.push(classes['dragged']);
  if (drag && drag.to !== drag.from && drag.to === index) {
    names.push(drag.to < drag.from ? classes['dropBefore'] : classes['dropAfter']);
  }
  return names.join(' ');
}

interface MenuProps {
  item: AgendaItem;
  onEdit: () => void;
  onRemove: () => void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
}

function ItemMenu({ item, onEdit, onRemove, onUp, onDown }: MenuProps) {
  const { t } = useTranslation('meeting');
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={t('agenda.menu', { title: item.title })}>
          <IconDotsVertical size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onEdit}>
          {t('agenda.edit')}
        </Menu.Item>
        {onUp && (
          <Menu.Item leftSection={<IconArrowUp size={16} aria-hidden />} onClick={onUp}>
            {t('agenda.up')}
          </Menu.Item>
        )}
        {onDown && (
          <Menu.Item leftSection={<IconArrowDown size={16} aria-hidden />} onClick={onDown}>
            {t('agenda.down')}
          </Menu.Item>
        )}
        <Menu.Item color="var(--red)" leftSection={<IconTrash size={16} aria-hidden />} onClick={onRemove}>
          {t('agenda.remove')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function RemoveItem({ item, onClose }: { item: AgendaItem | null; onClose: () => void }) {
  const { t } = useTranslation('meeting');
  const remove = useRemoveItem(onClose);
  return (
    <ConfirmDialog
      opened={item !== null}
      onClose={onClose}
      title={t('agenda.removeTitle')}
      verb={t('agenda.remove')}
      danger
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => item && remove.mutate(item.id)}
    >
      <p>{t('agenda.removeText', { title: item?.title ?? '', papers: item?.papers.length ?? 0 })}</p>
    </ConfirmDialog>
  );
}
