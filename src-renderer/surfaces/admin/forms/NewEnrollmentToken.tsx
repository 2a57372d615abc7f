import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Role } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

const lives = [1, 24, 168, 720] as const;

/** A token that a number of machines of one role can join with, for a time. */
export const NewEnrollmentToken = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [role, setRole] = useState<Role>('client');
  const [maxUses, setMaxUses] = useState('1');
  const [hours, setHours] = useState('24');
  const [owner, setOwner] = useState('');
  const uses = Number(maxUses);
  const close = () => {
    clear();
    onClose();
  };
  const make = async () => {
    const made = await act('admin.token.create', {
      roles: [role],
      maxUses: uses,
      hours: Number(hours),
      ...(owner.trim() && role === 'client' ? { owner } : {})
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
      opened={opened}
      headline={t('admin.tokens.newEnrollment')}
      hint={t('admin.tokens.newEnrollmentHint')}
      submit={t('admin.tokens.make')}
      busy={busy}
      ready={Number.isInteger(uses) && uses >= 1 && uses <= 10_000}
      failure={failure}
      onSubmit={() => void make()}
      onClose={close}
    >
      <NativeSelect
        label={t('admin.tokens.role')}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={(['client', 'node', 'station'] as const).map((value) => ({ value, label: t(`admin.role.${value}`) }))}
        data-autofocus
      />
      <TextInput
        type="number"
        label={t('admin.tokens.maxUses')}
        value={maxUses}
        onChange={(event) => setMaxUses(event.currentTarget.value)}
        min={1}
        max={10_000}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={hours}
        onChange={(event) => setHours(event.currentTarget.value)}
        data={lives.map((value) => ({ value: String(value), label: t(`admin.tokens.lives.${value}`) }))}
      />
      {role === 'client' && (
        <TextInput
          label={t('admin.approvals.owner')}
          description={t('admin.tokens.ownerHint')}
          value={owner}
          onChange={(event) => setOwner(event.currentTarget.value)}
          maxLength={128}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </FormDialog>
  );
};
