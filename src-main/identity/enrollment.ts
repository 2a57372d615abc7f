import { z } from 'zod';
import { DeviceId, Role } from '../../src-preload/contract/index.ts';

/** 32 bytes, base64url. */
const Bytes32 = z.string().length(43);

/** What a paired machine keeps. Certificates are PEM. */
export const Enrollment = z.object({
  device: DeviceId,
  name: z.string(),
  roles: z.array(Role),
  certificate: z.string(),
  authority: z.string(),
  organization: z.object({ id: z.uuid(), name: z.string() }),
  coordinator: z.object({ id: DeviceId, url: z.string(), signing: Bytes32, sealing: Bytes32 })
});
export type Enrollment = z.infer<typeof Enrollment>;
