import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../../ui/ConfirmDialog';
import { QueryState } from '../../../ui/QueryState';
import { type Holder, pictureQuery, useRemovePicture } from '../api/images';
import classes from './Picture.module.css';
import { PictureForm } from './PictureForm';
import { PictureView } from './PictureView';

/** The picture of a seal or a signature that is kept now, and how it is replaced or taken away. */
export function PicturePart({ holder, editable }: { holder: Holder; editable: boolean }): ReactElement {
  const { t } = useTranslation('org');
  const { kind, name } = holder;
  const picture = useQuery(pictureQuery(holder));
  const [open, setOpen] = useState<'set' | 'remove' | null>(null);
  const close = () => setOpen(null);
  const remove = useRemovePicture(holder, close);
  return (
    <div className={classes['body']}>
      {picture.data === undefined && <QueryState query={picture} />}
      {picture.data === null && <p className={classes['none']}>{t(`image.${kind}.none`)}</p>}
      {picture.data && <PictureView picture={picture.data} label={t(`image.${kind}.of`, { name })} />}
      {editable && picture.data !== undefined && (
        <div className={classes['buttons']}>
          <Button variant="default" size="xs" onClick={() => setOpen('set')}>
            {picture.data ? t('image.replace') : t('image.set')}
          </Button>
          {picture.data && (
            <Button variant="danger" size="xs" onClick={() => setOpen('remove')}>
              {t('image.remove')}
            </Button>
          )}
        </div>
      )}
      {open === 'set' && <PictureForm holder={holder} onClose={close} />}
      <ConfirmDialog
        opened={open === 'remove'}
        danger
        title={t(`image.${kind}.removeTitle`)}
        verb={t('image.remove')}
        pending={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => remove.mutate(null)}
      >
        <p>{t('image.removeText', { name })}</p>
      </ConfirmDialog>
    </div>
  );
}
