import { join, resolve } from 'node:path';
import type { Role } from '../../src-preload/contract/index.ts';

export type ServiceRole = Role | 'coordinator';

/** A data root may hold several roles: each has the folder of its name in it. */
export const roleFolder = (dataRoot: string, role: ServiceRole): string => join(resolve(dataRoot), role);
