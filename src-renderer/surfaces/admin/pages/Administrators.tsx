import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { AdminRole, Output } from '../../../../src-preload/contract/index.ts';
import { formatWhen } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Administrator = Output<'admin.admin.list'>[number];
const adminRoles = ['owner', 'operator', 'auditor'] as const;

/** Who may open this console, and what they may do in it. Only owners change that. */
export const Administrators = () => {
  const { t } = useTranslation();
  const { prompts, session } = useConsole();
  const own = useStore(session, ({ view }) => view?.as.name);
  const owner = useMay()('owner');
  const now = useMinute();
  const answer = useAnswer('admin.admin.list');
  const { busy, failure, act } = useAct();
  const [adding, setAdding] = useState(false);
  const { ask, say, reveal } = prompts.getState();
  const show = (password: string) =>
    reveal({ headline: t('admin.admins.password'), hint: t('admin.admins.passwordHint'), texts: [password] });

  const setRole = async (name: string, role: AdminRole) => {
    if (await act('admin.admin.set-role', { name, role })) say(t('admin.admins.roleSet', { name }));
  };
  const reset = async (name: string) => {
    const sure = await ask({
      headline: t('admin.admins.resetHeadline', { name }),
      hint: t('admin.admins.resetHint'),
      confirm: t('admin.admins.reset'),
      danger: true
    });
    const made = sure && (await act('admin.admin.reset', { name }));
    if (made) show(made.password);
  };
  const remove = async (name: string) => {
    const sure = await ask({
      headline: t('admin.admins.removeHeadline', { name }),
      hint: t('admin.admins.removeHint'),
      confirm: t('admin.admins.remove'),
      danger: true
    });
    if (sure && (await act('admin.admin.remove', { name }))) say(t('admin.admins.removed', { name }));
  };
  const factors = ({ totp, passkeys }: Administrator) =>
    totp || passkeys > 0 ? (
      <StatusMark tone="good">{t('admin.admins.secondFactor')}</StatusMark>
    ) : (
      <StatusMark tone="unsure">{t('admin.admins.noSecondFactor')}</StatusMark>
    );
  return (
    <Page
      title={t('admin.page.admins')}
      hint={t('admin.admins.hint')}
      failure={failure}
      actions={
        owner && (
          <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
            {t('admin.admins.add')}
          </Button>
        )
      }
    >
      <ReadGate {...answer} lines={3}>
        {(administrators) => (
          <ul className={css.lines} aria-label={t('admin.page.admins')}>
            {administrators.map((admin) => (
              <li key={admin.name} aria-label={admin.name}>
                <span className={css.what}>
                  <strong>{admin.name === own ? t('admin.admins.you', { name: admin.name }) : admin.name}</strong>
                  <span>
                    {admin.lastSignIn
                      ? t('admin.admins.lastSignIn', { when: formatWhen(admin.lastSignIn, now) })
                      : t('admin.admins.neverSignedIn')}
                  </span>
                </span>
                {factors(admin)}
                {owner && admin.name !== own ? (
                  <>
                    <NativeSelect
                      aria-label={t('admin.admins.roleOf', { name: admin.name })}
                      value={admin.role}
                      disabled={busy}
                      onChange={(event) => void setRole(admin.name, event.currentTarget.value as AdminRole)}
                      data={adminRoles.map((value) => ({ value, label: t(`admin.admins.role.${value}`) }))}
                    />
                    <Button size="sm" variant="default" disabled={busy} onClick={() => void reset(admin.name)}>
                      {t('admin.admins.reset')}
                    </Button>
                    <Button
                      size="sm"
                      variant="light"
                      color="wax"
                      disabled={busy}
                      onClick={() => void remove(admin.name)}
                    >
                      {t('admin.admins.remove')}
                    </Button>
                  </>
                ) : (
                  <span>{t(`admin.admins.role.${admin.role}`)}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </ReadGate>
      <AddAdministrator opened={adding} onClose={() => setAdding(false)} onPassword={show} />
    </Page>
  );
};

interface AddProps {
  readonly opened: boolean;
  onClose(): void;
  onPassword(password: string): void;
}

const AddAdministrator = ({ opened, onClose, onPassword }: AddProps) => {
  const { t } = useTranslation();
  const { busy, failure, act, clear } = useAct();
  const [name, setName] = useState('');
  const [role, setRole] = useState<AdminRole>('operator');
  const close = () => {
    setName('');
    clear();
    onClose();
  };
  const add = async () => {
    const made = await act('admin.admin.add', { name, role });
    if (!made) return;
    close();
    onPassword(made.password);
  };
  return (
    <FormDialog
      opened={opened}
      headline={t('admin.admins.add')}
      hint={t('admin.admins.addHint')}
      submit={t('admin.admins.addSubmit')}
      busy={busy}
      ready={/^[a-z0-9][a-z0-9._@+-]{0,62}$/.test(name.trim().toLowerCase())}
      failure={failure}
      onSubmit={() => void add()}
      onClose={close}
    >
      <TextInput
        label={t('admin.signIn.name')}
        description={t('admin.admins.nameHint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={63}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <NativeSelect
        label={t('admin.admins.roleLabel')}
        description={t(`admin.admins.roleHint.${role}`)}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as AdminRole)}
        data={adminRoles.map((value) => ({ value, label: t(`admin.admins.role.${value}`) }))}
      />
    </FormDialog>
  );
};
