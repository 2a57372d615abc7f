import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { PrinterId } from '../../../src-preload/contract/ids.ts';
import { toBase64url } from '../../base/bytes.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DeviceIdentity } from '../../identity/device-identity.ts';
import { openPrinter } from '../../ipp/client.ts';
import { encodeAttributes } from '../../ipp/codec.ts';
import type { IppAttribute } from '../../ipp/message.ts';
import type { ClaimTaker, Replica } from '../../mesh/ports.ts';
import { createTestOrganization, type SealedTestJob, type TestOrganization } from '../../mesh/testing/organization.ts';
import type { Grant, GrantBundle } from '../../protocol/device-api.ts';
import type { ReleaseEvent } from '../../protocol/node-api.ts';
import { createDelivery, type Delivery } from '../delivery.ts';
import type { Stamp } from '../watermark/port.ts';
import { type PrintedJob, type ScriptedPrinter, startScriptedPrinter } from './printer.ts';

/** Pauses end at once, and were as long as they should be. */
function hurriedClock(): Clock {
  let skipped = 0;
  return {
    now: () => systemClock.now() + skipped,
    after(ms, run) {
      const soon = setImmediate(() => {
        skipped += ms;
        run();
      });
      return () => clearImmediate(soon);
    }
  };
}

export const refused = (code: string) => expect.objectContaining({ code });
export const documentOf = (job: PrintedJob | undefined, index = 0) =>
  Buffer.concat(job?.documents[index]?.pieces ?? []);
export const group = (...attributes: IppAttribute[]) => toBase64url(encodeAttributes(attributes));
export const last = (events: ReleaseEvent[]) => events.at(-1);

/** A node that delivers to two scripted printers, new for each test, in an organization whose coordinator is a function. */
export function deliveryFixture({ stallSeconds = 30, stamp }: { stallSeconds?: number; stamp?: Stamp } = {}) {
  let organization: TestOrganization;
  let client: DeviceIdentity;
  let station: DeviceIdentity;
  let node: DeviceIdentity;
  let secure: ScriptedPrinter;
  let plain: ScriptedPrinter;
  let printer: PrinterId;
  let plainPrinter: PrinterId;
  let dataDir: string;
  let delivery: Delivery;

  beforeAll(async () => {
    organization = await createTestOrganization();
    [client, station, node] = await Promise.all([
      organization.enroll('laptop', ['client']),
      organization.enroll('kiosk', ['station']),
      organization.enroll('node', ['node'])
    ]);
  }, 60_000);
  afterAll(() => organization.close());

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'letterlock-delivery-'));
    secure = await startScriptedPrinter();
    plain = await startScriptedPrinter({ secure: false });
    printer = list(secure, { grade: 'ipps-required' });
    plainPrinter = list(plain, { grade: 'plain-allowed' });
    delivery = await begin();
  });
  afterEach(async () => {
    await delivery.close();
    await secure.close();
    await plain.close();
    await rm(dataDir, { recursive: true, force: true });
    organization.printers.length = 0;
    organization.calls.length = 0;
    organization.policy.jobNames = 'shown';
    organization.coordinatorState.connected = true;
    organization.coordinatorState.answer = () => ({});
  });

  function list(target: ScriptedPrinter, { grade }: { grade: 'ipps-required' | 'plain-allowed' }): PrinterId {
    const id = PrinterId.parse(randomUUID());
    const { uri, certificateSha256 } = target;
    organization.printers.push({
      ...{ id, uri, grade, certificateSha256, name: 'printer', location: '', capabilities: null }
    });
    return id;
  }
  const begin = () =>
    createDelivery({
      dataDir,
      identity: node,
      organization: organization.view(node),
      clock: hurriedClock(),
      logger: silentLogger,
      openPrinter: (way) => openPrinter({ ...way, stallSeconds }),
      stamp
    });

  /** A job and what this node holds of it. */
  async function held(document: Uint8Array, options: Parameters<TestOrganization['seal']>[2] = {}) {
    const sealed = await organization.seal(client, document, options);
    const path = join(dataDir, `${sealed.job}.blob`);
    await writeFile(path, sealed.blob);
    const { manifest, metadata, sealedKey } = await sealed.commitFor(node);
    const replica: Replica = { job: sealed.job, manifest, metadata, sealedKey, openBlob: () => open(path, 'r') };
    return { sealed, path, replica };
  }

  return {
    organization: () => organization,
    station: () => station,
    node: () => node,
    secure: () => secure,
    plain: () => plain,
    printer: () => printer,
    plainPrinter: () => plainPrinter,
    dataDir: () => dataDir,
    begin,
    held,
    /** A job of several documents, and the bytes of each. */
    async heldTogether(...sizes: number[]) {
      const documents = sizes.map((size) => randomBytes(size));
      const metadata = {
        documents: sizes.map((size, index) => ({
          ...{ format: 'application/pdf', size, name: `part ${index}`, facts: {} },
          attributes: group({ name: 'copies', values: [{ tag: 'integer', value: index + 1 }] })
        }))
      };
      return { documents, ...(await held(Buffer.concat(documents), { metadata })) };
    },
    grantOf: (sealed: SealedTestJob, change: Partial<Grant> = {}, to = printer) =>
      sealed.grantFor({ node, printer: to, requestedBy: station.id }, change),
    async release(bundle: GrantBundle, replica: Replica | undefined, caller = station.id): Promise<ReleaseEvent[]> {
      const events: ReleaseEvent[] = [];
      await delivery.release({ bundle, caller, replica: async () => replica, claims: freeClaims }, (event) =>
        events.push(event)
      );
      return events;
    },
    /** Everything that the coordinator was told of a grant, in order. */
    told: (grant: Grant) =>
      organization.calls
        .filter(({ path }) => path.includes(grant.id))
        .map(({ path, body }) => (path.endsWith('/start') ? 'start' : (body as { result: string }).result)),
    stop: () => delivery.close(),
    /** As after `stop`, or after kill -9. */
    async start() {
      delivery = await begin();
    },
    /** How often the printer was sent a document. */
    uploads: () => secure.requests.filter((each) => each === 'Print-Job' || each === 'Send-Document').length,
    /** Leaves the printer with Print-Job alone. */
    printsOnly() {
      secure.can.operations = secure.can.operations.filter((name) => name !== 'Create-Job');
    }
  };
}

/** Voters that agree to everything. */
const freeClaims: ClaimTaker = { take: async () => {}, giveUp: async () => {} };
