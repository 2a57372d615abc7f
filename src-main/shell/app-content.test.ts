import { expect, it } from 'vitest';
import { contentSecurityPolicy, findContent } from './app-content.ts';

const root = '/opt/letterlock/renderer';
const find = (url: string) => findContent(root, url)?.path ?? null;

it('finds pages and assets below the root', () => {
  expect(findContent(root, 'app://letterlock/client.html?a#b')).toEqual({
    path: `${root}/client.html`,
    contentType: 'text/html; charset=utf-8'
  });
  expect(find('app://letterlock/assets/client-1.js')).toBe(`${root}/assets/client-1.js`);
});

it.each([
  'app://elsewhere/client.html',
  'https://letterlock/client.html',
  'file:///opt/letterlock/renderer/client.html',
  'app://letterlock/',
  'app://letterlock/assets',
  'app://letterlock/..%2f..%2fsecret.html',
  'app://letterlock/..%5csecret.html',
  'app://letterlock/a%00.html',
  'app://letterlock/%E0%A4%A.html',
  'app://letterlock/identity.json',
  'app://letterlock/assets/client.js.map',
  'not a url'
])('refuses %s', (url) => {
  expect(find(url)).toBeNull();
});

it('does not take a sibling for the root', () => {
  expect(find('app://letterlock/..%2frenderer-other%2fclient.html')).toBeNull();
});

it('has a policy without exceptions', () => {
  expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:|blob:/);
});
