import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAct, useConsole } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

const rights = ['read', 'manage', 'dangerous'] as const;
const days = [7, 30, 90, 365] as const;
/** As the contract wants them: an area or `*`, and a right. */
const scopePattern = /^(\*|[a-z-]{1,32}):(read|manage|dangerous)$/;

/** A token for a program: what it may do, and until when. */
export const NewApiToken = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [areas, setAreas] = useState('*');
  const [right, setRight] = useState<(typeof rights)[number]>('read');
  const [life, setLife] = useState('90');
  const scopes = areas
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((area) => `${area}:${right}`);
  const close = () => {
    setName('');
    clear();
    onClose();
  };
  const make = async () => {
    const made = await act('admin.api-token.create', { name, scopes, days: Number(life) });
    if (!made) return;
    close();
    prompts.getState().reveal({
      headline: t('admin.tokens.apiMade'),
      hint: t('admin.tokens.apiMadeHint'),
      texts: [made.token]
    });
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('admin.tokens.newApi')}
      submit={t('admin.tokens.make')}
      busy={busy}
      ready={name.trim() !== '' && scopes.length > 0 && scopes.every((scope) => scopePattern.test(scope))}
      failure={failure}
      onSubmit={() => void make()}
      onClose={close}
    >
      <TextInput
        label={t('admin.tokens.name')}
        description={t('admin.tokens.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('admin.tokens.areas')}
        description={t('admin.tokens.areasHint')}
        value={areas}
        onChange={(event) => setAreas(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <NativeSelect
        label={t('admin.tokens.right')}
        value={right}
        onChange={(event) => setRight(event.currentTarget.value as (typeof rights)[number])}
        data={rights.map((value) => ({ value, label: t(`admin.tokens.rights.${value}`) }))}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={life}
        onChange={(event) => setLife(event.currentTarget.value)}
        data={days.map((value) => ({ value: String(value), label: t('admin.tokens.days', { count: value }) }))}
      />
    </FormDialog>
  );
};
