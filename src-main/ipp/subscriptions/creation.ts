import { attribute, integer } from '../attributes.ts';
import type { IppAttribute, IppGroup, IppMessage } from '../message.ts';
import { type StatusName, statusCode } from '../registry.ts';
import type { Subscription } from './subscription.ts';
import { type ReadTemplate, readTemplate, type Template } from './template.ts';

/** What became of the subscription-attributes groups of a request: one group for each, in their order. */
export interface Created {
  groups: IppGroup[];
  /** How many could be created. */
  count: number;
  /** Whether one at least could not. */
  ignored: boolean;
}

/** The subscription-attributes groups of a request. Throws IppRefusal where the whole request has to fail. */
export const readGroups = ({ groups }: IppMessage, perJob: boolean): ReadTemplate[] =>
  groups
    .filter(({ tag }) => tag === 'subscription-attributes-tag')
    .map(({ attributes }) => readTemplate(attributes, perJob));

/** RFC 3995 section 5.2 steps 6 to 8. `add` says null where there is no room; without it nothing is created (Validate-Job). */
export function createFrom(read: readonly ReadTemplate[], add?: (template: Template) => Subscription | null): Created {
  const results = read.map(({ template, unsupported, status, creatable }) => {
    const subscription = creatable ? add?.(template) : undefined;
    const created = creatable && subscription !== null;
    const outcome = subscription === null ? 'client-error-too-many-subscriptions' : status;
    const attributes = [...identity(subscription), ...statusAttribute(outcome), ...unsupported];
    return { created, group: { tag: 'subscription-attributes-tag' as const, attributes } };
  });
  const count = results.filter(({ created }) => created).length;
  return { groups: results.map(({ group }) => group), count, ignored: count < results.length };
}

function identity(subscription: Subscription | null | undefined): IppAttribute[] {
  if (!subscription) return [];
  const { id, job, template } = subscription;
  const lease = job ? [] : [integer('notify-lease-duration', template.lease)];
  return [integer('notify-subscription-id', id), ...lease];
}

const statusAttribute = (status: StatusName | null): IppAttribute[] =>
  status ? [attribute('notify-status-code', { tag: 'enum', value: statusCode(status) })] : [];
