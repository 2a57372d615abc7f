import { useTranslation } from 'react-i18next';
import type { ConnectionView } from '../../../src-preload/contract/index.ts';
import { formatRelative } from '../../i18n/format.ts';
import { useMinute } from '../../stores/now.ts';
import css from './ConnectionLine.module.css';

/** Whether the coordinator answers, and if not, since when what is shown may be stale. */
export const ConnectionLine = ({ connection }: { readonly connection: ConnectionView }) => {
  const { t } = useTranslation();
  const now = useMinute();
  const { coordinator, directoryAge } = connection;
  const confirmed = directoryAge
    ? t('connection.confirmed', { ago: formatRelative(directoryAge, now, t('common.now')) })
    : t('connection.never');
  return (
    <div className={css.line} data-state={coordinator} role="status" aria-label={t('connection.label')}>
      <span className={css.state}>{t(`connection.${coordinator}`)}</span>
      {coordinator === 'offline' && <span className={css.age}>{confirmed}</span>}
    </div>
  );
};
