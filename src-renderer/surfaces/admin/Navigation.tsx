import { Button } from '@mantine/core';
import { IconLogout, IconMenu2, IconUser } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { formatAddress, useAddress } from '../../stores/address.ts';
import { useAnswer, useConsole } from '../../stores/console.ts';
import { Mark } from '../../ui/Mark.tsx';
import css from './Navigation.module.css';
import { groups, pages } from './pages.ts';

/** Where one can go, what waits there, and who is signed in. On narrow windows it folds away. */
export const Navigation = () => {
  const { t } = useTranslation();
  const { session } = useConsole();
  const { view, organization, signOut } = useStore(session);
  const { page } = useAddress();
  const { read } = useAnswer('console.start');
  const [open, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere folds it
  useEffect(() => setOpen(false), [page]);
  const { pairingRequests = 0, printers } = read.value?.overview ?? {};
  const waiting = pairingRequests + (printers?.pending ?? 0);
  const name = view?.as.name ?? '';
  return (
    <nav className={css.side} data-open={open} aria-label={t('admin.navigation')}>
      <div className={css.brand}>
        <Mark size={36} />
        <p className={css.organization} title={organization}>
          {organization}
        </p>
        <Button
          className={css.fold ?? ''}
          variant="subtle"
          aria-expanded={open}
          aria-controls="navigation-entries"
          aria-label={t('admin.navigation')}
          onClick={() => setOpen(!open)}
        >
          <IconMenu2 size={20} aria-hidden="true" />
        </Button>
      </div>
      <div className={css.entries} id="navigation-entries">
        {groups.map((group) => (
          <ul key={group} aria-label={t(`admin.group.${group}`)}>
            {pages
              .filter((entry) => entry.group === group)
              .map(({ path, name: entry, icon: Icon }) => (
                <li key={path}>
                  <a
                    className={css.entry}
                    href={formatAddress(path)}
                    {...(path === page ? { 'aria-current': 'page' as const } : {})}
                  >
                    <Icon size={18} stroke={1.7} aria-hidden="true" />
                    {t(`admin.page.${entry}`)}
                    {entry === 'approvals' && waiting > 0 && (
                      <span className={css.waiting} title={t('admin.waiting', { count: waiting })}>
                        {waiting}
                      </span>
                    )}
                  </a>
                </li>
              ))}
          </ul>
        ))}
        <ul className={css.foot} aria-label={t('admin.group.you')}>
          <li>
            <a
              className={css.entry}
              href={formatAddress('account')}
              {...(page === 'account' ? { 'aria-current': 'page' as const } : {})}
            >
              <IconUser size={18} stroke={1.7} aria-hidden="true" />
              <span className={css.name}>{name}</span>
            </a>
          </li>
          <li>
            <button type="button" className={css.entry} onClick={() => void signOut()}>
              <IconLogout size={18} stroke={1.7} aria-hidden="true" />
              {t('web.signOut')}
            </button>
          </li>
        </ul>
      </div>
    </nav>
  );
};
