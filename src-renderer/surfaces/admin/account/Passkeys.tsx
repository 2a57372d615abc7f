import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { Failure } from '../../../../src-preload/contract/index.ts';
import { formatRelative } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { makePasskey, passkeysHere } from '../passkey.ts';
import css from './account.module.css';

/** The passkeys of this account. Each was made for one name of the coordinator and works there alone. */
export const Passkeys = () => {
  const { t } = useTranslation();
  const { session, reads } = useConsole();
  const possible = useStore(session, ({ passkeys }) => passkeys) && passkeysHere();
  const answer = useAnswer('account.passkey-list');
  const { busy, failure, act } = useAct();
  const [name, setName] = useState('');
  const [broken, setBroken] = useState<Failure | null>(null);
  const now = useMinute();
  const changed = () => {
    answer.onRetry();
    reads.changed(['admin']);
  };

  const add = async (event: FormEvent) => {
    event.preventDefault();
    setBroken(null);
    const options = await act('account.passkey-begin', {});
    if (!options) return;
    const made = await makePasskey(options);
    if (!made.ok) return setBroken(made);
    if (!(await act('account.passkey-add', { name, response: made.value }))) return;
    setName('');
    changed();
  };
  const remove = async (id: string) => {
    if (await act('account.passkey-remove', { id })) changed();
  };
  const shown = failure ?? broken;
  return (
    <>
      {shown && <FailureNote failure={shown} />}
      <ReadGate {...answer} lines={1}>
        {(passkeys) => (
          <ul className={css.list} aria-label={t('admin.account.passkeys')}>
            {passkeys.map((passkey) => (
              <li key={passkey.id}>
                <span className={css.what}>
                  {passkey.name}
                  <br />
                  <span className={css.muted}>
                    {passkey.lastUsed
                      ? t('admin.tokens.lastUsed', { when: formatRelative(passkey.lastUsed, now, t('common.now')) })
                      : t('admin.tokens.neverUsed')}
                    , {passkey.host}
                  </span>
                </span>
                <Button
                  size="sm"
                  variant="default"
                  disabled={busy}
                  aria-label={t('admin.account.passkeyRemoveNamed', { name: passkey.name })}
                  onClick={() => void remove(passkey.id)}
                >
                  {t('admin.account.passkeyRemove')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </ReadGate>
      {possible && (
        <form className={css.form} onSubmit={(event) => void add(event)}>
          <TextInput
            label={t('admin.account.passkeyName')}
            description={t('admin.account.passkeyNameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={128}
            autoComplete="off"
          />
          <Button type="submit" variant="default" loading={busy} disabled={name.trim() === ''}>
            {t('admin.account.passkeyAdd')}
          </Button>
        </form>
      )}
    </>
  );
};
