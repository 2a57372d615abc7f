import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useConsole } from '../../../stores/console.ts';
import { useForm } from '../../../stores/use-form.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';

const texts = { name: '', host: '', port: '6514', url: 'https://', certificateSha256: '' };
const blank = { ...texts, kind: 'syslog' as 'syslog' | 'webhook', allowPrivate: false };

/** A receiver of the audit log. The secret of a web hook's signatures is made by the coordinator and shown once. */
export const AddForward = ({ opened, onClose }: { readonly opened: boolean; onClose(): void }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const { fields, set, act, close, dialog } = useForm(blank, onClose);
  const { kind, allowPrivate } = fields;
  const port = Number(fields.port);
  const ready =
    fields.name.trim() !== '' &&
    /^([0-9a-f]{64})?$/.test(fields.certificateSha256) &&
    (kind === 'syslog'
      ? fields.host.trim() !== '' && Number.isInteger(port) && port > 0 && port < 65_536
      : URL.canParse(fields.url) && fields.url.startsWith('https://'));
  const add = async () => {
    const trust = fields.certificateSha256 ? { certificateSha256: fields.certificateSha256 } : {};
    const made = await act('admin.audit.forward.add', {
      name: fields.name,
      target:
        kind === 'syslog'
          ? { kind, host: fields.host.trim(), port, ...trust }
          : { kind, url: fields.url, allowPrivate, ...trust }
    });
    if (!made) return;
    close();
    prompts.getState().say(t('admin.forwarding.added', { name: made.name }));
    if (made.secret)
      prompts.getState().reveal({
        headline: t('admin.forwarding.secret'),
        hint: t('admin.forwarding.secretHint'),
        texts: [made.secret]
      });
  };
  const field = (name: keyof typeof texts, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={fields[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      autoComplete="off"
      spellCheck={false}
      maxLength={2048}
    />
  );
  return (
    <FormDialog
      {...dialog}
      opened={opened}
      headline={t('admin.forwarding.add')}
      submit={t('admin.forwarding.addSubmit')}
      ready={ready}
      onSubmit={() => void add()}
    >
      {field('name', t('admin.forwarding.name'))}
      <NativeSelect
        label={t('admin.forwarding.kind')}
        value={kind}
        onChange={(event) => set({ kind: event.currentTarget.value as typeof kind })}
        data={(['syslog', 'webhook'] as const).map((value) => ({ value, label: t(`admin.forwarding.kinds.${value}`) }))}
      />
      {kind === 'syslog' ? (
        <>
          {field('host', t('admin.forwarding.host'))}
          {field('port', t('admin.forwarding.port'))}
        </>
      ) : (
        <>
          {field('url', t('admin.forwarding.url'), t('admin.forwarding.urlHint'))}
          <Checkbox
            label={t('admin.forwarding.allowPrivate')}
            checked={allowPrivate}
            onChange={(event) => set({ allowPrivate: event.currentTarget.checked })}
          />
        </>
      )}
      {field('certificateSha256', t('admin.forwarding.certificate'), t('admin.forwarding.certificateHint'))}
    </FormDialog>
  );
};
