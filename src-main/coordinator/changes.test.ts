import { expect, test } from 'vitest';
import { limits } from '../base/limits.ts';
import { changeOf, createChanges } from './changes.ts';

test('remembers what came after a change, up to a bound, and of no other life', () => {
  const changes = createChanges();
  const user = [{ area: 'user', ids: ['1'] }];
  const start = changes.cursor();
  expect(changes.since(start)).toEqual([]);
  changes.publish(user);
  const one = changes.cursor();
  changes.publish([]);
  changes.publish([{ area: 'job', ids: ['2'] }]);
  expect(changes.since(start)?.map(({ changes: [change] }) => change?.area)).toEqual(['user', 'job']);
  expect(changes.since(one)?.map(({ cursor }) => cursor)).toEqual([changes.cursor()]);

  const life = one.split('.')[0];
  for (const wrong of [
    '',
    'x',
    `${life}.`,
    `${life}.01`,
    `${life}.3`,
    `${life}.-1`,
    `${life}.1e0`,
    createChanges().cursor()
  ])
    expect(changes.since(wrong), wrong).toBeNull();
  for (let i = 0; i < limits.changesKept; i += 1) changes.publish(user);
  expect(changes.since(one)).toBeNull();
  expect(changes.since(`${life}.2`)).toHaveLength(limits.changesKept);
});

test('an audit row says which area to read again', () => {
  const of = (action: string, subject: string, detail = {}) => changeOf({ action, subject, detail });
  expect(of('printer.approved', 'p')).toEqual({ area: 'printer', ids: ['p'] });
  expect(of('grant.issued', 'g', { job: 'j' })).toEqual({ area: 'job', ids: ['j'] });
  expect(of('job-part.destroyed', 'j')).toEqual({ area: 'job', ids: ['j'] });
  expect(of('node.announced', 'd', { url: 'https://a:1' })).toEqual({ area: 'device', ids: ['d'] });
});
