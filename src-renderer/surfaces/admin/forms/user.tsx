import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { UserId } from '../../../../src-preload/contract/index.ts';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
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
  const { fields, set, act, close, dialog } = useForm({ name: '', pin: '' }, onClose);
  const { name, pin } = fields;
  const add = async () => {
    const user = await act('admin.user.add', { name, ...(pin ? { pin } : {}) });
    if (!user) return;
    prompts.getState().say(t('admin.users.added', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.users.add')}
      hint={t('admin.users.addHint')}
      submit={t('admin.users.addSubmit')}
      ready={name.trim() !== '' && (pin === '' || pinPattern.test(pin))}
      onSubmit={() => void add()}
    >
      <NameField label={t('admin.users.name')} value={name} onChange={(name) => set({ name })} />
      <PinField value={pin} onChange={(pin) => set({ pin })} optional />
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
  const { fields, set, act, close, dialog } = useForm({ pin: '' }, onClose);
  const { pin } = fields;
  const save = async () => {
    if (!user || !(await act('admin.user.set-pin', { id: user.id, pin }))) return;
    prompts.getState().say(t('admin.users.pinSet', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={user !== null}
      headline={t('admin.users.setPinOf', { name: user?.name ?? '' })}
      hint={t('admin.users.setPinHint')}
      submit={t('admin.users.setPin')}
      ready={pinPattern.test(pin)}
      onSubmit={() => void save()}
    >
      <PinField value={pin} onChange={(pin) => set({ pin })} />
    </FormDialog>
  );
};

/** By which single sign-on and the directory may know somebody; empty: none. */
export const SetEmail = ({ user, onClose }: OfUserProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm<{ email: string | null }>({ email: null }, onClose);
  const email = fields.email ?? user?.email ?? '';
  const save = async () => {
    if (!user || !(await act('admin.user.set-email', { id: user.id, email: email.trim() || null }))) return;
    prompts.getState().say(t('admin.users.emailSet', { name: user.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={user !== null}
      headline={t('admin.users.setEmailOf', { name: user?.name ?? '' })}
      hint={t('admin.users.setEmailHint')}
      submit={t('admin.users.setEmail')}
      ready={email.trim() !== (user?.email ?? '')}
      onSubmit={() => void save()}
    >
      <EmailField label={t('admin.users.email')} value={email} onChange={(email) => set({ email })} first />
    </FormDialog>
  );
};
