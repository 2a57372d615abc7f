import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../src-preload/contract/index.ts';
import { situations } from '../stores/jobs.ts';
import { en } from './en.ts';
import { formatCountdown, formatRelative, formatSize, secondsUntil } from './format.ts';
import { catalogue } from './index.ts';

const renderer = join(import.meta.dirname, '..');
const components = ['ui', 'surfaces'].flatMap((folder) =>
  readdirSync(join(renderer, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => join(renderer, folder, name))
);

describe('the catalogue', () => {
  const { t, exists } = catalogue();

  it('has words for every error: what happened and what to do next', () => {
    for (const code of errorCodes) {
      expect(t(`errors.${code as 'internal'}.message`), code).toMatch(/\w+.*\.$/);
      expect(t(`errors.${code as 'internal'}.next`), code).toMatch(/\w+.*\.$/);
    }
  });

  it('has words for every situation of a job', () => {
    for (const situation of situations) expect(exists(`job.state.${situation}`), situation).toBe(true);
  });

  it('says the safe-to-close forecast in one sentence, singular and plural', () => {
    const say = (count: number, machines: number) =>
      t('forecast.safe', { count, machines: t('forecast.machines', { count: machines }) });
    expect(say(1, 2)).toBe('2 awake machines hold this: your job waits sealed for your PIN.');
    expect(say(3, 1)).toBe('1 awake machine holds each of your 3 jobs, sealed for your PIN.');
  });

  it('holds no empty text and none that is no longer used', () => {
    const source = components.map((file) => readFileSync(file, 'utf8')).join('\n');
    const unused: string[] = [];
    const walk = (node: object, path: string) => {
      for (const [key, value] of Object.entries(node)) {
        const name = `${path}${key}`;
        if (typeof value === 'object' && !Array.isArray(value)) {
          walk(value, `${name}.`);
        } else {
          expect(String(value).trim(), name).not.toBe('');
          const used =
            source.includes(`'${name.replace(/_(zero|one|other)$/, '')}'`) ||
            (path !== '' && source.includes(`${path}\${`));
          if (!used) unused.push(name);
        }
      }
    };
    walk({ ...en, errors: {} }, '');
    expect(unused).toEqual([]);
  });
});

/** Attributes whose value a person reads or hears. */
const spoken = new Set(['aria-label', 'label', 'title', 'placeholder', 'description', 'alt', 'headline', 'hint']);
type Node = { readonly type?: string; readonly [field: string]: unknown };

/** Text in JSX and in spoken attributes that does not come from the catalogue. */
const textIn = (node: unknown): string[] => {
  if (Array.isArray(node)) return node.flatMap(textIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, value, name } = node as Node & { readonly name?: { readonly name?: string } };
  const own: string[] = [];
  if (type === 'JSXText' && /\p{L}/u.test(String(value))) own.push(String(value).trim());
  if (type === 'JSXAttribute' && spoken.has(String(name?.name)) && (value as Node | null)?.type === 'Literal') {
    own.push(String((value as Node).value));
  }
  const { expression } = node as { readonly expression?: Node };
  if (
    type === 'JSXExpressionContainer' &&
    /\p{L}/u.test(typeof expression?.value === 'string' ? expression.value : '')
  ) {
    own.push(String(expression?.value));
  }
  return [...own, ...Object.values(node).flatMap(textIn)];
};

describe('components', () => {
  it('are found by this test, and the test can see text', () => {
    expect(components.length).toBeGreaterThan(30);
    const { program } = parseSync('x.tsx', '<p aria-label="Hello">World {name} {"again"}</p>');
    expect(textIn(program)).toEqual(['Hello', 'World', 'again']);
  });

  it.each(components)('%s holds no text of its own', (file) => {
    expect(textIn(parseSync(file, readFileSync(file, 'utf8')).program)).toEqual([]);
  });
});

describe('formats', () => {
  it('sizes', () => {
    expect(formatSize(0)).toMatch(/^0/);
    expect(formatSize(999)).toMatch(/^999/);
    expect(formatSize(2_431_090)).toMatch(/^2[.,]4\sMB$/);
    expect(formatSize(5e15)).toMatch(/TB$/);
  });

  it('times', () => {
    const now = Date.UTC(2030, 0, 1);
    const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
    expect(formatRelative(at(59), now, 'just now')).toBe('just now');
    expect(formatRelative(at(-300), now, '')).toBe('5 minutes ago');
    expect(formatRelative(at(9 * 3600 - 1), now, '')).toBe('in 9 hours');
    expect(formatCountdown(75)).toBe('1:15');
    expect(secondsUntil(at(1.2), now)).toBe(2);
    expect(secondsUntil(at(-5), now)).toBe(0);
  });
});
