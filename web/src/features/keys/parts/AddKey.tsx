import { FileInput, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCommand } from '../../../api/useCommand';
import { readableName } from '../../../lib/distinguishedName';
import { FormDialog } from '../../../ui/FormDialog';
import { Note } from '../../../ui/Note';
import { QueryState } from '../../../ui/QueryState';
import { addKey, type Holder, keysKey, type NewKey, providersQuery, tokensQuery } from '../api/keys';
import { base64, certificateText } from '../logic/encode';
import { HolderField } from './HolderField';
import styles from './Keys.module.css';

const kinds = ['pkcs12', 'pkcs11', 'csc', 'agent'] as const;
type Kind = (typeof kinds)[number];

/** What a kind asks for; null while something is missing. */
type Part = (holder: Holder) => Promise<NewKey>;

interface PartProps {
  onReady: (part: Part | null) => void;
}

/** Adds a key: where it is, whom it belongs to, and what that place needs. */
export function AddKey({ onClose }: { onClose: () => void }): ReactElement {
  const { t } = useTranslation('keys');
  const [kind, setKind] = useState<Kind>('pkcs12');
  const [holder, setHolder] = useState<Holder | null>(null);
  const [part, setPart] = useState<{ make: Part } | null>(null);
  const [checked, setChecked] = useState(false);
  const add = useCommand({ run: addKey, touches: () => [keysKey, ['signing']], onDone: onClose });
  const onReady = (make: Part | null) => setPart(make && { make });
  const submit = async () => {
    setChecked(true);
    if (holder && part) add.mutate(await part.make(holder));
  };
  return (
    <FormDialog
      opened
      title={t('add.title')}
      verb={t('add.verb')}
      pending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={() => void submit()}
    >
      <NativeSelect
        label={t('add.kind')}
        description={t(`add.about.${kind}`)}
        inputWrapperOrder={['label', 'input', 'description']}
        value={kind}
        onChange={(event) => {
          setKind(kinds.find((k) => k === event.currentTarget.value) ?? 'pkcs12');
          setPart(null);
        }}
        data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
      />
      {kind === 'pkcs12' && <Pkcs12 onReady={onReady} />}
      {kind === 'pkcs11' && <Pkcs11 onReady={onReady} />}
      {kind === 'csc' && <Csc onReady={onReady} />}
      {kind === 'agent' && <Agent onReady={onReady} />}
      <HolderField onChange={setHolder} error={checked && !holder ? t('add.holderMissing') : undefined} />
      {checked && !part && (
        <p role="alert" className={styles['missing']}>
          {t(`add.missing.${kind}`)}
        </p>
      )}
    </FormDialog>
  );
}

function Pkcs12({ onReady }: PartProps): ReactElement {
  const { t } = useTranslation(['keys', 'common']);
  const [file, setFile] = useState<File | null>(null);
  const [password, setPassword] = useState('');
  const tell = (f: File | null, p: string) => {
    setFile(f);
    setPassword(p);
    onReady(
      f && p
        ? async (holder) => ({
            kind: 'pkcs12',
            file: base64(new Uint8Array(await f.arrayBuffer())),
            password: p,
            ...holder,
          })
        : null,
    );
  };
  return (
    <>
      <FileInput
        label={t('pkcs12.file')}
        placeholder={t('choose')}
        accept=".p12,.pfx,application/x-pkcs12"
        value={file}
        onChange={(f) => tell(f, password)}
      />
      <PasswordInput
        label={t('pkcs12.password')}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('common:showPassword') }}
        value={password}
        onChange={(event) => tell(file, event.currentTarget.value)}
      />
    </>
  );
}

function Pkcs11({ onReady }: PartProps): ReactElement {
  const { t } = useTranslation('keys');
  const tokens = useQuery(tokensQuery);
  const [chosen, setChosen] = useState('');
  if (!tokens.data) return <QueryState query={tokens} rows={2} />;
  const broken = tokens.data.tokens.filter((token) => token.error);
  const options = tokens.data.tokens.flatMap((token) =>
    token.objects.map((object) => ({
      value: `${token.label}\n${object.key_id}`,
      label: `${token.label} · ${object.subject ? readableName(object.subject) : object.label || object.key_id}`,
    })),
  );
  return (
    <>
      {broken.map((token) => (
        <Note key={token.serial} tone="amber">
          {token.label}: {token.error}
        </Note>
      ))}
      {options.length === 0 ? (
        <Note tone="amber">{t('pkcs11.none')}</Note>
      ) : (
        <NativeSelect
          label={t('pkcs11.key')}
          value={chosen}
          data={[{ value: '', label: t('choose') }, ...options]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            const [token = '', keyId = ''] = value.split('\n');
            setChosen(value);
            onReady(value ? async (holder) => ({ kind: 'pkcs11', token, key_id: keyId, ...holder }) : null);
          }}
        />
      )}
    </>
  );
}

function Csc({ onReady }: PartProps): ReactElement {
  const { t } = useTranslation('keys');
  const providers = useQuery(providersQuery);
  const [provider, setProvider] = useState('');
  const [credential, setCredential] = useState('');
  if (!providers.data) return <QueryState query={providers} rows={2} />;
  if (providers.data.providers.length === 0) return <Note tone="amber">{t('csc.none')}</Note>;
  const tell = (name: string, id: string) => {
    setProvider(name);
    setCredential(id);
    onReady(
      name && id.trim()
        ? async (holder) => ({ kind: 'csc', provider: name, credential_id: id.trim(), ...holder })
        : null,
    );
  };
  const error = providers.data.providers.find((p) => p.name === provider)?.error;
  return (
    <>
      <NativeSelect
        label={t('csc.provider')}
        value={provider}
        error={error || undefined}
        data={[
          { value: '', label: t('choose') },
          ...providers.data.providers.map((p) => ({ value: p.name, label: p.title || p.name })),
        ]}
        onChange={(event) => tell(event.currentTarget.value, credential)}
      />
      <TextInput
        label={t('csc.credential')}
        description={t('csc.credentialHint')}
        autoComplete="off"
        value={credential}
        onChange={(event) => tell(provider, event.currentTarget.value)}
      />
    </>
  );
}

function Agent({ onReady }: PartProps): ReactElement {
  const { t } = useTranslation('keys');
  const [file, setFile] = useState<File | null>(null);
  return (
    <FileInput
      label={t('agent.certificate')}
      placeholder={t('choose')}
      accept=".cer,.crt,.pem,.der"
      value={file}
      onChange={(f) => {
        setFile(f);
        onReady(f && (async (holder) => ({ kind: 'agent', certificate: await certificateText(f), ...holder })));
      }}
    />
  );
}
