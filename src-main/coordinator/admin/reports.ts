import type { Clock } from '../../base/clock.ts';
import type { CoordinatorStore } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface ReportHandlerOptions {
  readonly store: CoordinatorStore;
  readonly clock: Clock;
}

const dayMs = 86_400_000;

/** What became of jobs, counted. Nobody's name is in it. */
export const reportHandlers = ({ store, clock }: ReportHandlerOptions): AdminArea<'report'> => ({
  async 'admin.report.daily'({ days }) {
    const today = Math.floor(clock.now() / dayMs);
    const first = today - days + 1;
    const counts = await store.tables.jobs.endedByDay(first * dayMs);
    return Array.from({ length: days }, (_, at) => {
      const of = (state: (typeof counts)[number]['state']) =>
        counts.find((one) => one.day === first + at && one.state === state)?.count ?? 0;
      const day = new Date((first + at) * dayMs).toISOString().slice(0, 10);
      return { day, printed: of('completed'), erased: of('expired'), canceled: of('canceled') };
    });
  }
});
