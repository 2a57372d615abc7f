import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Failure } from '../../src-preload/contract/views.ts';
import { LetterlockError } from '../base/errors.ts';
import { ownDecisions, writeQuorum } from '../protocol/own-policy.ts';
import { openManifest } from '../sealing/manifest.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import type { OutboxEntry } from './outbox.ts';
import type { SubmitPorts } from './submit.ts';

/**
 * After a crash: makes records and outbox agree again. Whatever was being sealed was never acknowledged and is gone; whatever
 * was acknowledged is kept.
 */
export async function recover(store: JobStore, ports: SubmitPorts): Promise<void> {
  const { outbox, logger } = ports;
  await outbox.sweep();
  const abort = (job: JobId, failure: Failure) =>
    store.change(job, { state: 'aborted', failure }).catch((error) => {
      logger.warn({ job, error }, 'a job record is not saved'); // the next start finds the same
    });

  for (const { id, state } of store.all()) if (state === 'sealing') await abort(id, interrupted);

  const waiting = new Set<string>();
  for (const job of await outbox.jobs()) {
    try {
      const entry = await outbox.entry(job);
      if (!entry) continue;
      const record = store.get(job) ?? adopted(entry, ports);
      if (isFinal(record.state) || !record.inOutbox) await outbox.remove(job);
      else waiting.add(job);
      if (record !== store.get(job)) await store.put(record);
    } catch (error) {
      logger.error({ job, error }, 'an outbox entry is damaged and was set aside');
    }
  }

  for (const { id, inOutbox, holders } of store.all()) {
    if (!inOutbox || waiting.has(id)) continue;
    if (holders.length === 0) await abort(id, lost);
    else await store.change(id, { inOutbox: false }); // nodes have it
  }
}

const interrupted = failureView(new LetterlockError('upload-truncated', 'interrupted'));
const lost = failureView(new LetterlockError('storage-damaged', 'outbox'));

/** The record of a job whose own record was damaged, from what was sealed: all but what it is about. */
function adopted({ job, manifest: signed, jobPart }: OutboxEntry, { identity, organization }: SubmitPorts): JobRecord {
  const { owner, site, created, expires, size, sha256, blobSize, custody, copies } = openManifest(
    signed,
    identity.signing.publicKey
  );
  const directory = organization.directory();
  return {
    v: 1,
    id: job,
    state: 'held',
    owner: organization.device(identity.id)?.ownerName ?? '',
    user: owner,
    site,
    userName: '',
    held: false,
    description: null,
    created,
    expires,
    durable: created,
    ended: null,
    size,
    blob: { sha256, blobSize },
    holders: [],
    why: [],
    inOutbox: true,
    copies: copies ?? null,
    quorum: directory ? writeQuorum(ownDecisions(directory, identity.id, owner)) : 1,
    registration: null,
    custody,
    jobPart: custody === 'strict' ? jobPart : null,
    printer: null,
    failure: null
  };
}
