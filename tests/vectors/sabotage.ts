import { describe, expect, it, vi } from 'vitest';

/**
 * Loads the sealing library afresh with functions of some of its modules replaced for all the others, so that a test can show
 * what happens when the one thing that holds a property up is taken out of the real code.
 */
type Modules = {
  aead: typeof import('../../src-main/sealing/aead.ts');
  blob: typeof import('../../src-main/sealing/blob.ts');
  bytes: typeof import('../../src-main/base/bytes.ts');
  hpke: typeof import('../../src-main/identity/hpke.ts');
  keys: typeof import('../../src-main/identity/keys.ts');
  keySchedule: typeof import('../../src-main/sealing/key-schedule.ts');
  manifest: typeof import('../../src-main/sealing/manifest.ts');
  sealedKey: typeof import('../../src-main/sealing/sealed-key.ts');
};
const paths: Record<keyof Modules, string> = {
  aead: '../../src-main/sealing/aead.ts',
  blob: '../../src-main/sealing/blob.ts',
  bytes: '../../src-main/base/bytes.ts',
  hpke: '../../src-main/identity/hpke.ts',
  keys: '../../src-main/identity/keys.ts',
  keySchedule: '../../src-main/sealing/key-schedule.ts',
  manifest: '../../src-main/sealing/manifest.ts',
  sealedKey: '../../src-main/sealing/sealed-key.ts'
};
export type Sabotage = { [Name in keyof Modules]?: (original: Modules[Name]) => Partial<Modules[Name]> };

export async function load(sabotage: Sabotage = {}) {
  vi.resetModules();
  const names = Object.keys(sabotage) as (keyof Modules)[];
  for (const name of names)
    vi.doMock(paths[name], async (importOriginal) => {
      const original = await importOriginal<object>();
      return { ...original, ...sabotage[name]?.(original as never) };
    });
  const library = {
    ...(await import('../../src-main/sealing/blob.ts')),
    ...(await import('../../src-main/sealing/open-blob.ts')),
    ...(await import('../../src-main/sealing/key-schedule.ts')),
    ...(await import('../../src-main/sealing/manifest.ts')),
    ...(await import('../../src-main/sealing/metadata.ts')),
    ...(await import('../../src-main/sealing/release-parts.ts')),
    ...(await import('../../src-main/sealing/release-ticket.ts')),
    ...(await import('../../src-main/sealing/sealed-job.ts')),
    ...(await import('../../src-main/sealing/sealed-key.ts'))
  };
  for (const name of names) vi.doUnmock(paths[name]);
  return library;
}
export type Library = Awaited<ReturnType<typeof load>>;

/** The attack must fail against the library as it is, and succeed against each sabotaged one. */
export function property(
  name: string,
  attack: (library: Library) => Promise<boolean>,
  sabotages: Record<string, Sabotage>
) {
  describe(name, () => {
    it('holds', async () => expect(await attack(await load())).toBe(false));
    it.each(Object.entries(sabotages))('is lost with %s', async (_what, sabotage) => {
      expect(await attack(await load(sabotage))).toBe(true);
    });
  });
}
