import { Button } from '@mantine/core';
import { IconFileDownload, IconPrinter, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { exactTime } from '../../../lib/dates';
import { fileSize } from '../../../lib/sizes';
import { VerdictList } from '../../../shared/verdict/VerdictList';
import { ErrorState, ProblemNote } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import {
  checkFileUrl,
  checkKey,
  checkQuery,
  checkReportUrl,
  checksKey,
  rerunCheck,
  type SignatureCheck,
} from '../api/checks';
import styles from '../parts/Check.module.css';
import { Conclusion } from '../parts/Conclusion';

const PdfViewer = lazy(async () => ({ default: (await import('../../../ui/pdf/PdfViewer')).PdfViewer }));

/** What was found out about one file: beside the paper, and on paper when it is printed. */
export function CheckPage(): ReactElement {
  const { t } = useTranslation('check');
  const { checkId } = useParams({ from: '/session/shell/kiem-tra-chu-ky/$checkId' });
  const check = useQuery(checkQuery(checkId));
  return (
    <>
      <PageHeader title={check.data?.name ?? t('one')} parent={<Link to="/kiem-tra-chu-ky">{t('title')}</Link>} />
      {check.data ? (
        <View check={check.data} />
      ) : check.error ? (
        <ErrorState error={check.error} onRetry={() => void check.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function View({ check }: { check: SignatureCheck }): ReactElement {
  const { t, i18n } = useTranslation('check');
  const client = useQueryClient();
  const rerun = useCommand({
    run: rerunCheck,
    touches: () => [checkKey(check.id), checksKey],
    onDone: (done) => client.setQueryData(checkKey(check.id), done),
  });
  return (
    <div className={styles['view']}>
      <div className={styles['paper']}>
        <Suspense fallback={<SkeletonRows />}>
          <PdfViewer url={checkFileUrl(check.id)} name={check.name} />
        </Suspense>
      </div>
      <article className={styles['result']} aria-label={t('result')}>
        <header className={styles['resultHead']}>
          <h2 className={styles['printTitle']}>{t('printTitle')}</h2>
          <p className={styles['name']}>{check.name}</p>
          <p aria-live="polite">
            <Conclusion verdict={check.verdict} />
          </p>
          <p className={styles['meta']}>
            {fileSize(check.size, i18n.language)} ·{' '}
            {check.checked_at ? t('checkedAt', { time: exactTime(check.checked_at) }) : t('state.checking')}
          </p>
        </header>
        <div className={styles['verdict']}>
          <VerdictList
            verdict={{ files: [check.verdict], missing: [] }}
            sourceOf={() => ({ of: 'check', id: check.id, fileId: '' })}
            open
          />
        </div>
        <ProblemNote error={rerun.error} />
        <div className={styles['acts']}>
          <Button
            variant="default"
            loading={rerun.isPending}
            leftSection={<IconRefresh size={17} />}
            onClick={() => rerun.mutate(check.id)}
          >
            {t('rerun')}
          </Button>
          <Button variant="default" leftSection={<IconPrinter size={17} />} onClick={() => window.print()}>
            {t('print')}
          </Button>
          <Button
            component="a"
            href={checkReportUrl(check.id)}
            download={`${check.name}.json`}
            variant="default"
            leftSection={<IconFileDownload size={17} />}
          >
            {t('report')}
          </Button>
        </div>
      </article>
    </div>
  );
}
