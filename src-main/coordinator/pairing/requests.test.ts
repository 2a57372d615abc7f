import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { PairingId, TokenId } from '../../../src-preload/contract/index.ts';
import { limits } from '../../base/limits.ts';
import { createTestClock } from '../../base/testing/clock.ts';
import { createPairingRequests, type PairingRequest } from './requests.ts';

const seconds = limits.pairingSeconds * 1000;

function createFixture() {
  const clock = createTestClock();
  const requests = createPairingRequests(clock);
  let last = 0;
  const open = (change: Partial<PairingRequest> = {}): PairingRequest => {
    const id = PairingId.parse(randomUUID());
    last += 1;
    requests.add({
      id,
      applicant: {
        name: 'laptop',
        roles: ['client'],
        publicKeyPem: '',
        signing: '',
        sealing: '',
        descriptorSha256: ''
      },
      csrSha256: '',
      commitment: '',
      coordinatorNonce: new Uint8Array(32),
      token: null,
      address: `10.0.${last >> 8}.${last & 255}`,
      created: clock.now(),
      expires: clock.now() + seconds,
      ...change
    });
    return requests.get(id);
  };
  const fill = () => Array.from({ length: limits.pairingRequests }, () => open());
  return { clock, requests, open, fill };
}

test('who opens requests and spoils them gets no more tries at the code than who lets them wait', () => {
  const { clock, requests, open, fill } = createFixture();
  for (const request of fill()) requests.settle(request, { state: 'rejected' });
  expect(requests.waiting()).toEqual([]);
  expect(() => open()).toThrow('rate-limited');
  clock.advance(seconds + 1);
  open();
});

test('what an administrator has decided makes room at once', () => {
  const { requests, open, fill } = createFixture();
  const [first] = fill();
  expect(() => open()).toThrow('rate-limited');
  if (!first) throw new Error('none');
  first.revealed = { nonce: '', code: '' };
  requests.settle(first, { state: 'rejected' });
  open();
});

test('strangers cannot keep out a machine that brings a token', () => {
  const { open, fill } = createFixture();
  fill();
  const token = TokenId.parse(randomUUID());
  open({ token });
  for (let more = 1; more < limits.pairingRequests; more += 1) open({ token });
  expect(() => open({ token })).toThrow('rate-limited');
});

test.each([
  ['one address', () => '192.0.2.7'],
  ['one IPv6 network', (host: number) => `2001:db8::${host.toString(16)}`]
])('strangers of %s cannot keep out strangers from elsewhere', (_, address) => {
  const { open } = createFixture();
  for (let host = 1; host <= limits.pairingRequestsPerNetwork; host += 1) open({ address: address(host) });
  expect(() => open({ address: address(9999) })).toThrow('rate-limited');
  open({ address: '198.51.100.1' });
  open({ address: '2001:db8:0:1::1' });
  open({ address: address(9999), token: TokenId.parse(randomUUID()) });
});
