import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { NameField } from '../../../ui/PersonFields.tsx';
import { isSiteId, siteIdFor } from './site-id.ts';

type Site = Output<'admin.site.list'>[number];
interface NewSiteProps {
  readonly opened: boolean;
  readonly taken: readonly Site[];
  onClose(): void;
}

/** Another building or branch. Its id is proposed from its name, and never changes once it is made. */
export const NewSite = ({ opened, taken, onClose }: NewSiteProps) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm<{ name: string; id: string | null }>(blank, onClose);
  const { name } = fields;
  const id = fields.id ?? siteIdFor(name);
  const isTaken = taken.some((site) => site.id === id);
  const make = async () => {
    const site = await act('admin.site.create', { id, name });
    if (!site) return;
    prompts.getState().say(t('admin.sites.added', { name: site.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.sites.add')}
      hint={t('admin.sites.addHint')}
      submit={t('admin.sites.addSubmit')}
      ready={name.trim() !== '' && isSiteId(id) && !isTaken}
      onSubmit={() => void make()}
    >
      <NameField label={t('admin.sites.name')} value={name} onChange={(name) => set({ name })} />
      <TextInput
        label={t('admin.id')}
        description={t('admin.sites.idHint')}
        value={id}
        onChange={(event) => set({ id: event.currentTarget.value })}
        error={isTaken && t('admin.sites.taken')}
        autoComplete="off"
        spellCheck={false}
        maxLength={48}
      />
    </FormDialog>
  );
};
const blank = { name: '', id: null };

export const RenameSite = ({ site, onClose }: { readonly site: Site | null; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm<{ name: string | null }>({ name: null }, onClose);
  const name = fields.name ?? site?.name ?? '';
  const rename = async () => {
    const renamed = site && (await act('admin.site.rename', { id: site.id, name }));
    if (!renamed) return;
    prompts.getState().say(t('admin.sites.renamed', { name: renamed.name }));
    close();
  };
  return (
    <FormDialog
      {...dialog}
      opened={site !== null}
      headline={t('admin.sites.renameHeadline', { name: site?.name ?? '' })}
      submit={t('admin.sites.rename')}
      ready={name.trim() !== '' && name.trim() !== site?.name}
      onSubmit={() => void rename()}
    >
      <NameField label={t('admin.sites.name')} value={name} onChange={(name) => set({ name })} />
    </FormDialog>
  );
};
