import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatRelative } from '../../../i18n/format.ts';
import { useAct, useAnswer, useConsole, useMay } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { FailureNote } from '../../../ui/FailureNote.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import css from '../pages/pages.module.css';

type Link = Output<'admin.sso.link.list'>[number];

/** Which person of the provider has which account here. */
export const SsoLinks = () => {
  const { t } = useTranslation();
  const { prompts } = useConsole();
  const owner = useMay()('owner');
  const now = useMinute();
  const answer = useAnswer('admin.sso.link.list');
  const { busy, failure, act } = useAct();
  const remove = async ({ id, name, account }: Link) => {
    const sure = await prompts.getState().ask({
      headline: t('admin.sso.unlinkHeadline', { name: name ?? account }),
      hint: t('admin.sso.unlinkHint'),
      confirm: t('admin.sso.unlink'),
      danger: true
    });
    if (sure && (await act('admin.sso.link.remove', { id }))) prompts.getState().say(t('admin.sso.unlinked'));
  };
  return (
    <section className={css.section} aria-labelledby="links">
      <h2 id="links">{t('admin.sso.links')}</h2>
      <p>{t('admin.sso.linksHint')}</p>
      {failure && <FailureNote failure={failure} />}
      <ReadGate {...answer} lines={2}>
        {(links) =>
          links.length === 0 ? (
            <p>{t('admin.sso.noLinks')}</p>
          ) : (
            <ul className={css.lines} aria-labelledby="links">
              {links.map((link) => (
                <li key={link.id}>
                  <span className={css.what}>
                    <strong>{link.name ?? t('admin.sso.gone')}</strong>
                    <code>{link.subject}</code>
                    <span>
                      {t(`admin.sso.kind.${link.kind}`)},{' '}
                      {link.lastSignIn
                        ? t('admin.tokens.lastUsed', { when: formatRelative(link.lastSignIn, now, t('common.now')) })
                        : t('admin.tokens.neverUsed')}
                    </span>
                  </span>
                  {owner && (
                    <Button size="sm" variant="default" disabled={busy} onClick={() => void remove(link)}>
                      {t('admin.sso.unlink')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </ReadGate>
    </section>
  );
};
