import { expect, test } from 'vitest';
import { JobId } from './ids.ts';

test('an id has one text', () => {
  const id = '7d9f0c1e-8a44-4f0b-9b1d-3c5e7a9b1d2f';
  expect(JobId.parse(id)).toBe(id);
  expect(JobId.safeParse(id.toUpperCase()).success).toBe(false);
  expect(JobId.safeParse(`${id}/..`).success).toBe(false);
});
