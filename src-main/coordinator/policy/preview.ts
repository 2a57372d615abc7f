import type { z } from 'zod';
import {
  type PolicyChange,
  type PolicyPreview,
  type PolicyRule,
  PolicyView
} from '../../../src-preload/contract/index.ts';
import { decide, PolicyRefused } from '../../protocol/policy.ts';
import { requireDelivery } from '../delivery-grade.ts';
import type { PrinterRecord, Tables } from '../store.ts';
import { changesBetween, type PolicyContent } from './change.ts';
import { policyInForce, subjectOf } from './in-force.ts';

const days = 7;
const dayMs = 24 * 60 * 60 * 1000;

export interface PolicyWish {
  readonly settings: z.infer<typeof PolicyChange>;
  readonly set: readonly PolicyRule[];
  readonly remove: readonly string[];
}

/**
 * What a change would refuse of the releases of the last days that is allowed now: who prints where, and how it is delivered.
 * Colour, sides and pages are not looked at: the coordinator does not know how a job wanted to be printed.
 */
export async function preview(tables: Tables, wish: PolicyWish, now: number): Promise<z.infer<typeof PolicyPreview>> {
  const before = await policyInForce(tables);
  const dropped = new Set([...wish.remove, ...wish.set.map(({ id }) => id)]);
  const wished: PolicyContent = {
    settings: PolicyView.parse({ ...before.settings, ...wish.settings }),
    rules: [...before.rules.filter(({ id }) => !dropped.has(id)), ...wish.set]
  };
  const after = { ...wished, version: before.version + 1 };
  const names = new Map((await tables.users.list()).map(({ id, name }) => [id, name]));
  const printers = new Map((await tables.printers.list()).map((printer) => [printer.id, printer]));
  const releases = await tables.pageCounts.releasesSince(now - days * dayMs);

  const refused: z.infer<typeof PolicyPreview>['refused'] = [];
  for (const { user, printer: id, count } of releases) {
    const printer = printers.get(id);
    if (!printer) continue;
    const subject = await subjectOf(tables, user, { printer: id });
    if (refusal(before, subject, printer)) continue;
    const reason = refusal(after, subject, printer);
    if (!reason) continue;
    const { rule, words } = reason;
    refused.push({ user: names.get(user) ?? user, printer: printer.name, releases: count, rule, words });
  }
  return {
    releases: releases.reduce((sum, { count }) => sum + count, 0),
    refused: refused.sort((a, b) => b.releases - a.releases),
    changes: changesBetween(before, wished)
  };
}

function refusal(policy: Parameters<typeof decide>[0], subject: Parameters<typeof decide>[1], printer: PrinterRecord) {
  const { print, deliveryGrade } = decide(policy, subject);
  if (print.value === 'deny') return new PolicyRefused('print', print).reason;
  try {
    requireDelivery(printer, deliveryGrade.value);
    return null;
  } catch {
    return new PolicyRefused('deliveryGrade', deliveryGrade).reason;
  }
}
