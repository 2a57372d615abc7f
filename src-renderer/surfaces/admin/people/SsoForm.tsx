import { Button, Checkbox, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { useAct, useConsole, useMay } from '../../../stores/console.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import css from '../pages/pages.module.css';
import { adminRoles, changeOf, draftOf, type SsoDraft } from './sso-draft.ts';

/** The provider's address and who of its people is who here. The provider is asked before anything counts. */
export const SsoForm = ({ settings }: { readonly settings: Output<'admin.sso.get'> }) => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const editable = useMay()('owner');
  const { busy, failure, act } = useAct();
  const [draft, setDraft] = useState<SsoDraft>(draftOf(settings));
  const ready =
    draft.name.trim() !== '' &&
    /^https:\/\/./.test(draft.issuer.trim()) &&
    draft.clientId.trim() !== '' &&
    (!draft.withSecret || draft.secret !== '' || settings?.hasSecret === true);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const saved = await act('admin.sso.set', changeOf(draft));
    if (saved) prompts.getState().say(t('admin.sso.saved', { name: saved.name }));
  };
  type Text = { [Name in keyof SsoDraft]: SsoDraft[Name] extends string ? Name : never }[keyof SsoDraft];
  const text = (name: Text, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      disabled={!editable}
      maxLength={512}
      autoComplete="off"
      spellCheck={false}
    />
  );
  const area = (name: Text, label: string, description: string) => (
    <Textarea
      label={label}
      description={description}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      disabled={!editable}
      autosize={false}
      rows={2}
      spellCheck={false}
    />
  );
  const check = (name: 'withSecret' | 'createUsers' | 'linkByEmail', label: string) => (
    <Checkbox
      label={label}
      checked={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.currentTarget.checked })}
      disabled={!editable}
    />
  );
  return (
    <form className={css.form} onSubmit={(event) => void save(event)}>
      {failure && <FailureNote failure={failure} />}
      {text('name', t('admin.sso.name'), t('admin.sso.nameHint'))}
      {text('issuer', t('admin.sso.issuer'), t('admin.sso.issuerHint'))}
      {text('clientId', t('admin.sso.clientId'))}
      {check('withSecret', t('admin.sso.withSecret'))}
      {draft.withSecret && (
        <TextInput
          type="password"
          label={t('admin.sso.secret')}
          description={t(settings?.hasSecret ? 'admin.sso.secretKept' : 'admin.sso.secretHint')}
          value={draft.secret}
          onChange={(event) => setDraft({ ...draft, secret: event.currentTarget.value })}
          disabled={!editable}
          maxLength={1024}
          autoComplete="off"
        />
      )}
      {check('createUsers', t('admin.sso.createUsers'))}
      {check('linkByEmail', t('admin.sso.linkByEmail'))}
      <details>
        <summary>{t('admin.sso.more')}</summary>
        <div className={css.stack}>
          {area('allowedDomains', t('admin.sso.domains'), t('admin.sso.domainsHint'))}
          {area('userGroups', t('admin.sso.userGroups'), t('admin.sso.userGroupsHint'))}
          {adminRoles.map((role) => (
            <div key={role}>
              {area(
                role,
                t('admin.sso.adminGroups', { role: t(`admin.admins.role.${role}`) }),
                t('admin.sso.adminGroupsHint')
              )}
            </div>
          ))}
          {text('scopes', t('admin.sso.scopes'), t('admin.sso.scopesHint'))}
          {text('nameClaim', t('admin.sso.nameClaim'))}
          {text('groupsClaim', t('admin.sso.groupsClaim'))}
          {area('authority', t('admin.sso.authority'), t('admin.sso.authorityHint'))}
        </div>
      </details>
      {editable && (
        <Button type="submit" loading={busy} disabled={!ready}>
          {t('admin.sso.save')}
        </Button>
      )}
    </form>
  );
};
