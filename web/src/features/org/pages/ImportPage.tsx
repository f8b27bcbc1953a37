import { Button, FileButton, SegmentedControl } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useHasRole } from '../../../session/me';
import { AdminNav } from '../../../ui/AdminNav';
import { NoPermission, ProblemNote } from '../../../ui/ErrorState';
import { Note } from '../../../ui/Note';
import { PageHeader } from '../../../ui/PageHeader';
import { useImport } from '../api/org';
import { importColumns } from '../logic/importColumns';
import type { ImportReport } from '../types';
import classes from './ImportPage.module.css';

type Kind = 'agencies' | 'people';

interface Chosen {
  name: string;
  csv: string;
}

/** Agencies or people from a CSV file: first checked row by row, then taken over whole or not at all. */
export function ImportPage() {
  const { t } = useTranslation('org');
  const allowed = useHasRole('system_admin');
  const [kind, setKind] = useState<Kind>('agencies');
  const [file, setFile] = useState<Chosen | null>(null);
  const check = useImport();
  const apply = useImport();
  const report = apply.data ?? check.data;
  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    apply.reset();
    const csv = await chosen.text();
    setFile({ name: chosen.name, csv });
    check.mutate({ kind, csv, dry_run: true });
  };
  if (!allowed) return <NoPermission />;
  return (
    <>
      <PageHeader title={t('import.title')} />
      <AdminNav />
      <div className={classes['page']}>
        <section className={classes['panel']} aria-label={t('import.choose')}>
          <h2 className={classes['heading']}>{t('import.choose')}</h2>
          <SegmentedControl
            aria-label={t('import.kind')}
            value={kind}
            onChange={(value) => {
              setKind(value === 'people' ? 'people' : 'agencies');
              setFile(null);
              check.reset();
              apply.reset();
            }}
            data={[
              { value: 'agencies', label: t('import.agencies') },
              { value: 'people', label: t('import.people') },
            ]}
          />
          <p className={classes['hint']}>{t('import.hint')}</p>
          <p className={classes['columns']}>{importColumns[kind].join(';')}</p>
          <div className={classes['row']}>
            <FileButton accept=".csv,text/csv" onChange={(chosen) => void choose(chosen)}>
              {(props) => (
                <Button
                  {...props}
                  variant={file ? 'default' : 'filled'}
                  loading={check.isPending}
                  leftSection={<IconFileSpreadsheet size={17} aria-hidden />}
                >
                  {t(file ? 'import.other' : 'import.file')}
                </Button>
              )}
            </FileButton>
            {file && <span className={classes['file']}>{file.name}</span>}
          </div>
          <ProblemNote error={check.error ?? apply.error} />
        </section>
        {report && file && (
          <Result
            report={report}
            pending={apply.isPending}
            onApply={() => apply.mutate({ kind, csv: file.csv, dry_run: false })}
          />
        )}
      </div>
    </>
  );
}

function Result({ report, pending, onApply }: { report: ImportReport; pending: boolean; onApply: () => void }) {
  const { t } = useTranslation('org');
  const numbers = { rows: report.rows, added: report.added, changed: report.changed, unchanged: report.unchanged };
  const bad = report.errors.length;
  return (
    <section className={classes['panel']} aria-label={t('import.result')}>
      <h2 className={classes['heading']}>{t('import.result')}</h2>
      {report.applied && <Note tone="green">{t('import.applied', numbers)}</Note>}
      {!report.applied && bad === 0 && <Note tone="accent">{t('import.ready', numbers)}</Note>}
      {bad > 0 && <Note tone="red">{t('import.wrong', { rows: report.rows, n: bad })}</Note>}
      {bad > 0 && (
        <table className={classes['table']}>
          <thead>
            <tr>
              <th scope="col">{t('import.row')}</th>
              <th scope="col">{t('import.column')}</th>
              <th scope="col">{t('import.problem')}</th>
            </tr>
          </thead>
          <tbody>
            {report.errors.map((error) => (
              <tr key={`${error.row}-${error.column}-${error.message_key}`}>
                <td>{error.row}</td>
                <td>{t(`import.columnName.${error.column}`, { defaultValue: error.column })}</td>
                <td>{error.message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!report.applied && bad === 0 && (
        <div className={classes['row']}>
          <Button loading={pending} onClick={onApply}>
            {t('import.apply', numbers)}
          </Button>
        </div>
      )}
    </section>
  );
}
