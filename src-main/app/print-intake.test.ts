import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { JobId, type JobView, jobStates } from '../../src-preload/contract/index.ts';
import type { ClientJobs } from '../jobs/client-jobs.ts';
import { createPrintIntake } from './print-intake.ts';

const title = 'Notice of dismissal';

test.each(jobStates)('the loopback printer, which anybody here may ask, says no title of a job that is %s', (state) => {
  const view: JobView = {
    id: JobId.parse(randomUUID()),
    state,
    owner: 'Ada',
    size: 1,
    created: '2026-01-01T00:00:00.000Z',
    expires: '2026-01-02T00:00:00.000Z',
    title,
    holders: [],
    safeToClose: false,
    inOutbox: false
  };
  const jobs: Pick<ClientJobs, 'get' | 'list'> = { get: () => view, list: () => [view] };
  const intake = createPrintIntake(() => jobs as ClientJobs);
  expect(intake.jobs()).toHaveLength(1);
  expect(JSON.stringify([intake.jobs(), intake.job(view.id)])).not.toContain(title);
});
