import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatRelative } from '../../../i18n/format.ts';
import { amendAddress, useAddress } from '../../../stores/address.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { NewApiToken } from '../forms/NewApiToken.tsx';
import { NewEnrollmentToken } from '../forms/NewEnrollmentToken.tsx';
import { Page } from '../Page.tsx';
import css from './pages.module.css';

type Enrollment = Output<'admin.token.list'>[number];
type Api = Output<'admin.api-token.list'>[number];

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
  const [makingApi, setMakingApi] = useState(false);
  const until = (expires: string) => {
    const when = formatRelative(expires, now, t('common.now'));
    return Date.parse(expires) > now ? t('admin.tokens.ends', { when }) : t('admin.tokens.ended', { when });
  };
  const revoke = async (procedure: 'admin.token.revoke' | 'admin.api-token.revoke', token: Enrollment | Api) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.tokens.revokeHeadline'),
      hint: t('admin.tokens.revokeHint'),
      confirm: t('admin.tokens.revoke'),
      danger: true
    });
    if (sure && (await act(procedure, { id: token.id } as never))) prompts.getState().say(t('admin.tokens.revoked'));
  };
  const stateOf = ({ uses, maxUses, expires }: Enrollment) =>
    Date.parse(expires) <= now ? 'ended' : uses >= maxUses ? 'used' : 'valid';
  return (
    <Page title={t('admin.page.tokens')} hint={t('admin.tokens.hint')} failure={failure}>
      <section className={css.section} aria-labelledby="enrollment">
        <div className={css.row}>
          <h2 id="enrollment">{t('admin.tokens.enrollment')}</h2>
          {may('manage') && (
            <Button
              size="sm"
              variant="light"
              leftSection={<IconPlus size={16} aria-hidden="true" />}
              onClick={() => amendAddress({ new: 'enrollment' })}
            >
              {t('admin.tokens.newEnrollment')}
            </Button>
          )}
        </div>
        <p>{t('admin.tokens.enrollmentHint')}</p>
        <ReadGate {...enrollment} lines={2}>
          {(tokens) =>
            tokens.length === 0 ? (
              <p>{t('admin.tokens.none')}</p>
            ) : (
              <ul className={css.lines} aria-labelledby="enrollment">
                {tokens.map((token) => (
                  <li key={token.id}>
                    <span className={css.what}>
                      <strong>{token.roles.map((role) => t(`admin.role.${role}`)).join(', ')}</strong>
                      <span>
                        {t('admin.tokens.uses', { uses: token.uses, max: token.maxUses })}
                        {token.owner && `, ${t('admin.tokens.for', { owner: token.owner })}`}
                      </span>
                    </span>
                    <StatusMark tone={stateOf(token) === 'valid' ? 'good' : 'quiet'}>
                      {stateOf(token) === 'used' ? t('admin.tokens.used') : until(token.expires)}
                    </StatusMark>
                    {may('manage') && (
                      <Button size="sm" variant="default" onClick={() => void revoke('admin.token.revoke', token)}>
                        {t('admin.tokens.revoke')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            )
          }
        </ReadGate>
      </section>
      <section className={css.section} aria-labelledby="api">
        <div className={css.row}>
          <h2 id="api">{t('admin.tokens.api')}</h2>
          {may('owner') && (
            <Button
              size="sm"
              variant="light"
              leftSection={<IconPlus size={16} aria-hidden="true" />}
              onClick={() => setMakingApi(true)}
            >
              {t('admin.tokens.newApi')}
            </Button>
          )}
        </div>
        <p>{t('admin.tokens.apiHint')}</p>
        <ReadGate {...api} lines={2}>
          {(tokens) =>
            tokens.length === 0 ? (
              <p>{t('admin.tokens.none')}</p>
            ) : (
              <ul className={css.lines} aria-labelledby="api">
                {tokens.map((token) => (
                  <li key={token.id}>
                    <span className={css.what}>
                      <strong>{token.name}</strong>
                      <code>{token.scopes.join(' ')}</code>
                      <span>
                        {t('admin.tokens.by', { by: token.createdBy })},{' '}
                        {token.lastUsed
                          ? t('admin.tokens.lastUsed', { when: formatRelative(token.lastUsed, now, t('common.now')) })
                          : t('admin.tokens.neverUsed')}
                      </span>
                    </span>
                    <StatusMark tone={Date.parse(token.expires) > now ? 'good' : 'quiet'}>
                      {until(token.expires)}
                    </StatusMark>
                    {may('manage') && (
                      <Button size="sm" variant="default" onClick={() => void revoke('admin.api-token.revoke', token)}>
                        {t('admin.tokens.revoke')}
                      </Button>
                    )}
                  </li>
                ))}
              </ul>
            )
          }
        </ReadGate>
      </section>
      <NewEnrollmentToken opened={query.new === 'enrollment'} onClose={() => amendAddress({ new: '' })} />
      <NewApiToken opened={makingApi} onClose={() => setMakingApi(false)} />
    </Page>
  );
};
