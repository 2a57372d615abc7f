import { signStatement } from '../../src-main/identity/signed-statement.ts';
import { escrowJobPart } from '../../src-main/sealing/escrow.ts';
import { seededJob } from './generate-manifest.ts';
import { flippedText } from './mutate.ts';
import { seededDevice, seededIds, seededRandom } from './seeded.ts';

const { job, otherJob } = seededIds;
const offline = seededDevice('offline key');
const voters = ['node a', 'node b', 'node c'].map((name) => seededDevice(name).id);

/** Manifests of version 2, and J out of them. */
export async function escrowVectors(): Promise<object[]> {
  const { manifest: first, jobPart, client } = await seededJob();
  const offlineKey = { epoch: 3, publicKey: offline.sealingPublicKey };
  const escrow = await escrowJobPart(jobPart, { job, offlineKey, voters }, seededRandom('escrow'));
  const manifest = { ...first, v: 2, escrow };
  const publicKey = client.signingKey.publicKey;
  const offlinePrivateKey = offline.sealingPrivateKey;
  const signed = (value: object) => signStatement('manifest', value, { id: client.id, key: client.signingKey });
  const valid = {
    name: 'three voters',
    valid: true,
    publicKey,
    offlinePrivateKey,
    signed: await signed(manifest),
    jobPart
  };
  const saying = async (name: string, change: object) => ({
    ...valid,
    ...{ name, valid: false },
    signed: await signed({ ...manifest, ...change })
  });
  const { escrow: _, ...without } = manifest;
  const one = { ...escrow, voters: voters.slice(0, 1) };

  return [
    valid,
    { ...valid, name: 'one voter', signed: await signed({ ...manifest, escrow: one }) },
    await saying('version 1 with an escrow', { v: 1 }),
    { ...valid, name: 'version 2 without an escrow', valid: false, signed: await signed(without) },
    await saying('in strict custody', { custody: 'strict' }),
    await saying('another epoch', { escrow: { ...escrow, epoch: 4 } }),
    await saying('another job', { job: otherJob }),
    await saying('no voter', { escrow: { ...escrow, voters: [] } }),
    await saying('a voter twice', { escrow: { ...escrow, voters: [...voters, voters[0]] } }),
    await saying('six voters', {
      escrow: { ...escrow, voters: [...voters, ...['d', 'e', 'f'].map((name) => seededDevice(name).id)] }
    }),
    await saying('an unknown member', { escrow: { ...escrow, title: 'x' } }),
    await saying('flipped ciphertext', {
      escrow: { ...escrow, jobPart: { ...escrow.jobPart, ct: flippedText(escrow.jobPart.ct, 0) } }
    }),
    await saying('flipped enc', {
      escrow: { ...escrow, jobPart: { ...escrow.jobPart, enc: flippedText(escrow.jobPart.enc, 0) } }
    }),
    { ...valid, name: 'another offline key', valid: false, offlinePrivateKey: client.sealingPrivateKey }
  ];
}
