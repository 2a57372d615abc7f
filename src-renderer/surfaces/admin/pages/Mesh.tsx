import { useTranslation } from 'react-i18next';
import { useAnswer } from '../../../stores/console.ts';
import { useSites } from '../../../stores/use-sites.ts';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { Note } from '../../../ui/Note.tsx';
import { ReadGate } from '../../../ui/ReadGate.tsx';
import { Page } from '../Page.tsx';
import { Coordinators } from './Coordinators.tsx';
import { MeshMap } from './MeshMap.tsx';
import { MeshNode, stateOf } from './MeshNode.tsx';
import css from './pages.module.css';

/** The machines that keep sealed jobs: which answer, to the coordinator and to each other, and until when they are trusted. */
export const Mesh = () => {
  const { t } = useTranslation();
  const { sites, several } = useSites();
  const mesh = useAnswer('admin.mesh.status');
  const jobs = useAnswer('admin.job.list');
  const policy = useAnswer('admin.policy.get');
  return (
    <Page title={t('admin.page.mesh')} hint={t('admin.mesh.hint')}>
      <ReadGate {...mesh}>
        {({ nodes: all }) => {
          const nodes = all.filter(({ status }) => status === 'approved');
          const wanted = policy.read.value?.replicas ?? 1;
          // A job stays within its site, so each one needs enough of its own.
          const places = several ? sites.filter(({ devices }) => devices > 0) : sites.slice(0, 1);
          const awakeAt = (place: string) =>
            nodes.filter(({ online, site }) => online && (!several || site === place)).length;
          const held = new Map<string, number>();
          for (const { holders } of jobs.read.value ?? [])
            for (const { id } of holders) held.set(id, (held.get(id) ?? 0) + 1);
          if (nodes.length === 0) return <EmptyState headline={t('admin.mesh.none')} hint={t('admin.mesh.noneHint')} />;
          return (
            <>
              {places
                .map(({ id, name }) => ({ id, name, awake: awakeAt(id) }))
                .filter(({ awake }) => awake < wanted)
                .map(({ id, name, awake }) => (
                  <Note
                    key={id}
                    tone="trouble"
                    title={
                      several
                        ? t('admin.mesh.tooFewAt', { awake, wanted, site: name })
                        : t('admin.mesh.tooFew', { awake, wanted })
                    }
                    next={t('admin.mesh.tooFewHint')}
                  />
                ))}
              <MeshMap nodes={nodes.map((node) => ({ ...node, state: stateOf(node) }))} />
              <ul className={css.lines} aria-label={t('admin.mesh.nodes')}>
                {nodes.map((node) => (
                  <MeshNode
                    key={node.id}
                    node={node}
                    holds={held.get(node.id) ?? 0}
                    alone={!nodes.some(({ id, site }) => id !== node.id && site === node.site)}
                  />
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
