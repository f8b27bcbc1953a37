import { Button } from '@mantine/core';
import { IconDownload, IconFileAlert, IconRefresh } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../EmptyState';
import type { PdfFailure } from './load';

interface Props {
  failure: PdfFailure;
  url: string;
  name: string;
  onRetry: () => void;
}

/** A paper that cannot be shown: why, and what is still possible. */
export function PdfFailureState({ failure, url, name, onRetry }: Props): ReactElement {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <EmptyState
        icon={IconFileAlert}
        title={t(`pdf.failure.${failure}.title`)}
        text={t(`pdf.failure.${failure}.text`)}
        action={
          failure === 'damaged' || failure === 'locked' ? (
            <Button component="a" href={url} download={name} variant="default" leftSection={<IconDownload size={16} />}>
              {t('pdf.downloadFile')}
            </Button>
          ) : (
            <Button variant="default" leftSection={<IconRefresh size={16} />} onClick={onRetry}>
              {t('action.retry')}
            </Button>
          )
        }
      />
    </div>
  );
}
