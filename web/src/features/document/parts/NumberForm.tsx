import { Button, TextInput } from '@mantine/core';
import { IconHash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asApiError } from '../../../api/problem';
import { useCommand } from '../../../api/useCommand';
import { DayInput } from '../../../ui/DayInput';
import { ProblemNote } from '../../../ui/ErrorState';
import { QueryState } from '../../../ui/QueryState';
import { documentKey, documentsKey, type OfficialDocument } from '../api/documents';
import { numberDocument, suggestionQuery } from '../api/numbering';
import styles from './Number.module.css';

/** The clerk's step after the leader signed: number and date, proposed and changeable. */
export function NumberForm({ document }: { document: OfficialDocument }): ReactElement {
  const suggestion = useQuery(suggestionQuery(document.id));
  if (!suggestion.data) return <QueryState query={suggestion} rows={2} />;
  return <Form document={document} proposed={suggestion.data} />;
}

interface FormProps {
  document: OfficialDocument;
  proposed: { number: string; issued_on: string };
}

function Form({ document, proposed }: FormProps): ReactElement {
  const { t } = useTranslation('document');
  const client = useQueryClient();
  const [number, setNumber] = useState(proposed.number);
  const [issuedOn, setIssuedOn] = useState<string | null>(proposed.issued_on);
  const [checked, setChecked] = useState(false);
  const { id, version } = document;
  const give = useCommand({
    run: numberDocument,
    touches: () => [documentKey(id), documentsKey, ['work']],
    onDone: (numbered) => client.setQueryData(documentKey(id), numbered),
  });
  const problem = give.error ? asApiError(give.error) : null;
  const taken = problem?.key === 'document.number_taken' ? problem.message : undefined;
  const atField = problem?.field('number') ?? taken;
  const atDate = problem?.field('issued_on');
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (number.trim() && issuedOn && !give.isPending) {
          give.mutate({ id, version, number: number.trim(), issuedOn });
        }
      }}
    >
      <div className={styles['pair']}>
        <TextInput
          label={t('number.number')}
          inputMode="numeric"
          autoComplete="off"
          maxLength={11}
          rightSection={<span className={styles['symbol']}>/{document.symbol}</span>}
          rightSectionWidth={`calc(${document.symbol.length + 1}ch + 1.5rem)`}
          rightSectionPointerEvents="none"
          value={number}
          error={checked && number.trim() === '' ? t('number.missing') : atField}
          onChange={(event) => {
            setNumber(event.currentTarget.value);
            if (give.error) give.reset();
          }}
        />
        <DayInput
          label={t('number.date')}
          value={issuedOn}
          error={checked && !issuedOn ? t('number.dateMissing') : atDate}
          onChange={(day) => {
            setIssuedOn(day);
            if (give.error) give.reset();
          }}
        />
      </div>
      {!atField && !atDate && <ProblemNote error={give.error} />}
      <Button
        type="submit"
        size="xl"
        fullWidth
        loading={give.isPending}
        leftSection={<IconHash size={20} stroke={1.7} />}
      >
        {t('step.number', { code: `${number.trim()}/${document.symbol}` })}
      </Button>
    </form>
  );
}
