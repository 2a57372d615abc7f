import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { BadgeId, Output } from '../../src-preload/contract/index.ts';
import { formatDay, formatRelative } from '../i18n/format.ts';
import { useMinute } from '../stores/now.ts';
import css from './BadgeList.module.css';

interface Props {
  readonly badges: Output<'portal.badge.list'>;
  readonly busy: boolean;
  /** Undefined: they can only be looked at. */
  readonly onRemove?: ((id: BadgeId) => void) | undefined;
}

/** Somebody's badges. Their numbers are known to nobody: when each was added and last used tells them apart. */
export const BadgeList = ({ badges, busy, onRemove }: Props) => {
  const { t } = useTranslation();
  const now = useMinute();
  return (
    <ul className={css.badges} aria-label={t('badge.badges')}>
      {badges.map(({ id, created, lastUsed }) => {
        const added = t('badge.added', { when: formatDay(created) });
        return (
          <li key={id}>
            <span>
              {added}
              <br />
              <span className={css.used}>
                {lastUsed
                  ? t('badge.used', { when: formatRelative(lastUsed, now, t('common.now')) })
                  : t('badge.unused')}
              </span>
            </span>
            {onRemove && (
              <Button
                size="sm"
                variant="default"
                disabled={busy}
                aria-label={t('badge.removeOne', { added })}
                onClick={() => onRemove(id)}
              >
                {t('badge.remove')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
};
