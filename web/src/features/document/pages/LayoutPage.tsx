import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { PaperPane } from '../../../shared/files/PaperPane';
import { ErrorState, NoPermission, ProblemNote } from '../../../ui/ErrorState';
import { PageHeader } from '../../../ui/PageHeader';
import { SkeletonRows } from '../../../ui/SkeletonRows';
import { documentFileUrl, documentKey, documentQuery, type OfficialDocument } from '../api/documents';
import { type DocumentLayout, layoutQuery, saveLayout } from '../api/layout';
import type { LayoutField } from '../logic/layout';
import { FieldBox } from '../parts/FieldBox';
import { FieldList } from '../parts/FieldList';
import styles from '../parts/Layout.module.css';

/** Where signature, seal, number and date will stand: moved on the page, or typed in millimetres. */
export function LayoutPage(): ReactElement {
  const { t } = useTranslation('document');
  const { documentId } = useParams({ from: '/session/shell/van-ban-di/$documentId/o-ky' });
  const document = useQuery(documentQuery(documentId));
  const layout = useQuery(layoutQuery(documentId));
  const error = document.error ?? layout.error;
  return (
    <>
      <PageHeader
        title={t('layout.title')}
        parent={
          <Link to="/van-ban-di/$documentId" params={{ documentId }}>
            {t('one')}
          </Link>
        }
      />
      {document.data && layout.data ? (
        document.data.can.includes('layout') ? (
          <Editor document={document.data} layout={layout.data} />
        ) : (
          <NoPermission />
        )
      ) : error ? (
        <ErrorState
          error={error}
          onRetry={() => {
            void document.refetch();
            void layout.refetch();
          }}
        />
      ) : (
        <SkeletonRows />
      )}
    </>
  );
}

function Editor({ document, layout }: { document: OfficialDocument; layout: DocumentLayout }): ReactElement {
  const { t } = useTranslation('document');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [fields, setFields] = useState<readonly LayoutField[]>(layout.fields);
  const [chosen, setChosen] = useState<LayoutField | null>(layout.fields[0] ?? null);
  const save = useCommand({
    run: saveLayout,
    touches: () => [documentKey(document.id)],
    onDone: (kept) => {
      client.setQueryData(documentKey(document.id), kept);
      void navigate({ to: '/van-ban-di/$documentId', params: { documentId: document.id } });
    },
  });
  const change = (field: LayoutField) => setFields((all) => all.map((f) => (f.kind === field.kind ? field : f)));
  const show = (field: LayoutField) => {
    change(field);
    setChosen(field);
  };
  return (
    <div className={styles['body']}>
      <div className={styles['paper']}>
        <PaperPane
          files={document.files.filter((file) => file.main)}
          urlOf={(file, revision) => documentFileUrl(document.id, file, revision)}
          page={chosen?.page}
          overlay={(box) => {
            const page = layout.pages.find((p) => p.number === box.number);
            if (!page) return null;
            return fields
              .filter((field) => field.page === box.number)
              .map((field) => (
                <FieldBox
                  key={field.kind}
                  field={field}
                  page={page}
                  box={box}
                  chosen={chosen?.kind === field.kind}
                  onChange={change}
                  onChoose={() => setChosen(field)}
                />
              ));
          }}
        />
      </div>
      <aside className={styles['panel']}>
        <div className={styles['part']}>
          <p className={styles['intro']}>{t('layout.intro')}</p>
          <p id="layout-keys" className={styles['keys']}>
            {t('layout.keys')}
          </p>
        </div>
        <FieldList fields={fields} pages={layout.pages} chosen={chosen?.kind ?? null} onChange={change} onShow={show} />
        <div className={styles['part']}>
          <ProblemNote error={save.error} />
          <Button
            size="lg"
            loading={save.isPending}
            onClick={() => save.mutate({ id: document.id, version: document.version, fields })}
          >
            {t('layout.save')}
          </Button>
          <Button
            variant="default"
            renderRoot={(props) => (
              <Link to="/van-ban-di/$documentId" params={{ documentId: document.id }} {...props} />
            )}
          >
            {t('layout.leave')}
          </Button>
        </div>
      </aside>
    </div>
  );
}
