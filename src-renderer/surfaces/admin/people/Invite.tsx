import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { EmailField, NameField } from '../../../ui/PersonFields.tsx';

const lives = [24, 72, 168, 336] as const;

/** Invites somebody by name or e-mail address. The link is shown once; sending it is the administrator's. */
export const Invite = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [hours, setHours] = useState('72');
  const close = () => {
    setName('');
    setEmail('');
    clear();
    onClose();
  };
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
      opened={opened}
      headline={t('admin.invitations.invite')}
      hint={t('admin.invitations.inviteHint')}
      submit={t('admin.invitations.make')}
      busy={busy}
      ready={name.trim() !== '' || email.trim() !== ''}
      failure={failure}
      onSubmit={() => void invite()}
      onClose={close}
    >
      <NameField label={t('admin.users.name')} value={name} onChange={setName} />
      <EmailField
        label={t('admin.users.email')}
        description={t('admin.invitations.emailHint')}
        value={email}
        onChange={setEmail}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={hours}
        onChange={(event) => setHours(event.currentTarget.value)}
        data={lives.map((value) => ({ value: String(value), label: t('admin.tokens.days', { count: value / 24 }) }))}
      />
    </FormDialog>
  );
};
