import { useTranslation } from 'react-i18next';
import type { Holder } from '../../src-preload/contract/index.ts';
import css from './Holders.module.css';

/** Machines by name, each with a dot that says whether it answers. */
export const Holders = ({ holders, label }: { readonly holders: readonly Holder[]; readonly label: string }) => {
  const { t } = useTranslation();
  return (
    <ul className={css.holders} aria-label={label}>
      {holders.map(({ id, name, alive, leaving }) => (
        <li key={id} className={css.holder} data-alive={alive} data-leaving={leaving}>
          <span className={css.name}>{name}</span>
          <span className={css.state}>
            {t(leaving && alive ? 'connection.leaving' : alive ? 'connection.awake' : 'connection.asleep')}
          </span>
        </li>
      ))}
    </ul>
  );
};
