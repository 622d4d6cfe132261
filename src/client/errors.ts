import type { ExportFieldsFragment, UserErrorFieldsFragment } from './generated/operations.ts';

/** What is known of an error beside its message. */
export interface ErrorDetails {
  /** Stable: programs go by it. */
  readonly code: string;
  /** What a person can do. */
  readonly remedy: string;
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable?: boolean;
  /** For how long to wait before that, as the server said. */
  readonly retryAfterSeconds?: number | undefined;
  /** Finds the request in the log of whoever runs Outport. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Something that went wrong between a program and Outport, or that Outport refused. `code` is stable; `message` says what
 * is wrong and `remedy` what to do. Where two copies of the client may meet, go by `code` rather than by `instanceof`.
 */
export class OutportError extends Error {
  override readonly name: string = 'OutportError';
  readonly code: string;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.remedy = details.remedy;
    this.retryable = details.retryable ?? false;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.requestId = details.requestId;
  }
}

/** The token is missing, has expired or is not taken. Code `UNAUTHENTICATED`. */
export class NotAuthenticatedError extends OutportError {
  override readonly name: string = 'NotAuthenticatedError';
}

/** Outport gave no answer that could be understood. Code `UNREACHABLE` or `BAD_ANSWER`. */
export class TransportError extends OutportError {
  override readonly name: string = 'TransportError';
}

/** Outport refused a request: `userErrors` has everything that is wrong with it, `code` is that of the first. */
export class RefusedError extends OutportError {
  override readonly name: string = 'RefusedError';
  readonly userErrors: readonly UserErrorFieldsFragment[];
  /** The export that the request was about, where there is one. */
  readonly export: ExportFieldsFragment | null;

  constructor(userErrors: readonly UserErrorFieldsFragment[], about: ExportFieldsFragment | null) {
    const [first] = userErrors;
    if (!first) throw new TypeError('nothing was refused');
    super(userErrors.map(({ message }) => message).join(' '), first);
    this.userErrors = userErrors;
    this.export = about;
  }
}

/** The policies do not permit what was asked for. Code `PERMISSION_DENIED` or `DESTINATION_NOT_ALLOWED`. */
export class NotPermittedError extends RefusedError {
  override readonly name: string = 'NotPermittedError';
}

/** There is no such export, or none that the caller may see. Code `NO_SUCH_EXPORT`. */
export class NoSuchExportError extends OutportError {
  override readonly name: string = 'NoSuchExportError';

  constructor(id: string) {
    super(`There is no export "${id}" that you may see.`, {
      code: 'NO_SUCH_EXPORT',
      remedy: 'Check the id: it is the one that exportTable returned, of an export that you may see.',
    });
  }
}

/** The export that was waited for has ended without files to use: FAILED or CANCELED. `code` says why. */
export class ExportEndedError extends OutportError {
  override readonly name: string = 'ExportEndedError';
  readonly export: ExportFieldsFragment;

  constructor(ended: ExportFieldsFragment) {
    const { id, status, failure } = ended;
    super(
      `Export ${id} is ${status}${failure ? `: ${failure.message}` : '.'}`,
      failure ?? { code: 'EXPORT_CANCELED', remedy: 'Ask for the export again if it is wanted after all.' },
    );
    this.export = ended;
  }
}

/** The export has not ended in the time that was given. It goes on. Code `TIMED_OUT`. */
export class TimedOutError extends OutportError {
  override readonly name: string = 'TimedOutError';
  /** The export as it was last seen; null when it was not. */
  readonly export: ExportFieldsFragment | null;

  constructor(id: string, timeoutMs: number, last: ExportFieldsFragment | null) {
    super(`Export ${id} has not ended within ${timeoutMs / 1000} s${last ? `: it is ${last.status}` : ''}.`, {
      code: 'TIMED_OUT',
      remedy: 'The export goes on by itself: wait for it again, by the same id.',
      retryable: true,
    });
    this.export = last;
  }
}

const NOT_PERMITTED: readonly string[] = ['PERMISSION_DENIED', 'DESTINATION_NOT_ALLOWED'];

/** The error for what a mutation refused. */
export function refusal(
  userErrors: readonly UserErrorFieldsFragment[],
  about: ExportFieldsFragment | null,
): RefusedError {
  const forbidden = userErrors.some(({ code }) => NOT_PERMITTED.includes(code));
  return forbidden ? new NotPermittedError(userErrors, about) : new RefusedError(userErrors, about);
}
