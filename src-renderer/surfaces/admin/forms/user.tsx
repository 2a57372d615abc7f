import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UserId } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { EmailField, NameField } from '../../../ui/PersonFields.tsx';

const pinPattern = /^\d{4,32}$/;
interface PinFieldProps {
  readonly value: string;
  readonly optional?: boolean;
  onChange(pin: string): void;
}

/** Shown while it is typed: an administrator tells it to somebody. Digits and nothing else. */
const PinField = ({ value, optional = false, onChange }: PinFieldProps) => {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t(optional ? 'admin.users.pinOptional' : 'admin.users.pin')}
      description={t('admin.users.pinHint')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.replaceAll(/\D/g, ''))}
      inputMode="numeric"
      autoComplete="off"
      maxLength={32}
    />
  );
};

export const AddUser = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [pin, setPin] = useState('');
  const close = () => {
    setName('');
    setPin('');
    clear();
    onClose();
  };
  const add = async () => {
    const user = await act('admin.user.add', { name, ...(pin ? { pin } : {}) });
    if (!user) return;
    prompts.getState().say(t('admin.users.added', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('admin.users.add')}
      hint={t('admin.users.addHint')}
      submit={t('admin.users.addSubmit')}
      busy={busy}
      ready={name.trim() !== '' && (pin === '' || pinPattern.test(pin))}
      failure={failure}
      onSubmit={() => void add()}
      onClose={close}
    >
      <NameField label={t('admin.users.name')} value={name} onChange={setName} />
      <PinField value={pin} onChange={setPin} optional />
    </FormDialog>
  );
};

interface OfUserProps {
  readonly user: { readonly id: UserId; readonly name: string; readonly email: string | null } | null;
  onClose(): void;
}

export const SetPin = ({ user, onClose }: OfUserProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [pin, setPin] = useState('');
  const close = () => {
    setPin('');
    clear();
    onClose();
  };
  const set = async () => {
    if (!user || !(await act('admin.user.set-pin', { id: user.id, pin }))) return;
    prompts.getState().say(t('admin.users.pinSet', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      opened={user !== null}
      headline={t('admin.users.setPinOf', { name: user?.name ?? '' })}
      hint={t('admin.users.setPinHint')}
      submit={t('admin.users.setPin')}
      busy={busy}
      ready={pinPattern.test(pin)}
      failure={failure}
      onSubmit={() => void set()}
      onClose={close}
    >
      <PinField value={pin} onChange={setPin} />
    </FormDialog>
  );
};

/** By which single sign-on and the directory may know somebody; empty: none. */
export const SetEmail = ({ user, onClose }: OfUserProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [email, setEmail] = useState('');
  useEffect(() => setEmail(user?.email ?? ''), [user]);
  const close = () => {
    clear();
    onClose();
  };
  const set = async () => {
    if (!user || !(await act('admin.user.set-email', { id: user.id, email: email.trim() || null }))) return;
    prompts.getState().say(t('admin.users.emailSet', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      opened={user !== null}
      headline={t('admin.users.setEmailOf', { name: user?.name ?? '' })}
      hint={t('admin.users.setEmailHint')}
      submit={t('admin.users.setEmail')}
      busy={busy}
      ready={email.trim() !== (user?.email ?? '')}
      failure={failure}
      onSubmit={() => void set()}
      onClose={close}
    >
      <EmailField label={t('admin.users.email')} value={email} onChange={setEmail} first />
    </FormDialog>
  );
};
