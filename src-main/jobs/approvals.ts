import { z } from 'zod';
import type { GrantId } from '../../src-preload/contract/ids.ts';
import type { ApprovalView } from '../../src-preload/contract/views.ts';
import { LetterlockError } from '../base/errors.ts';
import type { ApprovalRequest } from '../protocol/device-api.ts';
import type { Descriptions } from './descriptions.ts';
import type { JobStore } from './job-store.ts';
import type { JobsPorts } from './port.ts';
import { letGo } from './strict-custody.ts';

/**
 * Releases of jobs in strict custody that were asked for at another machine, and wait for the owner's word on this one. Nothing
 * is answered by itself: what nobody confirms here ends by itself.
 */
export interface ReleaseApprovals {
  list(): ApprovalView[];
  /** Throws `not-found` when it is over, and the coordinator's refusal. */
  answer(id: GrantId, approved: boolean): Promise<void>;
  close(): void;
}

const Done = z.object({});

export function createReleaseApprovals(options: {
  readonly store: JobStore;
  readonly descriptions: Descriptions;
  readonly ports: JobsPorts;
  readonly onChange: () => void;
}): ReleaseApprovals {
  const { store, descriptions, ports, onChange } = options;
  const { organization } = ports;
  let requests: readonly ApprovalRequest[] = [];

  const off = organization.onApprovals((now) => {
    requests = now.filter(({ job }) => store.get(job)?.jobPart);
    onChange();
  });
  const printerName = (id: string) => organization.directory()?.printers.find((printer) => printer.id === id)?.name;

  return {
    list: () =>
      requests.map(({ id, job, printer, requestedBy, delegate, expires }) => ({
        id,
        job,
        title: descriptions.get(job)?.title ?? null,
        printer: printerName(printer) ?? printer,
        station: organization.device(requestedBy)?.name ?? requestedBy,
        ...(delegate === undefined ? {} : { delegate }),
        expires
      })),
    async answer(id, approved) {
      const request = requests.find((one) => one.id === id);
      const record = request && store.get(request.job);
      if (!request || !record) throw new LetterlockError('not-found', 'approval');
      const jobPart = approved ? await letGo(record, { ...request, grant: id }, ports) : null;
      await organization.call(`/v1/approvals/${id}`, { jobPart }, Done);
      requests = requests.filter((one) => one.id !== id);
      onChange();
    },
    close: off
  };
}
