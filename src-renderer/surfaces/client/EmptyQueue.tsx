import { useTranslation } from 'react-i18next';
import { Letter } from '../../ui/Letter.tsx';
import css from './EmptyQueue.module.css';

/** Nothing waits: what to do to change that. */
export const EmptyQueue = ({ compact }: { readonly compact: boolean }) => {
  const { t } = useTranslation();
  return (
    <div className={css.empty} data-compact={compact || undefined}>
      <Letter situation="held" size={compact ? 56 : 96} />
      <div>
        <h2>{t('empty.headline')}</h2>
        <p>{t('empty.hint')}</p>
      </div>
    </div>
  );
};
