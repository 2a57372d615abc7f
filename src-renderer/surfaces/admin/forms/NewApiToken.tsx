import { NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

const rights = ['read', 'manage', 'dangerous'] as const;
const days = [7, 30, 90, 365] as const;
const blank = { name: '', areas: '*', right: 'read', life: '90' };
/** As the contract wants them: an area or `*`, and a right. */
const scopePattern = /^(\*|[a-z-]{1,32}):(read|manage|dangerous)$/;

/** A token for a program: what it may do, and until when. */
export const NewApiToken = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { name, areas, right, life } = fields;
  const scopes = areas
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((area) => `${area}:${right}`);
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
      {...dialog}
      opened={opened}
      headline={t('admin.tokens.newApi')}
      submit={t('admin.tokens.make')}
      ready={name.trim() !== '' && scopes.length > 0 && scopes.every((scope) => scopePattern.test(scope))}
      onSubmit={() => void make()}
    >
      <TextInput
        label={t('admin.tokens.name')}
        description={t('admin.tokens.nameHint')}
        value={name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('admin.tokens.areas')}
        description={t('admin.tokens.areasHint')}
        value={areas}
        onChange={(event) => set({ areas: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
      <NativeSelect
        label={t('admin.tokens.right')}
        value={right}
        onChange={(event) => set({ right: event.currentTarget.value })}
        data={rights.map((value) => ({ value, label: t(`admin.tokens.rights.${value}`) }))}
      />
      <NativeSelect
        label={t('admin.tokens.life')}
        value={life}
        onChange={(event) => set({ life: event.currentTarget.value })}
        data={days.map((value) => ({ value: String(value), label: t('admin.tokens.days', { count: value }) }))}
      />
    </FormDialog>
  );
};
