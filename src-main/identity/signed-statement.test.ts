import { expect, it } from 'vitest';
import { z } from 'zod';
import { seededDevice } from '../../tests/vectors/seeded.ts';
import { keyDescriptor, keyDescriptorDigest, parseKeyDescriptor } from './key-descriptor.ts';
import { openStatement, Signed, signStatement } from './signed-statement.ts';

const { id, signingKey: key } = seededDevice('signer');
const schema = z.strictObject({ fence: z.int() });
const opened = (signed: Signed, change: object = {}) =>
  openStatement({
    kind: 'grant',
    signed,
    publicKey: key.publicKey,
    schema,
    maxBytes: 100,
    code: 'grant-invalid',
    ...change
  });

it('a statement comes back as it was signed, through its wire form', async () => {
  const signed = await signStatement('grant', { fence: 3 }, { id, key });
  expect(opened(Signed.parse(JSON.parse(JSON.stringify(signed))))).toEqual({ fence: 3 });
});

it('a statement of one kind never passes for one of another, nor one that is too large or says too much', async () => {
  const receipt = await signStatement('receipt', { fence: 3 }, { id, key });
  expect(() => opened(receipt)).toThrow(/^grant-invalid.*another kind/);
  expect(() => opened({ ...receipt, kind: 'grant' })).toThrow(/^grant-invalid.*signature/);
  const grant = await signStatement('grant', { fence: 3 }, { id, key });
  expect(() => opened(grant, { maxBytes: 10 })).toThrow(/^grant-invalid.*too large/);
  expect(() => opened(grant, { schema: z.strictObject({}) })).toThrow(/^grant-invalid/);
});

it('a key descriptor has one spelling', () => {
  const keys = { signing: key.publicKey, sealing: seededDevice('signer').sealingPublicKey };
  const text = keyDescriptor(keys);
  expect(keyDescriptor(parseKeyDescriptor(text))).toBe(text);
  expect(keyDescriptorDigest(text)).toMatch(/^[0-9a-f]{64}$/);
  const { v, signing, sealing } = JSON.parse(text);
  const others = [
    `${text} `,
    JSON.stringify({ v, sealing, signing }),
    JSON.stringify({ v, signing, sealing, more: 1 }),
    JSON.stringify({ v: 2, signing, sealing }),
    JSON.stringify({ v, signing: `${signing}=`, sealing }),
    JSON.stringify({ v, signing: signing.slice(1), sealing }),
    'null',
    ''
  ];
  for (const other of others) expect(() => parseKeyDescriptor(other)).toThrow('input-invalid');
});
