import { z } from 'zod';
import { matches, parseFilter } from './filter.ts';
import { invalid, urn } from './messages.ts';

/**
 * PATCH of RFC 7644, section 3.5.2, on the plain JSON of a resource: `add`, `replace`, `remove` with paths of one attribute, of
 * one of its parts, or of those of its values that a filter finds. The result is checked like a resource that was sent whole.
 */
export const PatchBody = z.looseObject({
  schemas: z.array(z.string()).refine((all) => all.includes(urn.patch)),
  Operations: z
    .array(
      z.looseObject({
        op: z
          .string()
          .toLowerCase()
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(512).optional(),
        value: z.unknown().optional()
      })
    )
    .min(1)
    .max(100)
});
type Operation = z.infer<typeof PatchBody>['Operations'][number];
type Json = Record<string, unknown>;

const path = /^(?:urn:[a-z0-9:.]+:)?([A-Za-z][A-Za-z0-9]*)(?:\[(.+)\])?(?:\.([A-Za-z$][A-Za-z0-9]*))?$/i;
/** They say who the resource is, not what. */
const readOnly = ['id', 'meta', 'schemas', 'groups'];

export function patched(resource: object, operations: readonly Operation[]): Json {
  const result = structuredClone(resource) as Json;
  for (const operation of operations) {
    if (operation.path !== undefined) apply(result, operation, operation.path);
    else if (operation.op === 'remove') throw invalid('noTarget', 'path');
    else
      for (const [name, value] of Object.entries(object(operation.value))) apply(result, { ...operation, value }, name);
  }
  return result;
}

function apply(resource: Json, { op, value }: Operation, text: string): void {
  const [, name = '', filter, part] = path.exec(text) ?? [];
  if (name === '') throw invalid('invalidPath', 'path');
  if (readOnly.includes(name.toLowerCase())) {
    // Directories send the id back as they got it.
    if (op !== 'remove' && JSON.stringify(value) === JSON.stringify(resource[keyOf(resource, name)])) return;
    throw invalid('mutability', name);
  }
  const key = keyOf(resource, name);
  if (filter === undefined && part === undefined) change(resource, key, op, value);
  else if (filter === undefined) inPart(resource, key, part ?? '', op, value);
  else inValues(resource, key, filter, part, op, value);
}

function change(resource: Json, key: string, op: Operation['op'], value: unknown): void {
  const before = resource[key];
  if (op === 'remove') {
    // Members may be named as a value instead of a filter.
    if (Array.isArray(before) && Array.isArray(value)) resource[key] = without(before, value);
    else delete resource[key];
  } else if (op === 'add' && Array.isArray(before)) resource[key] = [...before, ...without([value].flat(), before)];
  else resource[key] = Array.isArray(before) ? [value].flat() : value;
}

function inPart(resource: Json, key: string, part: string, op: Operation['op'], value: unknown): void {
  const target = resource[key] ?? {};
  for (const one of Array.isArray(target) ? target : [target]) set(object(one), part, op, value);
  if (op !== 'remove') resource[key] = target;
}

function inValues(
  resource: Json,
  key: string,
  filter: string,
  part: string | undefined,
  op: Operation['op'],
  value: unknown
) {
  const values = resource[key] ?? [];
  if (!Array.isArray(values)) throw invalid('invalidPath', key);
  const wanted = parseFilter(filter, ['value', 'type', 'primary']);
  const found = values.filter((one) => matches(wanted, (name) => object(one)[name]));
  if (op === 'remove' && part === undefined) {
    resource[key] = values.filter((one) => !found.includes(one));
  } else if (found.length === 0) {
    if (op === 'remove') return;
    // As directories expect it of `emails[type eq "work"].value`: what is not there is made.
    if (wanted.op !== 'eq' || part === undefined) throw invalid('noTarget', filter);
    resource[key] = [...values, { [wanted.attribute]: wanted.value, [part]: value }];
  } else
    for (const one of found) part === undefined ? Object.assign(one, object(value)) : set(object(one), part, op, value);
}

function set(target: Json, part: string, op: Operation['op'], value: unknown): void {
  const key = keyOf(target, part);
  if (op === 'remove') delete target[key];
  else target[key] = value;
}

/** Attribute names have no case (RFC 7643, section 2.1). */
const known = ['userName', 'externalId', 'active', 'emails', 'displayName', 'members'];
const keyOf = (target: Json, name: string): string =>
  [...Object.keys(target), ...known].find((one) => one.toLowerCase() === name.toLowerCase()) ?? safe(name);

function safe(name: string): string {
  if (name === '__proto__') throw invalid('invalidPath', name);
  return name;
}

/** Values with the same `value` are the same. */
function without(values: readonly unknown[], others: readonly unknown[]): unknown[] {
  const identity = (one: unknown) => JSON.stringify((isObject(one) ? one.value : undefined) ?? one);
  const taken = new Set(others.map(identity));
  return values.filter((one) => !taken.has(identity(one)));
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function object(value: unknown): Json {
  if (!isObject(value)) throw invalid('invalidValue', 'value');
  return value;
}
