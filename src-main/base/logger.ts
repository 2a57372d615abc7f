import pino from 'pino';

/** Structured logging. Fields whose name says that they are secret never reach the output, at any depth up to four. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(bindings: object): Logger;
}

const secretFields = [
  'pin',
  'password',
  'passphrase',
  'secret',
  'token',
  'session',
  'authorization',
  'cookie',
  'key',
  'privateKey',
  'jobPart',
  'organizationPart',
  'contentKey',
  'wrappedKey',
  'title',
  'jobName',
  'documentName',
  'metadata',
  'nonce'
];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/** Writes JSON lines to `destination` (default: standard error, so that standard output stays for results). */
export function createLogger(
  options: { level?: string; name?: string; destination?: pino.DestinationStream } = {}
): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: options.name ? { name: options.name } : {},
      redact: { paths: depths.flatMap((depth) => secretFields.map((field) => depth + field)), censor: '[redacted]' },
      serializers: { error: describeError }
    },
    options.destination ?? pino.destination({ dest: 2, sync: true })
  );
}

/** An error as fields: code and stack, never the values it was thrown with. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: error.name,
    code,
    message: error.message,
    stack: error.stack,
    cause: error.cause instanceof Error ? describeError(error.cause) : undefined
  };
}

export const silentLogger: Logger = createLogger({ level: 'silent' });
