import { type ErrorCode, isErrorCode, publicErrors, type Result } from '../../src-preload/contract/errors.ts';

/**
 * The one error of Letterlock. `code` is public and stable, `detail` is public and free of secrets, `cause` is private:
 * it stays in this process and reaches the log only through the redacting logger.
 */
export class LetterlockError extends Error {
  override readonly name = 'LetterlockError';

  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
    options?: { cause?: unknown }
  ) {
    super(`${code}: ${publicErrors[code].message}${detail ? ` (${detail})` : ''}`, options);
  }
}

/** Anything thrown, as a LetterlockError: unknown errors become `fallback`, with the original as private cause. */
export function asLetterlockError(error: unknown, fallback: ErrorCode = 'internal'): LetterlockError {
  if (error instanceof LetterlockError) return error;
  return new LetterlockError(errnoCode(error) ?? fallback, undefined, { cause: error });
}

/** POSIX error numbers that mean the same wherever they happen. */
function errnoCode(error: unknown): ErrorCode | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'storage-full' : undefined;
}

/** A result that may leave the process: the cause stays behind. */
export function failure(error: unknown): Extract<Result<never>, { ok: false }> {
  const { code, detail } = asLetterlockError(error);
  return { ok: false, code, message: publicErrors[code].message, ...(detail === undefined ? {} : { detail }) };
}

/** The other way: a failure received from another process or machine, as an error. Unknown codes become `internal`. */
export function fromFailure(value: { code?: unknown; detail?: unknown }): LetterlockError {
  return new LetterlockError(
    isErrorCode(value.code) ? value.code : 'internal',
    typeof value.detail === 'string' ? value.detail.slice(0, 500) : undefined
  );
}
