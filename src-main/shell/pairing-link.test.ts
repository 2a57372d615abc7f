import { expect, it } from 'vitest';
import { linkAmong, readPairingLink } from './pairing-link.ts';

const token = `ll1.${'cHJpbnQ'}.${'A'.repeat(43)}.${'B'.repeat(43)}`;

it.each([
  ['letterlock://pair?coordinator=print.example.org:8631', 'print.example.org:8631'],
  ['letterlock://pair/?coordinator=192.0.2.7:8631', '192.0.2.7:8631'],
  ['letterlock://pair?coordinator=%5B2001:db8::1%5D:8631', '[2001:db8::1]:8631'],
  [`letterlock://pair?token=${token}`, token]
])('%s', (link, where) => {
  expect(readPairingLink(link)).toBe(where);
});

it.each([
  'https://pair?coordinator=print.example.org:8631',
  'letterlock://release?job=1',
  'letterlock://pair',
  'letterlock://pair?coordinator=print.example.org',
  'letterlock://pair?coordinator=a:1&coordinator=b:2',
  `letterlock://pair?coordinator=a:1&token=${token}`,
  'letterlock://pair?coordinator=print.example.org:8631#x',
  'letterlock://pair/now?coordinator=print.example.org:8631',
  'letterlock://user:secret@pair?coordinator=print.example.org:8631',
  'letterlock://pair?coordinator=print.example.org%E2%80%AE:8631',
  'letterlock://pair?coordinator=--data=x:1%20y',
  'letterlock://pair?toString=x',
  `letterlock://pair?token=ll1.${'A'.repeat(600)}.A.A`,
  'nonsense'
])('%s says nothing', (link) => {
  expect(readPairingLink(link)).toBeNull();
});

it('is found among the arguments of a program', () => {
  expect(linkAmong(['letterlock', '--role=client', 'letterlock://pair?coordinator=a:1'])).toBe('a:1');
  expect(linkAmong(['letterlock', '--role=client'])).toBeNull();
});
