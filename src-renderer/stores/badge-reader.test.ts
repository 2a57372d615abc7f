import { describe, expect, it } from 'vitest';
import { createBadgeReader } from './badge-reader.ts';

const typed = (keys: readonly string[], gap: number) => {
  const reader = createBadgeReader();
  return keys.map((key, index) => reader(key, 1_000 + index * gap)).at(-1);
};

describe('a badge reader', () => {
  it('is known by its speed, and gives the whole number once', () => {
    expect(typed([...'04A1B2C3', 'Enter'], 8)).toEqual({ badge: '04A1B2C3' });
    expect(typed(['0', '4', 'Shift', 'A', 'Shift', 'B', 'Enter'], 8)).toEqual({ badge: '04AB' });
    const reader = createBadgeReader();
    for (const [index, key] of [...'0412', 'Enter'].entries()) reader(key, index);
    expect(reader('Enter', 6)).toBeNull();
  });

  it('is not a person who types, not even one who ends quickly', () => {
    expect(typed([...'ada.lovelace', 'Enter'], 120)).toBeNull();
    const reader = createBadgeReader();
    for (const [index, key] of [...'grace'].entries()) reader(key, index * 150);
    expect(reader('y', 605)).toBeNull();
    expect(reader('Enter', 610)).toBeNull();
  });

  it('reads no number that is too short, too long, or broken by another key', () => {
    expect(typed([...'123', 'Enter'], 8)).toBeNull();
    expect(typed([...'1'.repeat(129), 'Enter'], 8)).toBeNull();
    expect(typed([...'1234', 'Backspace', 'Enter'], 8)).toBeNull();
  });
});

describe('a release ticket', () => {
  const ticket = `LLT1.${'0V'.repeat(106)}1`;

  it('is told from a badge by how it begins, in either case, and is never taken for one', () => {
    expect(ticket).toHaveLength(218);
    expect(typed([...ticket, 'Enter'], 4)).toEqual({ ticket });
    expect(typed([...ticket.toLowerCase(), 'Enter'], 4)).toEqual({ ticket: ticket.toLowerCase() });
    // Damaged, or of a version to come: the engine says so.
    expect(typed([...'LLT1.0V', 'Enter'], 4)).toEqual({ ticket: 'LLT1.0V' });
    expect(typed([...'LLT2.0V', 'Enter'], 4)).toEqual({ ticket: 'LLT2.0V' });
    expect(typed([...'LLT10V12', 'Enter'], 4)).toEqual({ badge: 'LLT10V12' });
  });

  it('is nothing when it is too long, typed by a person, or only its end was read', () => {
    expect(typed([...`LLT1.${'0'.repeat(252)}`, 'Enter'], 4)).toBeNull();
    expect(typed([...ticket, 'Enter'], 120)).toBeNull();
    expect(typed([...ticket.slice(5), 'Enter'], 4)).toBeNull();
  });
});
