import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';

type Mail = NonNullable<Output<'admin.mail.get'>>;
const protections = ['implicit', 'starttls', 'none'] as const;

/** The server that takes mails with links. It is asked before anything counts. */
export const MailForm = ({ settings }: { readonly settings: Mail | null }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const editable = useMay()('owner');
  const { busy, failure, act } = useAct();
  const [fields, setFields] = useState({
    host: settings?.host ?? '',
    port: String(settings?.port ?? 465),
    user: settings?.user ?? '',
    password: '',
    from: settings?.from ?? ''
  });
  const [tls, setTls] = useState<Mail['tls']>(settings?.tls ?? 'implicit');
  const [authority, setAuthority] = useState(settings?.authority ?? '');
  const { host, port, user, password, from } = fields;
  const { ask, say } = prompts.getState();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const secret = user === '' ? { password: null } : password === '' ? {} : { password };
    const place = { host, port: Number(port), tls, authority: authority.trim() || null };
    const saved = await act('admin.mail.set', { ...place, from, user: user || null, ...secret });
    if (saved) say(t('admin.mail.saved'));
  };
  const remove = async () => {
    const sure = await ask({
      headline: t('admin.mail.removeHeadline'),
      hint: t('admin.mail.removeHint'),
      confirm: t('admin.mail.remove'),
      danger: true
    });
    if (sure && (await act('admin.mail.remove', {}))) say(t('admin.mail.removed'));
  };
  const text = (name: keyof typeof fields, label: string, extra: object = {}) => (
    <TextInput
      label={label}
      value={fields[name]}
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      autoComplete="off"
      spellCheck={false}
      maxLength={254}
      {...extra}
    />
  );
  return (
    <form className={css.form} onSubmit={(event) => void save(event)}>
      {failure && <FailureNote failure={failure} />}
      <fieldset className={css.form} disabled={!editable}>
        {text('host', t('admin.mail.host'))}
        {text('port', t('admin.mail.port'), { type: 'number', min: 1, max: 65_535 })}
        <NativeSelect
          label={t('admin.mail.tls')}
          value={tls}
          onChange={(event) => setTls(event.currentTarget.value as Mail['tls'])}
          data={protections.map((value) => ({ value, label: t(`admin.mail.protection.${value}`) }))}
        />
        {text('user', t('admin.mail.user'), { description: t('admin.mail.userHint') })}
        {user !== '' &&
          text('password', t('admin.mail.password'), {
            type: 'password',
            maxLength: 1024,
            ...(settings?.hasPassword && { description: t('admin.mail.passwordKept') })
          })}
        {text('from', t('admin.mail.from'), { type: 'email' })}
        {tls !== 'none' && (
          <Textarea
            label={t('admin.mail.authority')}
            description={t('admin.sso.authorityHint')}
            value={authority}
            onChange={(event) => setAuthority(event.currentTarget.value)}
            autosize={false}
            rows={2}
            spellCheck={false}
          />
        )}
      </fieldset>
      {editable && (
        <div className={css.row}>
          <Button type="submit" loading={busy} disabled={host === '' || from === '' || !Number(port)}>
            {t('admin.mail.save')}
          </Button>
          {settings && (
            <Button variant="subtle" color="wax" disabled={busy} onClick={() => void remove()}>
              {t('admin.mail.remove')}
            </Button>
          )}
        </div>
      )}
    </form>
  );
};
