import { useTranslation } from 'react-i18next';
import type { NodeConditionView } from '../../../../src-preload/contract/index.ts';
import { formatPercent, formatSize } from '../../../i18n/format.ts';
import { StatusMark } from '../../../ui/StatusMark.tsx';

/** How good a place for jobs a node says that it is, in one line. */
export const NodeCondition = ({ condition }: { readonly condition: NodeConditionView }) => {
  const { t } = useTranslation();
  const { power, batteryPercent, freeBytes, awakeShare, domain, stationary } = condition;
  const words = [
    power === 'battery' && batteryPercent !== undefined
      ? t('admin.mesh.batteryAt', { percent: formatPercent(batteryPercent / 100) })
      : t(`admin.mesh.power.${power}`),
    t('admin.mesh.room', { size: formatSize(freeBytes) }),
    t('admin.mesh.awakeShare', { percent: formatPercent(awakeShare) }),
    ...(stationary ? [] : [t('admin.mesh.moves')]),
    ...(domain === '' ? [] : [t('admin.mesh.domain', { domain })])
  ];
  return <span>{words.join(', ')}</span>;
};

/** What of it asks for attention: it goes, or has little left. */
export const NodeWarning = ({ condition }: { readonly condition: NodeConditionView }) => {
  const { t } = useTranslation();
  const { leaving, power, batteryPercent = 100, freeBytes } = condition;
  const warning = leaving
    ? 'leaving'
    : freeBytes < littleRoom
      ? 'full'
      : power === 'battery' && batteryPercent < littleBattery
        ? 'empty'
        : null;
  return warning && <StatusMark tone="unsure">{t(`admin.mesh.warning.${warning}`)}</StatusMark>;
};

const littleRoom = 1_000_000_000;
const littleBattery = 20;
