import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { EmailField, NameField } from '../../../ui/PersonFields.tsx';

const lives = [24, 72, 168, 336] as const;
const blank = { name: '', email: '', hours: '72' };

/** Invites somebody by name or e-mail address. The link is shown once; sending it is the administrator's. */
export const Invite = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { name, email, hours } = fields;
  const invite = async () => {
    const made = await act('admin.invitation.create', {
      hours: Number(hours),
      ...(name.trim() && { name }),
      ...(email.trim() && { email: email.trim() })
    });
    if (!made) return;
    close();
    const { name: invited, link, mailedTo, failure: why } = made;
    if (link === null) return prompts.getState().say(t('admin.invitations.mailed', { to: mailedTo ?? '' }));
    prompts.getState().reveal({
      headline: t('admin.invitations.link', { name: invited }),
      hint: why === null ? t('admin.invitations.linkHint') : t('admin.invitations.notMailed', { why }),
      texts: [link]
    });
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.invitations.invite')}
      hint={t('admin.invitations.inviteHint')}
      submit={t('admin.invitations.make')}
      ready={name.trim() !== '' || email.trim() !== ''}
      onSubmit={() => void invite()}
    >
      <NameField label={t('admin.users.name')} value={name} onChange={(name) => set({ name })} />
      <EmailField
        label={t('admin.users.email')}
        description={t('admin.invitations.emailHint')}
        value={email}
        onChange={(email) => set({ email })}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={hours}
        onChange={(event) => set({ hours: event.currentTarget.value })}
        data={lives.map((value) => ({ value: String(value), label: t('admin.tokens.days', { count: value / 24 }) }))}
      />
    </FormDialog>
  );
};
