import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatMoment } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { type DataColumn, DataTable } from '../../../ui/DataTable.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { DetailPanel, PanelActions } from '../DetailPanel.tsx';
import { AddUser, SetEmail, SetPin } from '../forms/user.tsx';
import { Page } from '../Page.tsx';
import { Badges } from '../people/Badges.tsx';

type User = Output<'admin.user.list'>[number];
const tones = { active: 'good', suspended: 'trouble' } as const;

/** The people who print. Suspending one ends their sessions at once. */
export const Users = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const answer = useAnswer('admin.user.list');
  const { busy, failure, act, actOnAll } = useAct();
  const [adding, setAdding] = useState(false);
  const [pinOf, setPinOf] = useState<User | null>(null);
  const [emailOf, setEmailOf] = useState<User | null>(null);

  const suspend = async (users: readonly User[], suspended: boolean) => {
    const [first] = users;
    if (!first) return;
    const sure =
      !suspended ||
      (await prompts.getState().ask({
        headline: t('admin.users.suspendHeadline', { count: users.length, name: first.name }),
        hint: t('admin.users.suspendHint'),
        confirm: t('admin.users.suspend'),
        danger: true
      }));
    if (!sure) return;
    const done = await actOnAll(
      'admin.user.suspend',
      users.map(({ id }) => ({ id, suspended }))
    );
    if (done > 0)
      prompts.getState().say(t(suspended ? 'admin.users.suspended' : 'admin.users.resumed', { count: done }));
  };
  const remove = async ({ id, name }: User) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.users.removeHeadline', { name }),
      hint: t('admin.users.removeHint'),
      confirm: t('admin.users.remove'),
      danger: true
    });
    if (sure && (await act('admin.user.remove', { id }))) prompts.getState().say(t('admin.users.removed', { name }));
  };
  const stateMark = ({ status }: User) => (
    <StatusMark tone={tones[status]}>{t(`admin.users.state.${status}`)}</StatusMark>
  );
  const columns: DataColumn<User>[] = [
    { id: 'name', label: t('admin.users.name'), text: ({ name }) => name, share: 2 },
    {
      id: 'state',
      label: t('admin.state'),
      text: ({ status }) => t(`admin.users.state.${status}`),
      cell: stateMark
    },
    {
      id: 'pin',
      label: t('admin.users.pin'),
      text: ({ hasPin }) => t(hasPin ? 'admin.users.hasPin' : 'admin.users.noPin'),
      cell: ({ hasPin }) =>
        hasPin ? t('admin.users.hasPin') : <StatusMark tone="unsure">{t('admin.users.noPin')}</StatusMark>
    }
  ];
  return (
    <Page
      title={t('admin.page.users')}
      hint={t('admin.users.hint')}
      failure={failure}
      actions={
        <>
          {may('manage') && (
            <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
              {t('admin.users.add')}
            </Button>
          )}
          <Button component="a" href="#/invitations" size="sm" variant="default">
            {t('admin.page.invitations')}
          </Button>
          <Button component="a" href="#/user-rules" size="sm" variant="default">
            {t('admin.page.userRules')}
          </Button>
        </>
      }
    >
      <ReadGate {...answer}>
        {(users) => (
          <DataTable
            label={t('admin.page.users')}
            rows={users}
            columns={columns}
            fileName="users"
            keyOf={({ id }) => id}
            nameOf={({ name }) => name}
            filters={[
              {
                id: 'state',
                label: t('admin.anyState'),
                options: (['active', 'suspended'] as const).map((value) => ({
                  value,
                  label: t(`admin.users.state.${value}`)
                })),
                matches: ({ status }, value) => status === value
              },
              {
                id: 'kind',
                label: t('admin.users.anybody'),
                options: [{ value: 'guest', label: t('admin.users.guests') }],
                matches: ({ expires }) => expires !== null
              },
              {
                id: 'pin',
                label: t('admin.users.anyPin'),
                options: [
                  { value: 'yes', label: t('admin.users.hasPin') },
                  { value: 'no', label: t('admin.users.noPin') }
                ],
                matches: ({ hasPin }, value) => hasPin === (value === 'yes')
              }
            ]}
            bulk={
              may('manage')
                ? [
                    {
                      label: t('admin.users.suspend'),
                      danger: true,
                      applies: ({ status }) => status === 'active',
                      run: (rows) => void suspend(rows, true)
                    },
                    {
                      label: t('admin.users.resume'),
                      applies: ({ status }) => status === 'suspended',
                      run: (rows) => void suspend(rows, false)
                    }
                  ]
                : []
            }
            empty={
              <EmptyState headline={t('admin.users.none')} hint={t('admin.users.noneHint')}>
                {may('manage') && <Button onClick={() => setAdding(true)}>{t('admin.users.add')}</Button>}
              </EmptyState>
            }
          />
        )}
      </ReadGate>
      <DetailPanel rows={answer.read.value} keyOf={({ id }) => id} nameOf={({ name }) => name}>
        {(user) => (
          <>
            <Facts
              facts={[
                [t('admin.state'), stateMark(user)],
                [t('admin.users.email'), user.email],
                [t('admin.users.pin'), t(user.hasPin ? 'admin.users.hasPin' : 'admin.users.noPin')],
                [t('admin.users.guestUntil'), user.expires && formatMoment(user.expires)],
                [
                  t('admin.users.guestOf'),
                  user.host && (answer.read.value?.find(({ id }) => id === user.host)?.name ?? user.host)
                ],
                [t('admin.id'), <code key="id">{user.id}</code>]
              ]}
            />
            <Badges user={user} />
            {may('manage') && (
              <PanelActions>
                <Button variant="default" onClick={() => setPinOf(user)}>
                  {t('admin.users.setPin')}
                </Button>
                <Button variant="default" onClick={() => setEmailOf(user)}>
                  {t('admin.users.setEmail')}
                </Button>
                {user.status === 'active' ? (
                  <Button variant="light" color="wax" loading={busy} onClick={() => void suspend([user], true)}>
                    {t('admin.users.suspend')}
                  </Button>
                ) : (
                  <Button variant="light" loading={busy} onClick={() => void suspend([user], false)}>
                    {t('admin.users.resume')}
                  </Button>
                )}
                {may('dangerous') && (
                  <Button variant="subtle" color="wax" loading={busy} onClick={() => void remove(user)}>
                    {t('admin.users.remove')}
                  </Button>
                )}
              </PanelActions>
            )}
          </>
        )}
      </DetailPanel>
      <AddUser opened={adding} onClose={() => setAdding(false)} />
      <SetPin user={pinOf} onClose={() => setPinOf(null)} />
      <SetEmail user={emailOf} onClose={() => setEmailOf(null)} />
    </Page>
  );
};
