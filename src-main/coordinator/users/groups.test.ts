import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../../src-preload/contract/index.ts';
import { actor, createRig, type Rig } from '../testing/rig.ts';

let rig: Rig;
let ada: UserId;
let bob: UserId;
beforeAll(async () => {
  rig = await createRig();
  ada = (await handlers()['admin.user.add']({ name: 'Ada' }, actor)).id;
  bob = (await handlers()['admin.user.add']({ name: 'Bob' }, actor)).id;
}, 60_000);
afterAll(() => rig?.close());

const handlers = () => rig.coordinator.handlers;
const refused = (code: string) => expect.objectContaining({ code });

test('a group is made, gets exactly the members that were said, and goes', async () => {
  const { id } = await handlers()['admin.group.add']({ name: 'Lab' }, actor);
  await expect(handlers()['admin.group.add']({ name: 'LAB' }, actor)).rejects.toEqual(refused('conflict'));
  const set = (...members: string[]) =>
    handlers()['admin.group.set-members']({ id, members: members as UserId[] }, actor);
  expect((await set(ada, bob, ada)).members).toEqual([ada, bob].sort());
  await expect(set(bob, randomUUID())).rejects.toEqual(refused('not-found'));
  expect(await handlers()['admin.group.list']({}, actor)).toMatchObject([
    { source: 'local', members: [ada, bob].sort() }
  ]);
  expect((await set(bob)).members).toEqual([bob]);
  await handlers()['admin.group.remove']({ id }, actor);
  await expect(set(ada)).rejects.toEqual(refused('not-found'));
});
