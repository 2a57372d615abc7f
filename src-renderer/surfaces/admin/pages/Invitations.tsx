import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatRelative } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { Invite } from '../people/Invite.tsx';
import css from './pages.module.css';

type Invitation = Output<'admin.invitation.list'>[number];

/** Links with which people set their own PIN: those that nobody has used yet. */
export const Invitations = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay()('manage');
  const now = useMinute();
  const answer = useAnswer('admin.invitation.list');
  const { busy, failure, act } = useAct();
  const [inviting, setInviting] = useState(false);
  const revoke = async ({ id, name }: Invitation) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.invitations.revokeHeadline', { name }),
      hint: t('admin.invitations.revokeHint'),
      confirm: t('admin.invitations.revoke'),
      danger: true
    });
    if (sure && (await act('admin.invitation.revoke', { id })))
      prompts.getState().say(t('admin.invitations.revoked', { name }));
  };
  const invite = may && (
    <Button size="sm" leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={() => setInviting(true)}>
      {t('admin.invitations.invite')}
    </Button>
  );
  return (
    <Page
      title={t('admin.page.invitations')}
      hint={t('admin.invitations.hint')}
      failure={failure}
      actions={
        <>
          {invite}
          <Button component="a" href="#/users" size="sm" variant="default">
            {t('admin.page.users')}
          </Button>
        </>
      }
    >
      <ReadGate {...answer} lines={3}>
        {(invitations) =>
          invitations.length === 0 ? (
            <EmptyState headline={t('admin.invitations.none')} hint={t('admin.invitations.noneHint')} />
          ) : (
            <ul className={css.lines} aria-label={t('admin.page.invitations')}>
              {invitations.map((invitation) => (
                <li key={invitation.id} aria-label={invitation.name}>
                  <span className={css.what}>
                    <strong>{invitation.name}</strong>
                    {invitation.email && <span>{invitation.email}</span>}
                  </span>
                  {t('admin.tokens.ends', { when: formatRelative(invitation.expires, now, t('common.now')) })}
                  {may && (
                    <Button size="sm" variant="default" disabled={busy} onClick={() => void revoke(invitation)}>
                      {t('admin.invitations.revoke')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </ReadGate>
      <Invite opened={inviting} onClose={() => setInviting(false)} />
    </Page>
  );
};
