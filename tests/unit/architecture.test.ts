import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom (docs/architecture.md). Walks the real import graph of everything under src-*; a rule that is broken
 * names both files and why.
 */
const root = resolve(import.meta.dirname, '../..');

interface Import {
  readonly from: string;
  /** Path from the root for own modules, bare specifier for packages. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = ['src-main', 'src-preload', 'src-renderer'].flatMap((top) => sources(join(root, top)));
const imports = files.flatMap(importsOf);
const shipped = imports.filter(({ from }) => !/\.test\.tsx?$|\/testing\//.test(from));
const values = shipped.filter(({ typeOnly }) => !typeOnly);

const services = ['ipp', 'jobs', 'mesh', 'coordinator', 'delivery', 'organization', 'discovery', 'os-printer'];
const layers = ['base', 'documents', 'identity', 'sealing', 'protocol'];
const folder = (path: string) => /^src-main\/([^/]+)\//.exec(path)?.[1] ?? '';

const offenders = (all: readonly Import[], wrong: (one: Import) => boolean) =>
  all.filter(wrong).map(({ from, to }) => `${from} -> ${to}`);

describe('architecture', () => {
  it('reads the import graph', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(values.some(({ from, to }) => from.startsWith('src-main/app/') && to.startsWith('src-main/ipp/'))).toBe(
      true
    );
  });

  it('electron is imported by the shell and its entry only', () => {
    expect(
      offenders(
        shipped,
        ({ from, to }) =>
          /^electron($|\/)/.test(to) && !/^src-main\/(shell\/|entry\/electron\.ts)|^src-preload\//.test(from)
      )
    ).toEqual([]);
  });

  it('the shell has no network and no cryptography', () => {
    const forbidden = /^node:(net|http|https|tls|dgram|http2|crypto|dns)$|^(fastify|node-forge|@hpke\/|@node-rs\/)/;
    expect(offenders(values, ({ from, to }) => folder(from) === 'shell' && forbidden.test(to))).toEqual([]);
  });

  it('the renderer imports the contract only, and surfaces never each other', () => {
    expect(
      offenders(
        shipped,
        ({ from, to }) =>
          from.startsWith('src-renderer/') &&
          /^src-(main|preload)\//.test(to) &&
          !to.startsWith('src-preload/contract/')
      )
    ).toEqual([]);
    const surface = (path: string) => /^src-renderer\/surfaces\/([^/]+)\//.exec(path)?.[1];
    expect(
      offenders(shipped, ({ from, to }) => Boolean(surface(from) && surface(to) && surface(from) !== surface(to)))
    ).toEqual([]);
  });

  it('the contract imports nothing but zod and itself', () => {
    expect(
      offenders(
        shipped,
        ({ from, to }) =>
          from.startsWith('src-preload/contract/') && to !== 'zod' && !to.startsWith('src-preload/contract/')
      )
    ).toEqual([]);
  });

  it('lower layers never import upper ones', () => {
    for (const [index, layer] of layers.entries()) {
      const allowed = new Set(layers.slice(0, index + 1));
      expect(
        offenders(
          values,
          ({ from, to }) =>
            folder(from) === layer &&
            to.startsWith('src-') &&
            !to.startsWith('src-preload/contract/') &&
            !allowed.has(folder(to))
        )
      ).toEqual([]);
    }
  });

  it('services know each other by type only; delivery alone prints through the IPP client', () => {
    expect(
      offenders(values, ({ from, to }) => {
        const [one, other] = [folder(from), folder(to)];
        if (!services.includes(one) || !services.includes(other) || one === other) return false;
        return !(one === 'delivery' && other === 'ipp');
      })
    ).toEqual([]);
  });

  it('nothing below app constructs the application, and only entries and the command line stand above it', () => {
    expect(
      offenders(values, ({ from, to }) => folder(to) === 'app' && !['app', 'cli', 'entry'].includes(folder(from)))
    ).toEqual([]);
    expect(
      offenders(
        values,
        ({ to, from }) => folder(to) === 'entry' || (folder(to) === 'cli' && !['cli', 'entry'].includes(folder(from)))
      )
    ).toEqual([]);
  });

  it("the ipp package's parser and serializer are imported nowhere", () => {
    expect(offenders(shipped, ({ from, to }) => /^ipp($|\/)/.test(to) && from !== 'src-main/ipp/registry.ts')).toEqual(
      []
    );
    expect(offenders(shipped, ({ to }) => /^ipp($|\/lib\/(parser|serializer|request|printer))/.test(to))).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(cycle(values)).toEqual([]);
  });
});

function sources(entry: string): string[] {
  if (statSync(entry).isFile()) return /\.tsx?$/.test(entry) && !entry.endsWith('.d.ts') ? [entry] : [];
  return readdirSync(entry).flatMap((name) => sources(join(entry, name)));
}

/** Static imports, re-exports and dynamic imports of literals. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:([\w*{}\s,$]*?)\s+from\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  return [...text.matchAll(pattern)].map(([, type, names, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    return {
      from: relative(root, file),
      to: specifier.startsWith('.') ? relative(root, resolve(dirname(file), specifier)) : specifier,
      typeOnly: Boolean(type) || onlyTypes(names)
    };
  });
}

/** `{ type A, type B }`: every name is a type. */
function onlyTypes(names: string | undefined): boolean {
  const inside = names && /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (!inside) return false;
  const all = inside
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return all.length > 0 && all.every((name) => name.startsWith('type '));
}

/** The first cycle found by depth-first search, or nothing. */
function cycle(graph: readonly Import[]): string[] {
  const edges = group(graph);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const { to } of edges.get(file) ?? []) {
      const found = visit(to);
      if (found.length) return found;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of edges.keys()) {
    const found = visit(file);
    if (found.length) return found;
  }
  return [];
}

function group(graph: readonly Import[]): Map<string, Import[]> {
  const edges = new Map<string, Import[]>();
  for (const one of graph) edges.set(one.from, [...(edges.get(one.from) ?? []), one]);
  return edges;
}
