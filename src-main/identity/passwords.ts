import { type Algorithm, hash, verify } from '@node-rs/argon2';

/** argon2id (RFC 9106), 19 MiB, two passes, off the main thread: for PINs and passwords. */
const options = {
  algorithm: 2 satisfies Algorithm.Argon2id as Algorithm,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1
};

/** PHC string. */
export const hashPassword = (password: string): Promise<string> => hash(password, options);

/** Without a hash it takes as long and says no: whoever asks cannot tell an unknown name from a wrong password. */
export async function passwordMatches(password: string, passwordHash: string | null | undefined): Promise<boolean> {
  nobody ??= hashPassword('nobody has this password');
  const matches = await verify(passwordHash ?? (await nobody), password);
  return matches && passwordHash != null;
}

let nobody: Promise<string> | undefined;
