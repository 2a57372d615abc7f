import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../stores/console.ts';
import { useForm } from '../../stores/use-form.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';

const pinPattern = /^\d{4,32}$/;
const blank = { pin: '', newPin: '', again: '' };

/** The present PIN, and the new one twice. All three are forgotten when the dialog closes. */
export const ChangePin = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { pin, newPin, again } = fields;
  const change = async () => {
    if (!(await act('portal.pin.set', { pin, newPin }))) return set({ pin: '' });
    prompts.getState().say(t('portal.pinChanged'));
    close();
  };
  const field = (name: keyof typeof blank, label: string, extra: object = {}) => (
    <TextInput
      type="password"
      label={label}
      value={fields[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value.replaceAll(/\D/g, '') })}
      inputMode="numeric"
      autoComplete={name === 'pin' ? 'current-password' : 'new-password'}
      maxLength={32}
      {...extra}
    />
  );
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('portal.changePin')}
      hint={t('portal.changePinHint')}
      submit={t('portal.changePin')}
      ready={pinPattern.test(pin) && pinPattern.test(newPin) && newPin === again}
      onSubmit={() => void change()}
    >
      {field('pin', t('portal.presentPin'), { 'data-autofocus': true })}
      {field('newPin', t('portal.newPin'), { description: t('portal.newPinHint') })}
      {field('again', t('portal.again'), { error: again !== '' && again !== newPin && t('portal.differ') })}
    </FormDialog>
  );
};
