import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Picture } from '../api/images';
import classes from './Picture.module.css';

/** A picture of a seal or a signature in its real size, on a ground that shows what is transparent. */
export function PictureView({ picture, label }: { picture: Picture; label: string }): ReactElement {
  const { t, i18n } = useTranslation('org');
  const mm = (value: number) => value.toLocaleString(i18n.language);
  return (
    <figure className={classes['figure']}>
      <div className={classes['ground']}>
        <img src={picture.url} alt={label} style={{ width: `${picture.width}mm`, height: `${picture.height}mm` }} />
      </div>
      <figcaption className={classes['caption']}>
        {t('image.size', { width: mm(picture.width), height: mm(picture.height) })}
      </figcaption>
    </figure>
  );
}
