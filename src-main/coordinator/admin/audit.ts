import type { Perform } from '../act.ts';
import { type AuditExport, searchOf } from '../audit/export.ts';
import type { AuditForwarding } from '../audit/forward/forwarding.ts';
import type { AuditJournal } from '../audit/journal.ts';
import { rowOf } from '../audit/records.ts';
import type { CoordinatorStore } from '../store.ts';
import type { AdminArea } from './area.ts';

export interface AuditHandlerOptions {
  readonly store: CoordinatorStore;
  readonly audit: AuditJournal;
  readonly auditExport: AuditExport;
  readonly forwarding: AuditForwarding;
  readonly perform: Perform;
}

/** Looking at the log leaves no row; taking it away and sending it elsewhere do. */
export function auditHandlers(options: AuditHandlerOptions): AdminArea<'audit'> {
  const { store, audit, auditExport, forwarding, perform } = options;
  return {
    async 'admin.audit.list'({ after, before, newest, limit, ...filter }) {
      const range = { after, before, newest: newest === true, limit };
      return (await store.tables.audit.find(searchOf(filter), range)).map(rowOf);
    },
    'admin.audit.verify': () => audit.verify(),
    async 'admin.audit.export'({ format, after, first, ...filter }, actor) {
      const { text, next, rows } = await auditExport.page({ format, filter, after, first });
      // Before it is handed out: what cannot be written down is not given.
      await perform(actor, async ({ record }) =>
        record('audit.exported', 'audit', { format, after, rows, filter: JSON.stringify(filter) })
      );
      return { text, next };
    },
    'admin.audit.forward.list': () => forwarding.list(),
    'admin.audit.forward.add': (wanted, actor) => forwarding.add(wanted, actor),
    async 'admin.audit.forward.remove'({ id }, actor) {
      await forwarding.remove(id, actor);
      return {};
    },
    async 'admin.audit.forward.test'({ id }) {
      await forwarding.test(id);
      return {};
    }
  };
}
