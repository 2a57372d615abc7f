import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { Page } from '../Page.tsx';
import { AuthorityKeys } from './AuthorityKeys.tsx';
import { OrganizationKeys } from './OrganizationKeys.tsx';
import css from './pages.module.css';

type Key = Output<'admin.key.list'>[number];
const stateOf = ({ current, destroyed }: Key) => (destroyed ? 'destroyed' : current ? 'current' : 'old');
const tones = { current: 'good', old: 'quiet', destroyed: 'trouble' } as const;

/** Release keys by epoch, newest first. Destroying one is for good. */
export const Keys = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const may = useMay();
  const answer = useAnswer('admin.key.list');
  const { busy, failure, act } = useAct();

  const { several, nameOf } = useSites();
  /** Without a site: of every one. */
  const rotate = async (site?: string) => {
    const sure = await prompts.getState().ask({
      headline: site ? t('admin.keys.rotateSiteHeadline', { site: nameOf(site) }) : t('admin.keys.rotateHeadline'),
      hint: t(several && !site ? 'admin.keys.rotateEverySite' : 'admin.keys.rotateHint'),
      confirm: t('admin.keys.rotate')
    });
    const made = sure && (await act('admin.key.rotate', site ? { site } : {}));
    if (made) prompts.getState().say(t('admin.keys.rotated', { epoch: made.epoch, count: made.keys.length }));
  };
  const destroy = async (epoch: number) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.keys.destroyHeadline', { epoch }),
      hint: t('admin.keys.destroyHint'),
      confirm: t('admin.keys.destroy'),
      danger: true
    });
    if (sure && (await act('admin.key.destroy', { epoch })))
      prompts.getState().say(t('admin.keys.destroyed', { epoch }));
  };
  return (
    <Page
      title={t('admin.page.keys')}
      hint={t('admin.keys.hint')}
      failure={failure}
      actions={
        may('dangerous') && (
          <Button size="sm" loading={busy} onClick={() => void rotate()}>
            {t('admin.keys.rotate')}
          </Button>
        )
      }
    >
      <OrganizationKeys />
      <AuthorityKeys />
      <ReadGate {...answer}>
        {(keys) => (
          <ul className={css.lines} aria-label={t('admin.page.keys')}>
            {keys.toReversed().map((key) => (
              <li key={key.epoch}>
                <span className={css.what}>
                  <strong>
                    {several
                      ? t('admin.keys.epochOf', { epoch: key.epoch, site: nameOf(key.site) })
                      : t('admin.keys.epoch', { epoch: key.epoch })}
                  </strong>
                  <span>
                    {t('admin.keys.made', {
                      when: formatDay(key.created),
                      jobs: t('admin.keys.jobs', { count: key.jobs })
                    })}
                  </span>
                </span>
                <StatusMark tone={tones[stateOf(key)]}>{t(`admin.keys.state.${stateOf(key)}`)}</StatusMark>
                {may('dangerous') && several && key.current && (
                  <Button
                    size="sm"
                    variant="default"
                    disabled={busy}
                    aria-label={t('admin.keys.rotateSite', { site: nameOf(key.site) })}
                    onClick={() => void rotate(key.site)}
                  >
                    {t('admin.keys.rotate')}
                  </Button>
                )}
                {may('dangerous') && !key.destroyed && (
                  <Button
                    size="sm"
                    variant="light"
                    color="wax"
                    disabled={busy}
                    aria-label={t('admin.keys.destroyEpoch', { epoch: key.epoch })}
                    onClick={() => void destroy(key.epoch)}
                  >
                    {t('admin.keys.destroy')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </ReadGate>
    </Page>
  );
};
