import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { type Library, load, property } from '../../tests/vectors/sabotage.ts';
import { openWhole, sealWhole } from '../../tests/vectors/seal-whole.ts';
import { seededDevice, seededIds, seededRandom } from '../../tests/vectors/seeded.ts';
import { KiB, MiB } from '../base/limits.ts';
import type { Random } from '../identity/hpke.ts';
import type { JobMetadata } from './metadata.ts';

/**
 * The properties of docs/spec/sealing.md that this library can show by itself. Each is an attack: it must fail against the
 * real code, and succeed once the one thing that holds the property up has been taken out of that same code.
 */
const { job, otherJob, organization, owner, grant, otherGrant, printer, otherPrinter } = seededIds;
const client = seededDevice('client');
const nodeA = seededDevice('node a');
const nodeB = seededDevice('node b');
const coordinator = seededDevice('coordinator');
const mallory = seededDevice('mallory');
const releaseKey = seededDevice('release key');
const title = 'Severance agreement.pdf';
const canary = 'the words on the paper';
const document = Buffer.alloc(3000, canary);
const content: JobMetadata = {
  v: 2,
  title,
  attributes: '',
  documents: [
    { format: 'application/pdf', size: 1000, name: 'Annex.pdf', facts: { pages: 3 } },
    { format: 'image/jpeg', size: 2000, facts: {} }
  ]
};
const nothing = new Uint8Array(32);

/** A job as it lies about the world, and what its makers knew. */
async function sealJob(
  library: Library,
  random: Random = seededRandom('properties'),
  custody: 'standard' | 'strict' = 'standard'
) {
  const secrets: Uint8Array[] = [];
  const remembered: Random = (length) => {
    const bytes = random(length);
    secrets.push(bytes);
    return bytes;
  };
  const sealing = library.beginSealedJob(
    {
      job,
      organization,
      owner,
      site: 'main',
      device: client,
      releaseKey: { epoch: 1, publicKey: releaseKey.sealingPublicKey },
      created: 0,
      expires: 60_000,
      custody,
      deliveryGrade: 'ipps-required'
    },
    { random: remembered, segmentSize: KiB }
  );
  const contentKey = Uint8Array.from(secrets[0] ?? []);
  const blob = sealWhole(sealing.blob, document);
  const { manifest: signed, metadata } = await sealing.finish(content);
  const sealedKey = await sealing.wrapFor(nodeA);
  const sealedJobPart = await sealing.sealJobPartFor(custody === 'strict' ? client : coordinator);
  const manifest = library.openManifest(signed, client.signingKey.publicKey);
  const jobPart = await library.openJobPart(sealedJobPart, { job, custodian: coordinator }).catch(() => nothing);
  const organizationPart = await library.organizationPart(releaseKey.key, manifest);
  sealing.wipe();
  await new Promise(setImmediate);
  const parts = { jobPart, organizationPart };
  return { blob, signed, manifest, metadata, sealedKey, sealedJobPart, parts, contentKey, secrets };
}
/** `kept`: the job part, as it rests on the owner's device. */
async function sealStrictly(library: Library) {
  const { blob, sealedKey, metadata, manifest, sealedJobPart } = await sealJob(library, undefined, 'strict');
  return { blob, sealedKey, metadata, manifest, kept: sealedJobPart };
}
type Job = Awaited<ReturnType<typeof sealJob>>;

const expected = (contentKey: Uint8Array) => ({ job, size: document.length, segmentSize: KiB, contentKey });
const opens = (blob: Uint8Array, contentKey: Uint8Array) => openWhole(blob, expected(contentKey)).released.length > 0;

async function refused(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    expect(error).toMatchObject({ name: 'LetterlockError' });
    return true;
  }
}

/** Does a node get the document out with these parts? */
async function delivered(library: Library, { manifest, sealedKey, blob, parts }: Job, change: object = {}) {
  const opened = await library.openSealedJob({ manifest, sealedKey, node: nodeA, parts, ...change });
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.openBlob(
    (async function* () {
      yield blob;
    })()
  ))
    pieces.push(piece);
  return { opened, document: Buffer.concat(pieces) };
}

it('with all three parts the job opens: document, title and attributes', async () => {
  const library = await load();
  const sealed = await sealJob(library);
  const { opened, document: printed } = await delivered(library, sealed);
  expect(printed.equals(document)).toBe(true);
  expect(opened.metadata(sealed.metadata)).toEqual(content);
});

property(
  'P1: what leaves the client holds no plaintext',
  async (library) => {
    const { blob, signed, metadata } = await sealJob(library);
    const out = Buffer.concat([blob, metadata, Buffer.from(signed.payload, 'base64url')]);
    return out.includes(canary) || out.includes(title);
  },
  {
    'a cipher that does nothing': {
      aead: () => ({
        sealSegment: (_key, _index, _last, plain, out, at) => {
          out.set(plain, at);
          return at + plain.length + 16;
        }
      })
    },
    'metadata that is not sealed': {
      aead: () => ({ sealMessage: (_key, plain) => Buffer.concat([plain, Buffer.alloc(16)]) })
    }
  }
);

for (const missing of ['jobPart', 'organizationPart'] as const)
  property(
    `P2: nobody opens a job without the ${missing}`,
    async (library) => {
      const sealed = await sealJob(library);
      for (const guess of [nothing, new Uint8Array(), seededRandom('guess')(32), ...Object.values(sealed.parts)]) {
        if (guess === sealed.parts[missing]) continue;
        const parts = { ...sealed.parts, [missing]: guess };
        if (!(await refused(() => delivered(library, sealed, { parts })))) return true;
      }
      return false;
    },
    {
      'a KEK made without it': {
        keySchedule: (original) => ({
          keyEncryptionKey: (parts, id) => original.keyEncryptionKey({ ...parts, [missing]: nothing }, id)
        })
      }
    }
  );

property(
  'P2: nobody opens a job without the key of a node that holds it',
  async (library) => {
    const sealed = await sealJob(library);
    for (const node of [mallory, { ...mallory, id: nodeA.id }, coordinator])
      if (!(await refused(() => delivered(library, sealed, { node })))) return true;
    return false;
  },
  {
    'W sealed to a key that others have too': {
      sealedKey: (original) => ({
        sealWrappedKey: (wrapped, id, to) =>
          original.sealWrappedKey(wrapped, id, { id: to.id, sealingPublicKey: mallory.sealingPublicKey })
      })
    }
  }
);

property(
  'P3: what was destroyed is nowhere else: no secret survives wipe, at the client or at the node',
  async (library) => {
    const sealed = await sealJob(library);
    const { opened } = await delivered(library, sealed);
    opened.wipe();
    const again = opened.openBlob(
      (async function* () {
        yield sealed.blob;
      })()
    );
    const stillOpen = !(await refused(() => again.next()));
    return stillOpen || sealed.secrets.some((secret) => opens(sealed.blob, secret));
  },
  { 'a wipe that does nothing': { bytes: () => ({ wipe: () => {} }) } }
);

property(
  'P4: nothing of a changed segment comes out',
  async (library) => {
    const sealed = await sealJob(library);
    const { blob, contentKey } = sealed;
    const sealedSegment = KiB + 16;
    const flip = Buffer.from(blob);
    flip.writeUInt8(flip.readUInt8(92 + sealedSegment + 5) ^ 4, 92 + sealedSegment + 5);
    const [header, one, two, rest] = [
      blob.subarray(0, 92),
      blob.subarray(92, 92 + sealedSegment),
      blob.subarray(92 + sealedSegment, 92 + 2 * sealedSegment),
      blob.subarray(92 + 2 * sealedSegment)
    ];
    const reordered = Buffer.concat([header, two, one, rest]);
    const released = async (changed: Uint8Array) => {
      let bytes = 0;
      const stream = library.openBlob(
        (async function* () {
          for (let at = 0; at < changed.length; at++) yield changed.subarray(at, at + 1);
        })(),
        expected(contentKey)
      );
      await refused(async () => {
        for await (const piece of stream) bytes += piece.length;
      });
      return bytes;
    };
    return (await released(flip)) > KiB || (await released(reordered)) > 0;
  },
  {
    'tags that are not checked': {
      aead: (original) => ({
        openSegment: (key, index, last, cipher, out, at) => {
          try {
            return original.openSegment(key, index, last, cipher, out, at);
          } catch {
            return at + cipher.length - 16;
          }
        }
      })
    },
    'segments that are not numbered': {
      aead: (original) => ({
        sealSegment: (key, _index, ...rest) => original.sealSegment(key, 0, ...rest),
        openSegment: (key, _index, ...rest) => original.openSegment(key, 0, ...rest)
      })
    }
  }
);

property(
  'P4: a changed manifest or sealed key is refused',
  async (library) => {
    const sealed = await sealJob(library);
    const said = Buffer.from(sealed.signed.payload, 'base64url').toString('utf8');
    const payload = Buffer.from(said.replace('ipps-required', 'plain-allowed')).toString('base64url');
    const manifestPasses = !(await refused(async () =>
      library.openManifest({ ...sealed.signed, payload }, client.signingKey.publicKey)
    ));
    // A sealed key of node A that is said to be another job's, or node B's.
    const movedPasses = !(await refused(() => library.openWrappedKey(sealed.sealedKey, otherJob, nodeA)));
    return manifestPasses || movedPasses;
  },
  {
    'signatures that are not checked': { keys: () => ({ verifySignature: () => true }) },
    'a sealed key that is not bound to its job': {
      keySchedule: (original) => ({ sealedKeyContext: (_job, node) => original.sealedKeyContext(job, node) })
    }
  }
);

property(
  'P5: moving a replica shows neither document nor title nor content key to the two nodes together',
  async (library) => {
    const sealed = await sealJob(library);
    const resealed = await library.resealFor({ sealedKey: sealed.sealedKey, job, from: nodeA, to: nodeB });
    const wrapped = await library.openWrappedKey(resealed, job, nodeB);
    const seen = [wrapped.subarray(0, 32), wrapped.subarray(-32), wrapped.subarray(8, 40)];
    return seen.some((guess) => opens(sealed.blob, guess)) || Buffer.from(sealed.metadata).includes(title);
  },
  {
    'a content key that is not wrapped': {
      sealedKey: () => ({ wrapContentKey: (contentKey) => Buffer.concat([contentKey, Buffer.alloc(16)]) })
    }
  }
);

it('P5: the node it was moved to can deliver it, the one it was moved from still too', async () => {
  const library = await load();
  const sealed = await sealJob(library);
  const sealedKey = await library.resealFor({ sealedKey: sealed.sealedKey, job, from: nodeA, to: nodeB });
  expect((await delivered(library, sealed, { sealedKey, node: nodeB })).document.equals(document)).toBe(true);
  expect((await delivered(library, sealed)).document.equals(document)).toBe(true);
  expect(await refused(() => delivered(library, sealed, { sealedKey }))).toBe(true);
});

property(
  'P6: release parts serve one grant, one job, one node',
  async (library) => {
    const { parts } = await sealJob(library);
    const sealed = await library.sealReleaseParts(parts, { job, grant, node: nodeA });
    expect(await library.openReleaseParts(sealed, { job, grant, node: nodeA })).toEqual(parts);
    const elsewhere = [
      { job, grant: otherGrant, node: nodeA },
      { job: otherJob, grant, node: nodeA },
      { job, grant, node: { ...nodeA, id: nodeB.id } },
      { job, grant, node: nodeB }
    ];
    for (const use of elsewhere) if (!(await refused(() => library.openReleaseParts(sealed, use)))) return true;
    return false;
  },
  {
    'parts that are not bound to a grant': {
      keySchedule: (original) => ({ releasePartsContext: (id, node) => original.releasePartsContext(id, node, grant) })
    },
    'parts that are not bound to a node': {
      keySchedule: (original) => ({
        releasePartsContext: (id, _node, which) => original.releasePartsContext(id, nodeA.id, which)
      })
    }
  }
);

property(
  'P7: with all that it holds, the coordinator has neither content key nor title',
  async (library) => {
    const { blob, manifest, signed, sealedJobPart, parts, sealedKey } = await sealJob(library);
    const { jobPart, organizationPart } = parts;
    const known = [
      jobPart,
      organizationPart,
      library.keyEncryptionKey(parts, job),
      library.metadataKeyOf(jobPart, job),
      await coordinator.key.open(sealedKey, library.sealedKeyContext(job, nodeA.id)).catch(() => nothing)
    ];
    const texts = JSON.stringify([manifest, signed, sealedJobPart]) + Buffer.from(signed.payload, 'base64url');
    return known.some((guess) => opens(blob, guess)) || texts.includes(title);
  },
  {
    'a content key that is the job part': {
      keySchedule: (original) => ({ metadataKeyOf: original.metadataKeyOf }),
      sealedKey: (original) => ({ wrapContentKey: original.wrapContentKey }),
      blob: (original) => ({
        createBlobSealer: (options) => original.createBlobSealer({ ...options, contentKey: secondOf('properties') })
      })
    },
    'a title in the manifest': {
      manifest: (original) => ({
        signManifest: (manifest, key) => original.signManifest({ ...manifest, site: title }, key)
      })
    }
  }
);

/** J of the seeded job: the second secret it draws. */
function secondOf(seed: string): Uint8Array {
  const random = seededRandom(seed);
  random(32);
  return random(32);
}

property(
  'P9: in strict custody the coordinator and all nodes together, with every key that they have, open nothing',
  async (library) => {
    const { blob, sealedKey, metadata, manifest, kept } = await sealStrictly(library);
    const organizationPart = await library.organizationPart(releaseKey.key, manifest);
    const wrapped = await library.openWrappedKey(sealedKey, job, nodeA);
    const everybody = [coordinator, nodeA, nodeB, { ...releaseKey, id: coordinator.id }];
    const opened = everybody.map((custodian) => library.openJobPart(kept, { job, custodian }).catch(() => nothing));
    for (const jobPart of [nothing, organizationPart, wrapped.subarray(0, 32), ...(await Promise.all(opened))]) {
      const guess = { jobPart, organizationPart };
      if (!(await refused(async () => library.unwrapContentKey(wrapped, guess, job)))) return true;
      const metadataKey = library.metadataKeyOf(jobPart, job);
      if (!(await refused(async () => library.openMetadata(metadata, metadataKey, manifest)))) return true;
      if (opens(blob, jobPart)) return true;
    }
    return false;
  },
  {
    'a job part that is sealed to the coordinator too': {
      hpke: (original) => ({
        sealTo: (to, ...rest) =>
          original.sealTo(Buffer.from(to).equals(client.sealingPublicKey) ? coordinator.sealingPublicKey : to, ...rest)
      }),
      keySchedule: (original) => ({ jobPartContext: (id) => original.jobPartContext(id, coordinator.id) })
    },
    'a KEK made without the job part': {
      keySchedule: (original) => ({
        keyEncryptionKey: (parts, id) => original.keyEncryptionKey({ ...parts, jobPart: nothing }, id)
      })
    }
  }
);

property(
  'P9: what the owner lets go serves one grant, one job, one node, one printer',
  async (library) => {
    const { manifest, kept, sealedKey, blob } = await sealStrictly(library);
    const own = await library.openJobPart(kept, { job, custodian: client });
    const organization = await library.organizationPart(releaseKey.key, manifest);
    const to = { job, grant, node: nodeA };
    const sealed = {
      organizationPart: await library.sealReleasedOrganizationPart(organization, to),
      jobPart: await library.sealReleasedJobPart(own, { ...to, printer })
    };
    const parts = await library.openReleasedParts(sealed, { ...to, printer });
    const printed = await delivered(library, { manifest, sealedKey, blob, parts } as Job);
    expect(printed.document.equals(document)).toBe(true);
    const elsewhere = [
      { ...to, printer: otherPrinter },
      { ...to, printer, grant: otherGrant },
      { ...to, printer, job: otherJob },
      { ...to, printer, node: nodeB },
      { ...to, printer, node: coordinator }
    ];
    for (const use of elsewhere) if (!(await refused(() => library.openReleasedParts(sealed, use)))) return true;
    // Neither message passes for the other, nor for what a grant brings in standard custody.
    const swapped = { organizationPart: sealed.jobPart, jobPart: sealed.organizationPart };
    if (!(await refused(() => library.openReleasedParts(swapped, { ...to, printer })))) return true;
    return !(await refused(() => library.openReleaseParts(sealed.organizationPart, to)));
  },
  {
    'a job part that is not bound to a printer': {
      keySchedule: (original) => ({
        releasedJobPartContext: (id, node, which) => original.releasedJobPartContext(id, node, which, printer)
      })
    },
    'a job part that is not bound to a grant': {
      keySchedule: (original) => ({
        releasedJobPartContext: (id, node, _grant, where) => original.releasedJobPartContext(id, node, grant, where),
        releasedOrganizationPartContext: (id, node) => original.releasedOrganizationPartContext(id, node, grant)
      })
    }
  }
);

property(
  'P9: a ticket lets go nothing without the organization’s part, and says only what the owner’s device signed',
  async (library) => {
    const { manifest, kept, sealedKey, metadata } = await sealStrictly(library);
    const own = await library.openJobPart(kept, { job, custodian: client });
    const made = { job, device: client.id, expires: 60_000, jobPart: own };
    const text = await library.writeTicket(made, client.signingKey);
    const of = { publicKeyOf: (id: string) => (id === client.id ? client.signingKey.publicKey : undefined), now: 0 };
    const { jobPart } = library.openTicket(text, of);
    expect(library.openMetadata(metadata, library.metadataKeyOf(jobPart, job), manifest).title).toBe(title);
    // Its finder and every node together lack the organization's part, which takes a grant.
    const wrapped = await library.openWrappedKey(sealedKey, job, nodeA);
    for (const organizationPart of [nothing, jobPart, wrapped.subarray(0, 32)])
      if (!(await refused(async () => library.unwrapContentKey(wrapped, { jobPart, organizationPart }, job))))
        return true;
    // A ticket of one job made into one of another, or into one that lives longer.
    const forged = await Promise.all(
      [{ job: otherJob }, { expires: 120_000 }].map((change) =>
        library.writeTicket({ ...made, ...change }, mallory.signingKey)
      )
    );
    for (const said of forged) if (!(await refused(async () => library.openTicket(said, of)))) return true;
    return false;
  },
  {
    'a KEK made without the organization part': {
      keySchedule: (original) => ({
        keyEncryptionKey: (parts, id) => original.keyEncryptionKey({ ...parts, organizationPart: nothing }, id)
      })
    },
    'a signature that nobody checks': { keys: () => ({ verifySignature: () => true }) }
  }
);

property(
  'P8: memory does not grow with the job',
  async (library) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const held = async () => {
      collectGarbage();
      await new Promise(setImmediate); // array buffers are given back beside the collector, not by it
      collectGarbage();
      const { external, heapUsed } = process.memoryUsage();
      return external + heapUsed;
    };
    const size = 32 * MiB;
    const contentKey = seededRandom('memory')(32);
    const sealer = library.createBlobSealer({ job, contentKey, salt: contentKey });
    const piece = Buffer.alloc(MiB);
    const out = Buffer.alloc(sealer.sealedBound(MiB));
    async function* blob() {
      yield sealer.header;
      for (let at = 0; at < size; at += MiB) yield out.subarray(0, sealer.update(piece, out));
      yield out.subarray(0, sealer.final(out));
    }
    const before = await held();
    let most = 0;
    let count = 0;
    for await (const plain of library.openBlob(blob(), { job, size, segmentSize: 64 * KiB, contentKey })) {
      expect(plain.length).toBeLessThan(2 * MiB);
      if (++count % 8 === 0) most = Math.max(most, (await held()) - before);
    }
    expect(count).toBeGreaterThan(16);
    return most > 8 * MiB;
  },
  {
    'a sealer that keeps what it has sealed': {
      blob: (original) => ({
        createBlobSealer: (options) => {
          const kept: Uint8Array[] = [];
          const sealer = original.createBlobSealer(options);
          const update = (plain: Uint8Array, out: Uint8Array) => {
            kept.push(Uint8Array.from(plain));
            return sealer.update(plain, out);
          };
          return Object.assign(Object.create(sealer), { update, kept });
        }
      })
    }
  }
);
