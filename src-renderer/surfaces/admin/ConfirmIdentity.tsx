import { Button, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { useConsole } from '../../stores/console.ts';
import type { Proof } from '../../stores/web-session.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { askPasskey, passkeysHere } from './passkey.ts';

/** Before what is dangerous: who sits here now? Asked at most every few minutes, by the coordinator's word. */
export const ConfirmIdentity = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { confirming, view, passkeys, confirm, giveUp } = useStore(session);
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const factors = view?.as.kind === 'admin' ? view.as.secondFactor : undefined;

  const prove = async (proof: Proof) => {
    setBusy(true);
    setFailure(null);
    const result = await confirm(proof);
    setBusy(false);
    setPassword('');
    setCode('');
    if (!result.ok) setFailure(result);
  };
  const withPasskey = async () => {
    const answer = await askPasskey(session);
    if (answer.ok) await prove(answer.value);
    else setFailure(answer);
  };
  const close = () => {
    setPassword('');
    setCode('');
    setFailure(null);
    giveUp();
  };
  return (
    <FormDialog
      opened={confirming}
      headline={t('admin.confirm.headline')}
      hint={t('admin.confirm.hint')}
      submit={t('admin.confirm.submit')}
      busy={busy}
      ready={password !== '' && (!factors?.totp || code !== '')}
      failure={failure}
      onSubmit={() => void prove({ password, ...(code ? { code } : {}) })}
      onClose={close}
    >
      <TextInput
        type="password"
        label={t('admin.signIn.password')}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        maxLength={256}
        data-autofocus
      />
      {factors?.totp && (
        <TextInput
          label={t('admin.signIn.code')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="one-time-code"
          maxLength={32}
        />
      )}
      {passkeys && passkeysHere() && (factors?.passkeys ?? 0) > 0 && (
        <Button
          variant="default"
          disabled={busy}
          leftSection={<IconFingerprint size={18} aria-hidden="true" />}
          onClick={() => void withPasskey()}
        >
          {t('admin.signIn.passkey')}
        </Button>
      )}
    </FormDialog>
  );
};
