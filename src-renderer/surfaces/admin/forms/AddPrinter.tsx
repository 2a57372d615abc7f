import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { SiteField } from './SiteField.tsx';

const blank = { name: '', uri: 'ipps://', location: '', site: '' };

interface Props {
  readonly opened: boolean;
  onClose(): void;
  onAdded(printer: Output<'admin.printer.add'>): void;
}

/** Names a printer; the coordinator fetches its certificate, which is compared next. */
export const AddPrinter = ({ opened, onClose, onAdded }: Props) => {
  const { t } = useTranslation();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { name, uri, location, site } = fields;
  const add = async () => {
    const printer = await act('admin.printer.add', { name, uri: uri.trim(), location, ...(site && { site }) });
    if (!printer) return;
    close();
    onAdded(printer);
  };
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.printers.add')}
      hint={t('admin.printers.addHint')}
      submit={t('admin.printers.addSubmit')}
      ready={name.trim() !== '' && /^ipps?:\/\/./.test(uri.trim())}
      onSubmit={() => void add()}
    >
      <TextInput
        label={t('admin.printers.name')}
        description={t('admin.printers.nameHint')}
        value={name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('admin.printers.uri')}
        description={t('admin.printers.uriHint')}
        value={uri}
        onChange={(event) => set({ uri: event.currentTarget.value })}
        maxLength={512}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput
        label={t('admin.printers.location')}
        value={location}
        onChange={(event) => set({ location: event.currentTarget.value })}
        maxLength={128}
        autoComplete="off"
      />
      <SiteField value={site} onChange={(site) => set({ site })} />
    </FormDialog>
  );
};
