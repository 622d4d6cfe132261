import { InputError, NotAllowedError, NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import { OutportError } from 'outport/client';

/** Errors that are not what the caller can do something about, although Outport tells them of the request. */
const UNAVAILABLE: readonly string[] = ['AWS_UNAVAILABLE', 'RATE_LIMITED', 'RECORDS_UNAVAILABLE'];

/** The error of Backstage, and so the HTTP status, for what went wrong with Outport. Other errors are left as they are. */
export function asBackstageError(error: unknown): unknown {
  if (!(error instanceof OutportError)) return error;
  const message = `${error.message} ${error.remedy}`;
  if (UNAVAILABLE.includes(error.code)) return new ServiceUnavailableError(message);
  switch (error.name) {
    case 'NotPermittedError':
      return new NotAllowedError(message);
    case 'RefusedError':
      return new InputError(message);
    case 'NoSuchExportError':
      return new NotFoundError(message);
    default:
      return error.code === 'BAD_USER_INPUT'
        ? new InputError(message)
        : new ServiceUnavailableError(`Outport does not answer this Backstage as it should: ${message}`);
  }
}
