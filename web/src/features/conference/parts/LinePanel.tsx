import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCopy, IconListDetails } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { exactTime } from '../../../lib/dates';
import type { LineNews, PageQuality } from '../../../media/types';
import { rate } from '../../../shared/lines/lines';
import { adviceOf, type LineMark } from '../logic/line';
import classes from './LineMark.module.css';

interface Props {
  mark: LineMark;
  line: LineNews | null;
  camera: boolean;
  limited: PageQuality['limited'];
  /** Shows everybody's line; for those who lead. */
  onAll: (() => void) | undefined;
}

/** The own line in sentences, with the figures in small print for a technician. */
export function LinePanel({ mark, line, camera, limited, onAll }: Props) {
  const { t, i18n } = useTranslation('line');
  const clipboard = useClipboard({ timeout: 2_000 });
  const { says, helps } = adviceOf(mark, line, { camera, limited });
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const values = {
    up: number(line?.loss_up ?? 0),
    down: number(line?.loss_down ?? 0),
    seconds: number((line?.round_trip_ms ?? 0) / 1000),
  };
  const sentences = says.map((key) => t(`says.${key}`, values));
  const figures = line
    ? [
        t('panel.up', { rate: rate(line.up_kbps, i18n.language), loss: values.up }),
        t('panel.down', { rate: rate(line.down_kbps, i18n.language), loss: values.down }),
        ...(line.round_trip_ms > 0 ? [t('panel.trip', { ms: line.round_trip_ms })] : []),
        ...(line.way ? [t('panel.way', { way: t(`way.${line.way}`) })] : []),
      ]
    : [];
  const copy = () =>
    clipboard.copy([exactTime(new Date().toISOString()), t(`mark.${mark}`), ...sentences, ...figures].join('\n'));
  return (
    <div className={classes['panel']} data-testid="line-panel">
      <h2 className={classes['title']}>{t(`mark.${mark}`)}</h2>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {helps.length > 0 && (
        <div>
          <h3 className={classes['subtitle']}>{t('panel.helps')}</h3>
          <ul className={classes['helps']}>
            {helps.map((help) => (
              <li key={help}>{t(`help.${help}`)}</li>
            ))}
          </ul>
        </div>
      )}
      {(mark === 'lost' || mark === 'failed') && <p>{t('panel.paper')}</p>}
      {figures.length > 0 && (
        <div className={classes['figures']}>
          <h3 className={classes['subtitle']}>{t('panel.figures')}</h3>
          {figures.map((figure) => (
            <div key={figure}>{figure}</div>
          ))}
        </div>
      )}
      {onAll && (
        <Button variant="default" size="xs" leftSection={<IconListDetails size={15} aria-hidden />} onClick={onAll}>
          {t('table.title')}
        </Button>
      )}
      <Button variant="default" size="xs" leftSection={<IconCopy size={15} aria-hidden />} onClick={copy}>
        {clipboard.copied ? t('panel.copied') : t('panel.copy')}
      </Button>
    </div>
  );
}
