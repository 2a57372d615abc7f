import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Failure } from '../../../src-preload/contract/index.ts';
import { useConsole } from '../../stores/console.ts';
import { FailureNote } from '../../ui/FailureNote.tsx';
import css from '../../ui/Gate.module.css';
import { Mark } from '../../ui/Mark.tsx';
import { SignOnButton } from '../../ui/SingleSignOn.tsx';
import { MailedLink } from './MailedLink.tsx';

/** Name and PIN, as at a station. The PIN is forgotten as soon as it is sent. */
export const SignIn = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { organization, ended, signIn } = useStore(session);
  const [user, setUser] = useState('');
  const [pin, setPin] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const result = await signIn('session.user-sign-in', { user, pin });
    if (result.ok) return;
    setBusy(false);
    setPin('');
    setFailure(result);
  };
  const shown = failure ?? ended;
  return (
    <main className={css.gate}>
      <form className={css.card} onSubmit={(event) => void submit(event)}>
        <Mark size={56} />
        <h1>{t('portal.headline')}</h1>
        <p className={css.hint}>{organization}</p>
        {shown && <FailureNote failure={shown} />}
        <TextInput
          label={t('portal.name')}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={128}
          autoFocus
        />
        <TextInput
          type="password"
          label={t('portal.pin')}
          value={pin}
          onChange={(event) => setPin(event.currentTarget.value.replaceAll(/\D/g, ''))}
          inputMode="numeric"
          autoComplete="current-password"
          maxLength={32}
        />
        <Button type="submit" loading={busy} disabled={user.trim() === '' || pin.length < 4}>
          {t('portal.submit')}
        </Button>
        <SignOnButton kind="user" />
      </form>
      <MailedLink />
    </main>
  );
};
