import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Role } from '../../../../src-preload/contract/index.ts';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { SiteField } from './SiteField.tsx';

const lives = [1, 24, 168, 720] as const;
const blank = { role: 'client' as Role, maxUses: '1', hours: '24', owner: '', site: '', cloud: false };

/** A token that a number of machines of one role can join with, for a time. */
export const NewEnrollmentToken = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { role, maxUses, hours, owner, site, cloud } = fields;
  const uses = Number(maxUses);
  const make = async () => {
    const made = await act('admin.token.create', {
      roles: [role],
      maxUses: uses,
      hours: Number(hours),
      cloud: cloud && role === 'node',
      ...(site && { site }),
      ...(owner.trim() && role === 'client' && { owner })
    });
    if (!made) return;
    close();
    prompts.getState().reveal({
      headline: t('admin.tokens.enrollmentMade'),
      hint: t('admin.tokens.enrollmentMadeHint'),
      texts: [made.token]
    });
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.tokens.newEnrollment')}
      hint={t('admin.tokens.newEnrollmentHint')}
      submit={t('admin.tokens.make')}
      ready={Number.isInteger(uses) && uses >= 1 && uses <= 10_000}
      onSubmit={() => void make()}
    >
      <NativeSelect
        label={t('admin.tokens.role')}
        value={role}
        onChange={(event) => set({ role: event.currentTarget.value as Role })}
        data={(['client', 'node', 'station'] as const).map((value) => ({ value, label: t(`admin.role.${value}`) }))}
        data-autofocus
      />
      <TextInput
        type="number"
        label={t('admin.tokens.maxUses')}
        value={maxUses}
        onChange={(event) => set({ maxUses: event.currentTarget.value })}
        min={1}
        max={10_000}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={hours}
        onChange={(event) => set({ hours: event.currentTarget.value })}
        data={lives.map((value) => ({ value: String(value), label: t(`admin.tokens.lives.${value}`) }))}
      />
      {role === 'client' && (
        <TextInput
          label={t('admin.approvals.owner')}
          description={t('admin.tokens.ownerHint')}
          value={owner}
          onChange={(event) => set({ owner: event.currentTarget.value })}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <SiteField value={site} onChange={(site) => set({ site })} />
      {role === 'node' && (
        <Checkbox
          label={t('admin.cloudNode')}
          description={t('admin.devices.cloudHint')}
          checked={cloud}
          onChange={(event) => set({ cloud: event.currentTarget.checked })}
        />
      )}
    </FormDialog>
  );
};
