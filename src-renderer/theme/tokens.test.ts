import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** WCAG 2.2, 1.4.3: text reaches 4.5:1 on everything it stands on, in both schemes. */
const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
const schemes = ['light', 'dark'] as const;

const colour = (name: string, scheme: (typeof schemes)[number]): string => {
  const [, light, dark, both] =
    new RegExp(`--${name}: (?:light-dark\\((#\\w{6}), (#\\w{6})\\)|(#\\w{3}));`).exec(css) ?? expect.fail(name);
  const found = both
    ? `#${[...both.slice(1)].map((digit) => digit + digit).join('')}`
    : scheme === 'light'
      ? light
      : dark;
  return found ?? expect.fail(name);
};

const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const grounds: Record<string, readonly string[]> = {
  text: ['paper', 'sheet', 'well', 'ink-soft', 'wax-soft', 'safe-soft', 'unsure-soft'],
  muted: ['paper', 'sheet', 'sheet-hover', 'well', 'ink-soft'],
  'ink-text': ['paper', 'sheet', 'ink-soft', 'ink-soft-hover'],
  'wax-text': ['paper', 'sheet', 'wax-soft', 'ink-soft'],
  'safe-text': ['paper', 'sheet', 'safe-soft', 'ink-soft'],
  'unsure-text': ['paper', 'sheet', 'well', 'unsure-soft', 'ink-soft'],
  'on-ink': ['ink', 'ink-hover', 'wax', 'wax-hover']
};

it.each(schemes)('text is readable, %s', (scheme) => {
  for (const [text, on] of Object.entries(grounds)) {
    for (const ground of on) {
      const ratio = contrast(colour(text, scheme), colour(ground, scheme));
      expect(ratio, `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
});
