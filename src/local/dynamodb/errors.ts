/** A refusal as DynamoDB words it. Every one is sent with status 400 (facts §1.1). */
export class DynamoDbError extends Error {
  constructor(
    /** The whole `__type`, such as `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`. */
    readonly type: string,
    message: string,
    /** Further members of the error body, such as `Item` or `CancellationReasons`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'DynamoDbError';
  }

  /** The part of `type` that SDKs name the error by. */
  get code(): string {
    return this.type.slice(this.type.indexOf('#') + 1);
  }
}

const ofService = (name: string) => (message: string) =>
  new DynamoDbError(`com.amazonaws.dynamodb.v20120810#${name}`, message);

export const validationError = (message: string) =>
  new DynamoDbError('com.amazon.coral.validate#ValidationException', message);
/** A rule between members of an export request, which DynamoDB words apart from rules of single members. */
export const invalidRequest = (message: string) => validationError(`Invalid Request: ${message}`);
export const serializationError = (message: string) =>
  new DynamoDbError('com.amazon.coral.service#SerializationException', message);
export const unknownOperation = () => new DynamoDbError('com.amazon.coral.service#UnknownOperationException', '');
export const accessDenied = (message = 'Access is denied') =>
  new DynamoDbError('com.amazon.coral.service#AccessDeniedException', message);

export const resourceNotFound = ofService('ResourceNotFoundException');
export const resourceInUse = ofService('ResourceInUseException');
export const limitExceeded = ofService('LimitExceededException');
export const tableNotFound = ofService('TableNotFoundException');
export const recoveryUnavailable = ofService('PointInTimeRecoveryUnavailableException');
export const continuousBackupsUnavailable = ofService('ContinuousBackupsUnavailableException');
export const invalidExportTime = ofService('InvalidExportTimeException');
export const exportConflict = ofService('ExportConflictException');
export const exportNotFound = ofService('ExportNotFoundException');
export const importConflict = ofService('ImportConflictException');
export const importNotFound = ofService('ImportNotFoundException');
export const idempotentParameterMismatch = ofService('IdempotentParameterMismatchException');

/** `details` carry the CancellationReasons, one for each item of the transaction. */
export const transactionCanceled = (message: string, details: Readonly<Record<string, unknown>>) =>
  new DynamoDbError('com.amazonaws.dynamodb.v20120810#TransactionCanceledException', message, details);
