import { useTranslation } from 'react-i18next';
import type { Output } from '../../../../src-preload/contract/index.ts';
import { formatDay } from '../../../i18n/format.ts';
import { useAnswer } from '../../../stores/console.ts';
import { useMinute } from '../../../stores/now.ts';
import { toneOfEnd } from '../../../stores/tones.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { StatusMark } from '../../../ui/StatusMark.tsx';
import { Page } from '../Page.tsx';
import { Coordinators } from './Coordinators.tsx';
import { MeshMap } from './MeshMap.tsx';
import css from './pages.module.css';

type Node = Pick<Output<'admin.mesh.status'>['nodes'][number], 'online' | 'seen'>;
const states = ['alive', 'suspect', 'dead', 'left'] as const;
/** Connected here, and yet other nodes do not reach it. */
const doubted = ({ online, seen }: Node) => online && seen !== undefined && seen.suspect + seen.dead > 0;
const stateOf = (node: Node) => (doubted(node) ? 'doubted' : node.online ? 'online' : 'offline');

/** The machines that keep sealed jobs: which answer, to the coordinator and to each other, and until when they are trusted. */
export const Mesh = () => {
  const { t } = useTranslation();
  const now = useMinute();
  const mesh = useAnswer('admin.mesh.status');
  const jobs = useAnswer('admin.job.list');
  const policy = useAnswer('admin.policy.get');
  return (
    <Page title={t('admin.page.mesh')} hint={t('admin.mesh.hint')}>
      <ReadGate {...mesh}>
        {({ nodes: all }) => {
          const nodes = all.filter(({ status }) => status === 'approved');
          const awake = nodes.filter(({ online }) => online).length;
          const wanted = policy.read.value?.replicas ?? 1;
          const held = new Map<string, number>();
          for (const { holders } of jobs.read.value ?? [])
            for (const { id } of holders) held.set(id, (held.get(id) ?? 0) + 1);
          if (nodes.length === 0) return <EmptyState headline={t('admin.mesh.none')} hint={t('admin.mesh.noneHint')} />;
          return (
            <>
              {awake < wanted && (
                <Note
                  tone="trouble"
                  title={t('admin.mesh.tooFew', { awake, wanted })}
                  next={t('admin.mesh.tooFewHint')}
                />
              )}
              <MeshMap nodes={nodes.map((node) => ({ ...node, state: stateOf(node) }))} />
              <ul className={css.lines} aria-label={t('admin.mesh.nodes')}>
                {nodes.map(({ id, name, url, online, seen, certificateExpires }) => (
                  <li key={id}>
                    <span className={css.what}>
                      <strong>{name}</strong>
                      <code>{url ?? t('admin.mesh.noAddress')}</code>
                    </span>
                    <StatusMark tone={online ? 'good' : 'trouble'}>
                      {t(`admin.devices.state.${online ? 'online' : 'offline'}`)}
                    </StatusMark>
                    {seen && (
                      <StatusMark tone={doubted({ online, seen }) ? 'unsure' : 'quiet'}>
                        {states
                          .filter((state) => seen[state] > 0)
                          .map((state) => t(`admin.mesh.seen.${state}`, { count: seen[state] }))
                          .join(', ') || t('admin.mesh.seen.nobody')}
                      </StatusMark>
                    )}
                    <span>{t('admin.mesh.holds', { count: held.get(id) ?? 0 })}</span>
                    <StatusMark tone={toneOfEnd(certificateExpires, now)}>
                      {t('admin.mesh.trustedUntil', { when: formatDay(certificateExpires) })}
                    </StatusMark>
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </ReadGate>
      <Coordinators />
    </Page>
  );
};
