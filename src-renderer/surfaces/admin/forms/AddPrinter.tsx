import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct } from '../../../stores/console.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

interface Props {
  readonly opened: boolean;
  onClose(): void;
  onAdded(printer: Output<'admin.printer.add'>): void;
}

/** Names a printer; the coordinator fetches its certificate, which is compared next. */
export const AddPrinter = ({ opened, onClose, onAdded }: Props) => {
  const { t } = useTranslation();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [uri, setUri] = useState('ipps://');
  const [location, setLocation] = useState('');
  const close = () => {
    setName('');
    setUri('ipps://');
    setLocation('');
    clear();
    onClose();
  };
  const add = async () => {
    const printer = await act('admin.printer.add', { name, uri: uri.trim(), location });
    if (!printer) return;
    close();
    onAdded(printer);
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('admin.printers.add')}
      hint={t('admin.printers.addHint')}
      submit={t('admin.printers.addSubmit')}
      busy={busy}
      ready={name.trim() !== '' && /^ipps?:\/\/./.test(uri.trim())}
      failure={failure}
      onSubmit={() => void add()}
      onClose={close}
    >
      <TextInput
        label={t('admin.printers.name')}
        description={t('admin.printers.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label={t('admin.printers.uri')}
        description={t('admin.printers.uriHint')}
        value={uri}
        onChange={(event) => setUri(event.currentTarget.value)}
        maxLength={512}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput
        label={t('admin.printers.location')}
        value={location}
        onChange={(event) => setLocation(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
      />
    </FormDialog>
  );
};
