import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from './account.module.css';

const shortest = 12;

/** A password of one's own: long, any characters, typed twice. */
export const NewPassword = ({ onDone }: { readonly onDone?: () => void }) => {
  const { t } = useTranslation();
  const { session, reads, prompts } = useConsole();
  const { busy, failure, act } = useAct();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const differ = again !== '' && again !== password;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const view = await act('account.set-password', { password });
    if (!view) return;
    setPassword('');
    setAgain('');
    session.getState().accept(view);
    reads.changed(null);
    prompts.getState().say(t('admin.account.passwordChanged'));
    onDone?.();
  };
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)}>
      {failure && <FailureNote failure={failure} />}
      <TextInput
        type="password"
        label={t('admin.account.newPassword')}
        description={t('admin.account.newPasswordHint', { count: shortest })}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
        maxLength={256}
      />
      <TextInput
        type="password"
        label={t('admin.account.again')}
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        autoComplete="new-password"
        maxLength={256}
        error={differ && t('admin.account.differ')}
      />
      <Button type="submit" loading={busy} disabled={password.length < shortest || again !== password}>
        {t('admin.account.setPassword')}
      </Button>
    </form>
  );
};
