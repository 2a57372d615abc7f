import { useTranslation } from 'react-i18next';
import type { ConnectionView } from '../../../src-preload/contract/index.ts';
import { formatWhen } from '../../i18n/format.ts';
import { useNow } from '../../stores/now.ts';
import { Note } from '../../ui/Note.tsx';

interface Props {
  readonly connection: ConnectionView;
  readonly large?: boolean;
}

/** The coordinator is away: what that means here, and where the station stands in for it, since when and until when. */
export const OfflineNote = ({ connection, large = false }: Props) => {
  const { t } = useTranslation();
  const now = useNow();
  const { coordinator, directoryAge, offlineUntil } = connection;
  if (coordinator === 'online') return null;
  const alone = offlineUntil !== undefined && directoryAge !== null;
  return (
    <Note
      tone="offline"
      role="status"
      large={large}
      title={t(alone ? 'connection.stationAlone' : 'connection.stationBanner')}
      next={
        alone
          ? t('connection.stationAloneHint', {
              since: formatWhen(directoryAge, now),
              until: formatWhen(offlineUntil, now)
            })
          : t('connection.stationBannerHint')
      }
    />
  );
};
