import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useAddress } from '../../stores/address.ts';
import { IdleWarning } from '../../ui/IdleWarning.tsx';
import { LiveBanner } from '../../ui/LiveBanner.tsx';
import { Navigation } from './Navigation.tsx';
import { pages } from './pages.ts';
import css from './Shell.module.css';

/** Navigation on the left, the page that the address names on the right. */
export const Shell = () => {
  const { t } = useTranslation();
  const { page } = useAddress();
  const found = pages.find(({ path }) => path === page);
  const Content = found?.component;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A page that was gone to is where the keyboard and the screen reader go on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the page is what this waits for
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [page]);
  return (
    <div className={css.shell}>
      <Navigation />
      <main className={css.main} ref={main} tabIndex={-1}>
        <LiveBanner />
        {Content ? (
          <Content />
        ) : (
          <div className={css.nowhere}>
            <h1>{t('admin.nowhere')}</h1>
            <a href="#/">{t('admin.page.overview')}</a>
          </div>
        )}
      </main>
      <IdleWarning />
    </div>
  );
};
