import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatRelative } from '../../../i18n/format.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { NewApiToken } from '../forms/NewApiToken.tsx';
import { NewEnrollmentToken } from '../forms/NewEnrollmentToken.tsx';
import { Page } from '../Page.tsx';
import { useRoleWords } from '../use-role-words.ts';
import { TokenList } from './TokenList.tsx';

type Enrollment = Output<'admin.token.list'>[number];

/** What lets machines join without a code, and programs act for administrators. Each is shown once, when it is made. */
export const Tokens = () => {
  const { t } = useTranslation();
  const may = useMay();
  const { query } = useAddress();
  const enrollment = useAnswer('admin.token.list');
  const api = useAnswer('admin.api-token.list');
  const { failure, act } = useAct();
  const { prompts } = useConsole();
  const now = useMinute();
  const rolesOf = useRoleWords();
  const { several, nameOf } = useSites();
  const until = (expires: string) => {
    const when = formatRelative(expires, now, t('common.now'));
    return Date.parse(expires) > now ? t('admin.tokens.ends', { when }) : t('admin.tokens.ended', { when });
  };
  const revoke = async (done: () => Promise<object | undefined>) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.tokens.revokeHeadline'),
      hint: t('admin.tokens.revokeHint'),
      confirm: t('admin.tokens.revoke'),
      danger: true
    });
    if (sure && (await done())) prompts.getState().say(t('admin.tokens.revoked'));
  };
  const stateOf = ({ uses, maxUses, expires }: Enrollment) =>
    Date.parse(expires) <= now ? 'ended' : uses >= maxUses ? 'used' : 'valid';
  return (
    <Page title={t('admin.page.tokens')} hint={t('admin.tokens.hint')} failure={failure}>
      <TokenList
        {...enrollment}
        id="enrollment"
        headline={t('admin.tokens.enrollment')}
        hint={t('admin.tokens.enrollmentHint')}
        make={may('manage') ? t('admin.tokens.newEnrollment') : undefined}
        onMake={() => amendAddress({ new: 'enrollment' })}
        onRevoke={({ id }) => void revoke(() => act('admin.token.revoke', { id }))}
        mark={(token) => (
          <StatusMark tone={stateOf(token) === 'valid' ? 'good' : 'quiet'}>
            {stateOf(token) === 'used' ? t('admin.tokens.used') : until(token.expires)}
          </StatusMark>
        )}
      >
        {({ roles, cloud, uses, maxUses, owner, site }) => (
          <>
            <strong>{rolesOf({ roles, cloud })}</strong>
            <span>
              {t('admin.tokens.uses', { uses, max: maxUses })}
              {owner && `, ${t('admin.tokens.for', { owner })}`}
              {several && `, ${nameOf(site)}`}
            </span>
          </>
        )}
      </TokenList>
      <TokenList
        {...api}
        id="api"
        headline={t('admin.tokens.api')}
        hint={t('admin.tokens.apiHint')}
        make={may('owner') ? t('admin.tokens.newApi') : undefined}
        onMake={() => amendAddress({ new: 'api' })}
        onRevoke={({ id }) => void revoke(() => act('admin.api-token.revoke', { id }))}
        mark={({ expires }) => (
          <StatusMark tone={Date.parse(expires) > now ? 'good' : 'quiet'}>{until(expires)}</StatusMark>
        )}
      >
        {({ name, scopes, createdBy, lastUsed }) => (
          <>
            <strong>{name}</strong>
            <code>{scopes.join(' ')}</code>
            <span>
              {t('admin.tokens.by', { by: createdBy })},{' '}
              {lastUsed
                ? t('admin.tokens.lastUsed', { when: formatRelative(lastUsed, now, t('common.now')) })
                : t('admin.tokens.neverUsed')}
            </span>
          </>
        )}
      </TokenList>
      <NewEnrollmentToken opened={query.new === 'enrollment'} onClose={() => amendAddress({ new: '' })} />
      <NewApiToken opened={query.new === 'api'} onClose={() => amendAddress({ new: '' })} />
    </Page>
  );
};
