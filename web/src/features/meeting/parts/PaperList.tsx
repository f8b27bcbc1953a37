import { ActionIcon, Button, Menu, Progress } from '@mantine/core';
import {
  IconDotsVertical,
  IconFileAlert,
  IconFilePlus,
  IconFileText,
  IconHistory,
  IconTrash,
} from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { useProblem } from '../../../ui/useProblem';
import { type UploadItem, useUploads } from '../../../ui/useUploads';
import { useAddPaper, useRemovePaper, useReplacePaper } from '../api/commands';
import { useMeetingTime } from '../logic/useMeetingTime';
import type { AgendaItem, Paper } from '../types';
import classes from './PaperList.module.css';

interface Props {
  item: AgendaItem;
  editable: boolean;
  onOpen: (paperId: string) => void;
}

/** Papers of an agenda item, with those on their way; the secretary adds, replaces and removes. */
export function PaperList({ item, editable, onOpen }: Props) {
  const { t } = useTranslation('meeting');
  const uploads = useUploads();
  const add = useAddPaper(item.id);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div>
      {(item.papers.length > 0 || uploads.items.length > 0) && (
        <ul className={classes['list']} aria-label={t('paper.listOf', { title: item.title })}>
          {item.papers.map((paper) => (
            <PaperRow key={paper.id} paper={paper} editable={editable} onOpen={() => onOpen(paper.id)} />
          ))}
          {uploads.items.map((upload) => (
            <UploadRow key={upload.key} upload={upload} onCancel={() => uploads.remove(upload.key)} />
          ))}
        </ul>
      )}
      {editable && (
        <>
          {item.papers.length === 0 && uploads.items.length === 0 && (
            <div className={classes['paper']}>
              <IconFileAlert size={17} stroke={1.6} color="var(--red)" aria-hidden />
              <span className={classes['missing']}>{t('paper.missing')}</span>
            </div>
          )}
          <button
            type="button"
            className={classes['add']}
            aria-label={t('paper.addTo', { title: item.title })}
            onClick={() => input.current?.click()}
          >
            <IconFilePlus size={16} stroke={1.7} aria-hidden />
            {t('paper.add')}
          </button>
          <input
            ref={input}
            type="file"
            accept="application/pdf,.pdf"
            multiple
            hidden
            aria-label={t('paper.addTo', { title: item.title })}
            data-testid="paper-input"
            onChange={(event) => {
              for (const file of Array.from(event.currentTarget.files ?? [])) {
                uploads.add([file], (uploadId) => add.mutateAsync({ uploadId, name: withoutExtension(file.name) }));
              }
              event.currentTarget.value = '';
            }}
          />
        </>
      )}
    </div>
  );
}

function withoutExtension(name: string): string {
  return name.replace(/\.pdf$/i, '');
}

function PaperRow({ paper, editable, onOpen }: { paper: Paper; editable: boolean; onOpen: () => void }) {
  const { t } = useTranslation('meeting');
  const time = useMeetingTime();
  const uploads = useUploads();
  const [removing, setRemoving] = useState(false);
  const replace = useReplacePaper(paper.id, () => undefined);
  const remove = useRemovePaper(() => setRemoving(false));
  const input = useRef<HTMLInputElement>(null);
  return (
    <li>
      <div className={classes['paper']}>
        <IconFileText size={17} stroke={1.6} className={classes['icon']} aria-hidden />
        <button type="button" className={classes['name']} onClick={onOpen}>
          {paper.name}
        </button>
        <span className={classes['revision']}>{t('paper.revision', { n: paper.revision })}</span>
        <span className={classes['meta']}>
          {paper.added_by_name} · {time.at(paper.added_at)} · {sizeText(paper.size)}
        </span>
        <span className={classes['grow']} />
        {editable && (
          <Menu position="bottom-end" width={200}>
            <Menu.Target>
              <ActionIcon
                className={classes['menu'] ?? ''}
                size={28}
                aria-label={t('paper.menu', { name: paper.name })}
              >
                <IconDotsVertical size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconHistory size={16} aria-hidden />} onClick={() => input.current?.click()}>
                {t('paper.replace')}
              </Menu.Item>
              <Menu.Item
                color="var(--red)"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => setRemoving(true)}
              >
                {t('paper.remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
        <input
          ref={input}
          type="file"
          accept="application/pdf,.pdf"
          hidden
          aria-label={t('paper.replaceOf', { name: paper.name })}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) uploads.add([file], (uploadId) => replace.mutateAsync(uploadId));
            event.currentTarget.value = '';
          }}
        />
      </div>
      {uploads.items.map((upload) => (
        <UploadRow key={upload.key} upload={upload} onCancel={() => uploads.remove(upload.key)} />
      ))}
      <ConfirmDialog
        opened={removing}
        danger
        title={t('paper.removeTitle')}
        verb={t('paper.remove')}
        pending={remove.isPending}
        error={remove.error}
        onClose={() => setRemoving(false)}
        onConfirm={() => remove.mutate(paper.id)}
      >
        <p>{t('paper.removeText', { name: paper.name })}</p>
      </ConfirmDialog>
    </li>
  );
}

/** "1,4 MB" */
export function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} kB`;
  return `${(bytes / (1024 * 1024)).toFixed(1).replace('.', ',')} MB`;
}

function UploadRow({ upload, onCancel }: { upload: UploadItem; onCancel: () => void }) {
  const { t } = useTranslation('meeting');
  const problem = useProblem();
  const { progress, error, name } = upload;
  const percent = progress && progress.size > 0 ? Math.floor((progress.sent / progress.size) * 100) : 0;
  const words = error ? problem(error) : null;
  return (
    <div className={classes['paper']} data-testid="upload">
      <IconFileText size={17} stroke={1.6} className={classes['icon']} aria-hidden />
      <span>{name}</span>
      {words ? (
        <span className={classes['failed']} role="alert">
          {words.title} {words.advice}
        </span>
      ) : (
        <>
          <Progress
            className={classes['progress'] ?? ''}
            value={percent}
            size={7}
            aria-label={t('paper.uploading', { name })}
          />
          <span className={classes['meta']}>{t(`paper.phase.${progress?.phase ?? 'sending'}`, { percent })}</span>
        </>
      )}
      <Button variant="default" size="xs" onClick={onCancel}>
        {t(error ? 'paper.dismiss' : 'paper.cancel')}
      </Button>
    </div>
  );
}
