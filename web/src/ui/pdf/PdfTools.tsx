import { ActionIcon, Loader, UnstyledButton } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconPrinter,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import styles from './Pdf.module.css';

interface Props {
  left?: ReactNode;
  current: number;
  total: number;
  zoom: number;
  onGo: (page: number) => void;
  onZoom: (step: number) => void;
  onFit: () => void;
  url?: string;
  name?: string;
  printing?: boolean;
  onPrint?: () => void;
}

/** The bar above a paper: pages, zoom, download, print. */
export function PdfTools(props: Props): ReactElement {
  const { t } = useTranslation();
  const { left, current, total, zoom, onGo, onZoom, onFit, url, name, printing, onPrint } = props;
  return (
    <div className={styles['tools']}>
      <div className={styles['toolsLeft']}>{left}</div>
      <div className={styles['toolsRight']}>
        {total > 1 && (
          <>
            <ActionIcon aria-label={t('pdf.previous')} disabled={current <= 1} onClick={() => onGo(current - 1)}>
              <IconChevronLeft size={18} />
            </ActionIcon>
            <span className={styles['count']} aria-live="polite">
              {t('pdf.page', { page: current, pages: total })}
            </span>
            <ActionIcon aria-label={t('pdf.next')} disabled={current >= total} onClick={() => onGo(current + 1)}>
              <IconChevronRight size={18} />
            </ActionIcon>
          </>
        )}
        <ActionIcon aria-label={t('pdf.zoomOut')} onClick={() => onZoom(-1)}>
          <IconZoomOut size={18} />
        </ActionIcon>
        <UnstyledButton className={styles['fit']} onClick={onFit} aria-label={t('pdf.fitWidth')}>
          {zoom === 1 ? t('pdf.fit') : `${Math.round(zoom * 100)}%`}
        </UnstyledButton>
        <ActionIcon aria-label={t('pdf.zoomIn')} onClick={() => onZoom(1)}>
          <IconZoomIn size={18} />
        </ActionIcon>
        {url && (
          <ActionIcon component="a" href={url} download={name} aria-label={t('pdf.download', { name })}>
            <IconDownload size={18} />
          </ActionIcon>
        )}
        {onPrint && (
          <ActionIcon aria-label={t('pdf.print')} disabled={total === 0 || !!printing} onClick={onPrint}>
            {printing ? <Loader size={16} /> : <IconPrinter size={18} />}
          </ActionIcon>
        )}
      </div>
    </div>
  );
}
