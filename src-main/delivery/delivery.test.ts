import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PrinterId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { MiB } from '../base/limits.ts';
import { signStatement } from '../identity/signed-statement.ts';
import { firstInteger, firstString, integer, keyword, octetStrings } from '../ipp/attributes.ts';
import type { Grant } from '../protocol/device-api.ts';
import { deliveryFixture, documentOf, group, last, refused } from './testing/fixture.ts';

const {
  organization,
  station,
  node,
  secure,
  plain,
  printer,
  plainPrinter,
  dataDir,
  held,
  grantOf,
  release,
  told,
  stop,
  start
} = deliveryFixture();

describe('a release', () => {
  it('prints what was sealed, byte for byte, once the coordinator agreed', async () => {
    const document = randomBytes(3 * MiB + 5);
    const { sealed, replica } = await held(document, {
      metadata: {
        attributes: group(
          integer('copies', 2),
          keyword('job-hold-until', 'indefinite'),
          octetStrings('job-password', '1234'),
          keyword('requesting-user-name', 'ada')
        )
      }
    });
    const bundle = await grantOf(sealed);
    let startedBefore = -1;
    organization().coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) startedBefore = secure().jobs.length;
      return {};
    };
    const events = await release(bundle, replica);

    expect(startedBefore).toBe(0);
    const [printed] = secure().jobs;
    expect(documentOf(printed).equals(document)).toBe(true);
    expect(printed?.name).toBe('Confidential');
    expect(firstString(printed?.documents[0]?.operation ?? [], 'document-format')).toBe('application/pdf');
    expect(printed?.job.map(({ name }) => name)).toEqual(['copies']);
    expect(firstInteger(printed?.job ?? [], 'copies')).toBe(2);
    expect(JSON.stringify(printed)).not.toMatch(/1234|ada/);
    expect(secure().connections()).toBe(1);

    expect(events[0]).toEqual({ type: 'started', job: sealed.job, bytes: document.length });
    expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThan(0);
    expect(events.slice(-2)).toEqual([{ type: 'delivered' }, { type: 'completed' }]);
    expect(told(bundle.value)).toEqual(['start', 'delivered', 'completed']);
  });

  it('in strict custody needs what the owner let go, for this printer and this grant', async () => {
    const document = randomBytes(1000);
    const { sealed, replica } = await held(document, { custody: 'strict' });
    const { jobPart: _, ...without } = await grantOf(sealed);
    await expect(release(without, replica)).rejects.toEqual(refused('grant-invalid'));
    const elsewhere = await grantOf(sealed, { fence: 2 }, plainPrinter());
    const redirected = await grantOf(sealed, { id: elsewhere.value.id, fence: 3 });
    await expect(release({ ...redirected, jobPart: elsewhere.jobPart }, replica)).rejects.toEqual(
      refused('grant-invalid')
    );
    await release(await grantOf(sealed, { fence: 4 }), replica);
    expect(documentOf(secure().jobs[0]).equals(document)).toBe(true);
    expect(secure().jobs).toHaveLength(1);
  });

  it('works once, also after a restart, and an older grant not after a newer one', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const older = await grantOf(sealed, { fence: 1 });
    const bundle = await grantOf(sealed, { fence: 2 });
    await release(bundle, replica);
    await expect(release(bundle, replica)).rejects.toEqual(refused('grant-used'));
    await stop();
    await start();
    await expect(release(bundle, replica)).rejects.toEqual(refused('grant-used'));
    await expect(release(older, replica)).rejects.toEqual(refused('grant-used'));
    expect(secure().jobs).toHaveLength(1);
  });

  it('is refused without the coordinator', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    organization().coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) throw new LetterlockError('job-already-released');
      return {};
    };
    await expect(release(bundle, replica)).rejects.toEqual(refused('job-already-released'));
    expect(secure().jobs).toEqual([]);
    expect(told(bundle.value)).toEqual(['failed']);
  });

  it('waits for a busy printer', async () => {
    secure().script.push(
      { kind: 'refuse', status: 'server-error-busy' },
      { kind: 'refuse', status: 'server-error-busy' }
    );
    const document = randomBytes(100_000);
    const { sealed, replica } = await held(document);
    expect(last(await release(await grantOf(sealed), replica))).toEqual({ type: 'completed' });
    expect(secure().jobs.map((job) => documentOf(job).equals(document))).toEqual([true]);
  });

  it('tells the coordinator the outcome as soon as it is back', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const bundle = await grantOf(sealed);
    organization().coordinatorState.answer = ({ path }) => {
      if (path.endsWith('/start')) organization().coordinatorState.connected = false;
      return {};
    };
    expect(last(await release(bundle, replica))).toEqual({ type: 'completed' });
    await stop();
    expect(told(bundle.value)).toEqual(['start']);
    organization().coordinatorState.connected = true;
    await start();
    const { body } = await organization().called(/outcome/);
    expect(body).toMatchObject({ result: 'completed' });
  });
});

describe('a grant', () => {
  const second = 1000;
  const iso = (ms: number) => new Date(Date.now() + ms).toISOString();
  it.each([
    ['for another node', { node: randomUUID() as Grant['node'] }, 'grant-invalid'],
    ['for another requester', { requestedBy: randomUUID() as Grant['requestedBy'] }, 'grant-invalid'],
    ['that lives for an hour', { expires: iso(3600 * second) }, 'grant-invalid'],
    ['that has expired', { issued: iso(-40 * second), expires: iso(-1) }, 'grant-expired']
  ])('%s is refused', async (_what, change, code) => {
    const { sealed, replica } = await held(randomBytes(100));
    await expect(release(await grantOf(sealed, change), replica)).rejects.toEqual(refused(code));
    expect(secure().requests).toEqual([]);
    expect(await readdir(join(dataDir(), 'deliveries'))).toEqual([]);
  });

  it('that the coordinator did not sign is refused', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const forged = await sealed.grantFor(
      { node: node(), printer: printer(), requestedBy: station().id },
      {},
      (kind, value) => signStatement(kind, value, { id: organization().coordinator.id, key: station().signing })
    );
    const owned = await sealed.grantFor(
      { node: node(), printer: printer(), requestedBy: station().id },
      {},
      (kind, value) => signStatement(kind, value, { id: station().id, key: station().signing })
    );
    const otherKind = await sealed.grantFor(
      { node: node(), printer: printer(), requestedBy: station().id },
      {},
      (_kind, value) =>
        signStatement('directory', value, {
          id: organization().coordinator.id,
          key: organization().coordinator.signing
        })
    );
    for (const bundle of [forged, owned, otherKind]) {
      await expect(release(bundle, replica)).rejects.toEqual(refused('grant-invalid'));
    }
  });

  it('with the parts of another grant opens nothing', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const [one, other] = [await grantOf(sealed), await grantOf(sealed)];
    await expect(release({ grant: one.grant, parts: other.parts }, replica)).rejects.toEqual(refused('grant-invalid'));
  });

  it('for a job that is not here, or a printer that is not approved, is refused and the job held again', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    const [missing, unknown] = [
      await grantOf(sealed),
      await grantOf(sealed, { fence: 2, printer: randomUUID() as PrinterId })
    ];
    await expect(release(missing, undefined)).rejects.toEqual(refused('not-found'));
    await expect(release(unknown, replica)).rejects.toEqual(refused('printer-not-approved'));
    expect([...told(missing.value), ...told(unknown.value)]).toEqual(['failed', 'failed']);
  });
});

describe('the way to the printer', () => {
  it('is plain only when printer and job both allow it', async () => {
    const strict = await held(randomBytes(100));
    await expect(release(await grantOf(strict.sealed, {}, plainPrinter()), strict.replica)).rejects.toEqual(
      refused('printer-not-secure')
    );
    const [entry] = organization().printers.filter(({ id }) => id === plainPrinter());
    const relaxed = await held(randomBytes(100), { deliveryGrade: 'ipps-preferred' });
    organization().printers.push({
      ...(entry as typeof entry & object),
      id: randomUUID() as PrinterId,
      grade: 'ipps-required'
    });
    const strictPrinter = organization().printers.at(-1)?.id as PrinterId;
    await expect(release(await grantOf(relaxed.sealed, {}, strictPrinter), relaxed.replica)).rejects.toEqual(
      refused('printer-not-secure')
    );
    expect(plain().requests).toEqual([]);
    const events = await release(await grantOf(relaxed.sealed, { fence: 2 }, plainPrinter()), relaxed.replica);
    expect(last(events)).toEqual({ type: 'completed' });
  });

  it('ends at a changed certificate', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    organization().printers.forEach((each, index) => {
      organization().printers[index] = { ...each, certificateSha256: 'ab'.repeat(32) };
    });
    const bundle = await grantOf(sealed);
    expect(last(await release(bundle, replica))).toEqual({
      type: 'failed',
      code: 'printer-certificate-changed',
      uncertain: false
    });
    expect(secure().requests).toEqual([]);
    expect(told(bundle.value)).toEqual(['start', 'failed']);
  });

  it('ends at a printer that is off', async () => {
    const { sealed, replica } = await held(randomBytes(100));
    await secure().close();
    expect(last(await release(await grantOf(sealed), replica))).toMatchObject({
      code: 'printer-unreachable',
      uncertain: false
    });
  });
});
