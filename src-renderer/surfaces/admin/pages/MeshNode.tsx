import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useMinute } from '../../../stores/now.ts';
import { toneOfEnd } from '../../../stores/tones.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { NodeCondition, NodeWarning } from './NodeCondition.tsx';
import css from './pages.module.css';

type Node = Output<'admin.mesh.status'>['nodes'][number];
const states = ['alive', 'suspect', 'dead', 'left'] as const;
/** Connected here, and yet other nodes do not reach it. */
const doubted = ({ online, seen }: Node) => online && seen !== undefined && seen.suspect + seen.dead > 0;
export const stateOf = (node: Node) => (doubted(node) ? 'doubted' : node.online ? 'online' : 'offline');

interface Props {
  readonly node: Node;
  /** How many jobs. */
  readonly holds: number;
  /** No other node of its site could see it. */
  readonly alone: boolean;
}

/** One node: where it is, how it is by its own word and by that of others, what it holds, until when it is trusted. */
export const MeshNode = ({ node, holds, alone }: Props) => {
  const { t } = useTranslation();
  const now = useMinute();
  const { several, nameOf } = useSites();
  const { name, url, online, cloud, site, seen, condition, certificateExpires } = node;
  const place = [...(several ? [nameOf(site)] : []), ...(cloud ? [t('admin.cloudNode')] : [])].join(', ');
  return (
    <li>
      <span className={css.what}>
        <strong>{name}</strong>
        <code>{url ?? t('admin.mesh.noAddress')}</code>
        {place && <span>{place}</span>}
        {condition && <NodeCondition condition={condition} />}
      </span>
      {condition && <NodeWarning condition={condition} />}
      <StatusMark tone={online ? 'good' : 'trouble'}>
        {t(`admin.devices.state.${online ? 'online' : 'offline'}`)}
      </StatusMark>
      {seen && !alone && (
        <StatusMark tone={doubted(node) ? 'unsure' : 'quiet'}>
          {states
            .filter((state) => seen[state] > 0)
            .map((state) => t(`admin.mesh.seen.${state}`, { count: seen[state] }))
            .join(', ') || t('admin.mesh.seen.nobody')}
        </StatusMark>
      )}
      <span>{t('admin.mesh.holds', { count: holds })}</span>
      <StatusMark tone={toneOfEnd(certificateExpires, now)}>
        {t('admin.mesh.trustedUntil', { when: formatDay(certificateExpires) })}
      </StatusMark>
    </li>
  );
};
