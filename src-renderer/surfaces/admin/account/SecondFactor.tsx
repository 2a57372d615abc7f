import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole } from '../../../stores/console.ts';
import { CopyText } from '../../../ui/CopyText.tsx';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { QrCode } from '../../../ui/QrCode.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import css from './account.module.css';

/** An authenticator app (TOTP, RFC 6238) as second factor, and the recovery codes for the day that it is lost. */
export const SecondFactor = () => {
  const { t } = useTranslation();
  const { session, reads, prompts } = useConsole();
  const { view, start } = useStore(session);
  const { busy, failure, act } = useAct();
  const [begun, setBegun] = useState<Output<'account.totp-begin'> | null>(null);
  const [code, setCode] = useState('');
  const factors = view?.as.kind === 'admin' ? view.as.secondFactor : undefined;

  /** The session describes the account; it is asked for anew. */
  const changed = async () => {
    const result = await session.getState().read('session.get', {});
    if (result.ok && result.value.session) session.getState().accept(result.value.session);
    else if (!result.ok) void start();
    reads.changed(null);
  };
  const begin = async () => setBegun((await act('account.totp-begin', {})) ?? null);
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act('account.totp-confirm', { code });
    setCode('');
    if (!made) return;
    setBegun(null);
    keep(made.recoveryCodes);
    await changed();
  };
  const keep = (recoveryCodes: readonly string[]) =>
    prompts.getState().reveal({
      headline: t('admin.account.recovery'),
      hint: t('admin.account.recoveryHint'),
      texts: recoveryCodes
    });
  const renew = async () => {
    const made = await act('account.recovery-codes', {});
    if (made) keep(made.recoveryCodes);
  };
  const remove = async () => {
    const sure = await prompts.getState().ask({
      headline: t('admin.account.totpRemoveHeadline'),
      hint: t('admin.account.totpRemoveHint'),
      confirm: t('admin.account.totpRemove'),
      danger: true
    });
    if (sure && (await act('account.totp-remove', {}))) await changed();
  };
  if (begun)
    return (
      <form className={css.form} onSubmit={(event) => void confirm(event)}>
        {failure && <FailureNote failure={failure} />}
        <div className={css.scan}>
          <QrCode text={begun.uri} label={t('admin.account.scan')} />
          <div>
            <p>{t('admin.account.scanHint')}</p>
            <CopyText text={begun.secret} label={t('common.copy')} />
          </div>
        </div>
        <TextInput
          label={t('admin.account.totpCode')}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.replaceAll(/\D/g, '').slice(0, 6))}
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
        />
        <Button type="submit" loading={busy} disabled={code.length !== 6}>
          {t('admin.account.totpConfirm')}
        </Button>
      </form>
    );
  return (
    <div className={css.form}>
      {failure && <FailureNote failure={failure} />}
      {factors?.totp ? (
        <>
          <StatusMark tone="good">{t('admin.account.totpOn', { count: factors.recoveryCodes })}</StatusMark>
          <div className={css.row}>
            <Button variant="default" disabled={busy} onClick={() => void renew()}>
              {t('admin.account.newRecovery')}
            </Button>
            <Button variant="light" color="wax" disabled={busy} onClick={() => void remove()}>
              {t('admin.account.totpRemove')}
            </Button>
          </div>
        </>
      ) : (
        <Button variant={factors?.passkeys ? 'default' : 'filled'} loading={busy} onClick={() => void begin()}>
          {t('admin.account.totpBegin')}
        </Button>
      )}
    </div>
  );
};
