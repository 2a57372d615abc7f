import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Organization } from './organization.ts';

/** What a job is in the middle of when a fault comes. */
export const steps = ['submit', 'replicate', 'heal', 'grant', 'deliver', 'erase'] as const;
export type Step = (typeof steps)[number];

/**
 * Resolves at the first sign that somebody is at that step: a file that appears, a state that a role tells. `close` when it need
 * not be waited for any more.
 */
export function moment(step: Step, organization: Organization, titles: ReadonlySet<string>) {
  const { client, nodes, printer } = organization;
  const stops: (() => void)[] = [];
  const reached = new Promise<void>((done) => {
    const folder = (path: string) => {
      const watcher = watch(path, () => done());
      watcher.on('error', () => undefined);
      stops.push(() => watcher.close());
    };
    const jobs = (states: readonly string[]) =>
      stops.push(
        client.onState((state) => {
          if (state.jobs.some((job) => titles.has(job.title ?? '') && states.includes(job.state))) done();
        })
      );
    switch (step) {
      case 'submit':
        folder(join(client.folder, 'outbox'));
        break;
      case 'replicate':
      case 'heal':
        for (const node of nodes) folder(join(node.folder, 'staging'));
        break;
      case 'grant':
        jobs(['released', 'printing', 'completed']);
        break;
      case 'deliver':
        folder(printer.spool);
        break;
      case 'erase':
        jobs(['completed']);
        break;
    }
  });
  return {
    reached,
    close() {
      for (const stop of stops.splice(0)) stop();
    }
  };
}
