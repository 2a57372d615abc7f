import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useConsole } from '../../stores/console.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';

const pinPattern = /^\d{4,32}$/;
const blank = { pin: '', newPin: '', again: '' };

/** The present PIN, and the new one twice. All three are forgotten when the dialog closes. */
export const ChangePin = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [fields, setFields] = useState(blank);
  const { pin, newPin, again } = fields;
  const close = () => {
    setFields(blank);
    clear();
    onClose();
  };
  const change = async () => {
    if (!(await act('portal.pin.set', { pin, newPin }))) return setFields({ ...fields, pin: '' });
    prompts.getState().say(t('portal.pinChanged'));
    close();
  };
  const field = (name: keyof typeof blank, label: string, extra: object = {}) => (
    <TextInput
      type="password"
      label={label}
      value={fields[name]}
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value.replaceAll(/\D/g, '') })}
      inputMode="numeric"
      autoComplete={name === 'pin' ? 'current-password' : 'new-password'}
      maxLength={32}
      {...extra}
    />
  );
  return (
    <FormDialog
      opened={opened}
      headline={t('portal.changePin')}
      hint={t('portal.changePinHint')}
      submit={t('portal.changePin')}
      busy={busy}
      ready={pinPattern.test(pin) && pinPattern.test(newPin) && newPin === again}
      failure={failure}
      onSubmit={() => void change()}
      onClose={close}
    >
      {field('pin', t('portal.presentPin'), { 'data-autofocus': true })}
      {field('newPin', t('portal.newPin'), { description: t('portal.newPinHint') })}
      {field('again', t('portal.again'), { error: again !== '' && again !== newPin && t('portal.differ') })}
    </FormDialog>
  );
};
