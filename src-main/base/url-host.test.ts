import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { urlHost } from './url-host.ts';

test.each([
  ['0.0.0.0', hostname()],
  ['::', hostname()],
  ['::1', '[::1]'],
  ['192.0.2.7', '192.0.2.7'],
  ['node-3.example', 'node-3.example']
])('others reach a listener on %s at %s', (host, shown) => {
  expect(urlHost(host)).toBe(shown);
});
