import { ActionIcon, Button, FileButton, Progress } from '@mantine/core';
import { IconCheck, IconFileText, IconRefresh, IconUpload, IconX } from '@tabler/icons-react';
import { type DragEvent, type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../lib/cx';
import { fileSize } from '../lib/sizes';
import { ProblemNote } from './ErrorState';
import styles from './UploadField.module.css';
import type { UploadItem, Uploads } from './useUploads';

interface Props {
  label: string;
  hint?: string;
  /** The word on the button, where the files are no PDF. */
  choose?: string;
  uploads: Uploads;
  accept?: string;
  multiple?: boolean;
  error?: ReactNode;
  /** What stands before the name, such as the choice of the main file. */
  mark?: (item: UploadItem, index: number) => ReactNode;
}

/** Files to upload: chosen or dropped, with progress, cancelling and trying again. */
export function UploadField({
  label,
  hint,
  choose,
  uploads,
  accept = 'application/pdf',
  multiple = true,
  error,
  mark,
}: Props): ReactElement {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    uploads.add([...event.dataTransfer.files].slice(0, multiple ? undefined : 1));
  };
  const full = !multiple && uploads.items.length > 0;
  return (
    <fieldset className={styles['field']}>
      <legend className={styles['label']}>{label}</legend>
      {uploads.items.length > 0 && (
        <ul className={styles['files']}>
          {uploads.items.map((item, index) => (
            <FileRow key={item.key} item={item} uploads={uploads} mark={mark?.(item, index)} />
          ))}
        </ul>
      )}
      {!full && (
        // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the button
        <div
          className={cx(styles['drop'], over && styles['over'])}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <FileButton
            onChange={(chosen: File | File[] | null) => uploads.add(chosen === null ? [] : [chosen].flat())}
            accept={accept}
            multiple={multiple}
            inputProps={{ 'aria-label': label }}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconUpload size={17} />}>
                {uploads.items.length > 0 ? t('upload.addMore') : (choose ?? t('upload.choose'))}
              </Button>
            )}
          </FileButton>
          <span className={styles['hint']}>{hint ?? t('upload.hint')}</span>
        </div>
      )}
      {error && (
        <p className={styles['error']} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

function FileRow({ item, uploads, mark }: { item: UploadItem; uploads: Uploads; mark: ReactNode }): ReactElement {
  const { t, i18n } = useTranslation();
  const { progress } = item;
  const percent = progress && progress.size > 0 ? Math.floor((progress.sent / progress.size) * 100) : 0;
  return (
    <li className={styles['file']}>
      <IconFileText className={styles['icon']} size={20} stroke={1.6} aria-hidden="true" />
      <div className={styles['fileBody']}>
        <span className={styles['name']}>{item.name}</span>
        <span className={styles['meta']} aria-live="polite">
          {fileSize(item.size, i18n.language)}
          {item.state === 'busy' && ` · ${t(`upload.${progress?.phase ?? 'sending'}`, { percent })}`}
        </span>
        {item.state === 'busy' && (
          <Progress
            value={progress?.phase === 'checking' ? 100 : percent}
            size={4}
            aria-label={t('upload.progress', { name: item.name })}
          />
        )}
        {item.state === 'failed' && <ProblemNote error={item.error} />}
      </div>
      {item.state === 'done' && mark}
      {item.state === 'done' && (
        <IconCheck className={styles['done']} size={18} role="img" aria-label={t('upload.done', { name: item.name })} />
      )}
      {item.state === 'failed' && (
        <ActionIcon aria-label={t('upload.retry', { name: item.name })} onClick={() => uploads.retry(item.key)}>
          <IconRefresh size={18} />
        </ActionIcon>
      )}
      <ActionIcon
        aria-label={
          item.state === 'busy' ? t('upload.cancel', { name: item.name }) : t('upload.remove', { name: item.name })
        }
        onClick={() => uploads.remove(item.key)}
      >
        <IconX size={18} />
      </ActionIcon>
    </li>
  );
}
