import { NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { ProblemNote } from '../../../ui/ErrorState';
import { FormDialog } from '../../../ui/FormDialog';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { UploadField } from '../../../ui/UploadField';
import { useUploads } from '../../../ui/useUploads';
import { type Holder, previewQuery, useSetPicture } from '../api/images';
import { fits, inShape, leastMm, mostMm, type Typed, usualSize } from '../logic/realSize';
import classes from './Picture.module.css';
import { PictureView } from './PictureView';

/** Brings a picture of a seal or a signature: what is left of it on transparent ground, in its real size. */
export function PictureForm({ holder, onClose }: { holder: Holder; onClose: () => void }): ReactElement {
  const { t } = useTranslation('org');
  const { kind, name } = holder;
  const uploads = useUploads();
  const uploadId = uploads.items[0]?.uploadId;
  const preview = useQuery(previewQuery(kind, uploadId));
  const pixels = usePixels(preview.data);
  const [typed, setTyped] = useState<{ of: string; size: Typed } | null>(null);
  const save = useSetPicture(holder, onClose);
  const problem = save.error ? asApiError(save.error) : null;
  const size = typed && typed.of === uploadId ? typed.size : pixels && usualSize(kind, pixels);
  const { width, height } = size ?? { width: '', height: '' };
  const label = t(`image.${kind}.of`, { name });
  const side = (key: keyof Typed) => (
    <NumberInput
      label={t(`image.${key}`)}
      suffix=" mm"
      decimalScale={1}
      decimalSeparator=","
      hideControls
      value={size?.[key] ?? ''}
      error={
        size && !fits(size[key])
          ? t('image.range', { least: leastMm, most: mostMm })
          : problem?.field(key === 'width' ? 'width_mm' : 'height_mm')
      }
      onChange={(value) => {
        if (!size || !pixels || !uploadId) return;
        const mm: number | '' = typeof value === 'number' ? value : '';
        if (mm !== size[key]) setTyped({ of: uploadId, size: inShape({ ...size, [key]: mm }, key, pixels) });
      }}
    />
  );
  return (
    <FormDialog
      opened
      size={560}
      title={label}
      verb={t('image.save')}
      pending={save.isPending}
      disabled={!preview.data || !fits(width) || !fits(height)}
      error={save.error}
      onClose={onClose}
      onSubmit={() =>
        uploadId &&
        fits(width) &&
        fits(height) &&
        save.mutate({ upload_id: uploadId, width_mm: width, height_mm: height })
      }
    >
      <UploadField
        label={t('image.file')}
        choose={t('image.choose')}
        hint={t(`image.${kind}.hint`)}
        accept="image/png,image/jpeg"
        multiple={false}
        uploads={uploads}
      />
      {uploadId && preview.isPending && <SkeletonRows rows={3} />}
      <ProblemNote error={uploadId ? preview.error : null} />
      {preview.data && size && (
        <>
          {fits(width) && fits(height) && <PictureView picture={{ url: preview.data, width, height }} label={label} />}
          <div className={classes['sizes']}>
            {side('width')}
            {side('height')}
          </div>
        </>
      )}
    </FormDialog>
  );
}

/** Width and height of a picture in pixels, once it is read. */
function usePixels(url: string | undefined): { width: number; height: number } | null {
  const [pixels, setPixels] = useState<{ url: string; width: number; height: number } | null>(null);
  useEffect(() => {
    if (!url) return;
    const image = new Image();
    image.onload = () => setPixels({ url, width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
    return () => {
      image.onload = null;
    };
  }, [url]);
  return pixels && pixels.url === url ? pixels : null;
}
