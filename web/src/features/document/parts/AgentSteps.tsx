import { Button, FileButton } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { ProblemNote } from '../../../ui/ErrorState';
import { type AgentLink, agentLinks, requestKey, returnSigned } from '../api/requests';
import styles from './Sign.module.css';

/** A key on the person's own computer: fetch each file, sign it there, bring it back. */
export function AgentSteps({ requestId }: { requestId: string }): ReactElement {
  const { t } = useTranslation('document');
  const links = useCommand({ run: agentLinks });
  if (!links.data) {
    return (
      <>
        <p className={styles['line']}>{t('sign.agent.intro')}</p>
        <ProblemNote error={links.error} />
        <Button size="lg" fullWidth loading={links.isPending} onClick={() => links.mutate(requestId)}>
          {t('sign.agent.begin')}
        </Button>
      </>
    );
  }
  return (
    <ol className={styles['agent']}>
      {links.data.links.map((link) => (
        <AgentFile key={link.item_id} link={link} requestId={requestId} />
      ))}
    </ol>
  );
}

function AgentFile({ link, requestId }: { link: AgentLink; requestId: string }): ReactElement {
  const { t } = useTranslation('document');
  const back = useCommand({ run: returnSigned, touches: () => [requestKey(requestId), ['document'], ['work']] });
  return (
    <li>
      <p className={styles['label']}>{link.file_name}</p>
      <div className={styles['pair']}>
        <Button
          component="a"
          href={link.url}
          download={link.file_name}
          variant="default"
          leftSection={<IconDownload size={17} />}
        >
          {t('sign.agent.fetch')}
        </Button>
        <FileButton
          accept="application/pdf"
          onChange={(file) => file && back.mutate({ url: link.url, file })}
          inputProps={{ 'aria-label': t('sign.agent.bringNamed', { name: link.file_name }) }}
        >
          {(props) => (
            <Button
              {...props}
              loading={back.isPending}
              disabled={back.isSuccess}
              leftSection={<IconUpload size={17} />}
            >
              {t(back.isSuccess ? 'sign.agent.brought' : 'sign.agent.bring')}
            </Button>
          )}
        </FileButton>
      </div>
      <ProblemNote error={back.error} />
    </li>
  );
}
