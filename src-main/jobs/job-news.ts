import { z } from 'zod';
import { isErrorCode } from '../../src-preload/contract/errors.ts';
import { LetterlockError } from '../base/errors.ts';
import { isFinal, stateAfter } from './job-state.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import type { JobNews, JobsPorts } from './port.ts';

const Done = z.object({});

/** What the coordinator says of a job: it decides what becomes of one that is held. */
export async function applyNews(
  news: JobNews,
  store: JobStore,
  { organization, logger }: Pick<JobsPorts, 'organization' | 'logger'>
): Promise<void> {
  const record = store.get(news.id);
  if (!record) return;
  if (isFinal(record.state)) {
    // Given up here before the coordinator had said that it knew it: nobody will ever ask for it.
    const givenUp = record.state === 'canceled' || record.state === 'aborted';
    if (!givenUp || isFinal(news.state)) return;
    logger.info({ job: news.id }, 'a job that was given up here is canceled');
    await organization.call(`/v1/jobs/${news.id}/cancel`, {}, Done);
    return;
  }
  const state = stateAfter(record.state, news.state);
  const wentWell = state === 'released' || state === 'printing' || state === 'completed';
  const failure = isErrorCode(news.code)
    ? failureView(new LetterlockError(news.code, news.detail))
    : wentWell
      ? null
      : record.failure;
  await store.change(news.id, {
    state,
    holders: [...news.holders],
    printer: news.printer ?? record.printer,
    registration: null,
    failure
  });
}
