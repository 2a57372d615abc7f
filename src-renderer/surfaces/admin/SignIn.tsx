import { Button, TextInput } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { useConsole } from '../../stores/console.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from '../../ui/Gate.module.css';
import { Mark } from '../../ui/Mark.tsx';
import { SignOnButton } from '../../ui/SingleSignOn.tsx';
import { askPasskey, passkeysHere } from './passkey.ts';

/** Name and password, a code where one was set up; or a passkey. The password is forgotten as soon as it is sent. */
export const SignIn = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { organization, passkeys, ended, signIn } = useStore(session);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const result = await signIn('session.sign-in', { name, password, ...(code ? { code } : {}) });
    setBusy(false);
    setCode('');
    if (result.ok) return;
    const wanted = result.code === 'second-factor-required';
    setNeedsCode(wanted);
    setFailure(wanted ? null : result);
    if (!wanted) setPassword('');
  };
  const withPasskey = async () => {
    setBusy(true);
    const answer = await askPasskey(session);
    const result = answer.ok ? await signIn('session.passkey-sign-in', answer.value) : answer;
    setBusy(false);
    if (!result.ok) setFailure(result);
  };
  const shown = failure ?? ended;
  return (
    <main className={css.gate}>
      <form className={css.card} onSubmit={(event) => void submit(event)}>
        <Mark size={56} />
        <h1>{t('admin.signIn.headline')}</h1>
        <p className={css.hint}>{organization}</p>
        {shown && <FailureNote failure={shown} />}
        {needsCode ? (
          <TextInput
            key="code"
            label={t('admin.signIn.code')}
            description={t('admin.signIn.codeHint')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="one-time-code"
            maxLength={32}
            autoFocus
            required
            withAsterisk={false}
          />
        ) : (
          <>
            <TextInput
              label={t('admin.signIn.name')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={63}
              autoFocus
              required
              withAsterisk={false}
            />
            <TextInput
              type="password"
              label={t('admin.signIn.password')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="current-password"
              maxLength={256}
              required
              withAsterisk={false}
            />
          </>
        )}
        <Button type="submit" loading={busy} disabled={!name || !password || (needsCode && !code)}>
          {t('admin.signIn.submit')}
        </Button>
        {needsCode && (
          <Button variant="subtle" onClick={() => setNeedsCode(false)}>
            {t('common.back')}
          </Button>
        )}
        {passkeys && passkeysHere() && !needsCode && (
          <Button
            variant="default"
            disabled={busy}
            leftSection={<IconFingerprint size={18} aria-hidden="true" />}
            onClick={() => void withPasskey()}
          >
            {t('admin.signIn.passkey')}
          </Button>
        )}
        {!needsCode && <SignOnButton kind="admin" />}
      </form>
    </main>
  );
};
